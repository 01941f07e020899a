"""Settings from the environment: defaults, and a clear French error for each wrong value."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.config import Settings
from engine.errors import ConfigurationError


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ELASTICSEARCH_URL", "ELASTICSEARCH_API_KEY", "DEPECHES_DATA_DIR", "PORT", "HOST"):
        monkeypatch.delenv(name, raising=False)


def test_defaults_are_local() -> None:
    settings = Settings.from_env()
    assert (settings.host, settings.port, settings.elasticsearch_url) == ("127.0.0.1", 8000, None)
    assert settings.index_prefix == "depeches"


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELASTICSEARCH_URL", " ")
    assert Settings.from_env().elasticsearch_url is None


def test_values_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PORT", "9001")
    monkeypatch.setenv("DEPECHES_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DEPECHES_NODE_SECURITY", "true")
    settings = Settings.from_env()
    assert (settings.port, settings.data_dir, settings.node_security) == (9001, tmp_path, True)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("HOST", "unix:/run/depeches.sock", "DEPECHES_PUBLIC_URL"),
        ("PORT", "abc", "n'est pas un nombre"),
        ("PORT", "70000", "compris entre 1 et 65535"),
        ("DEPECHES_NODE_SECURITY", "peut-être", "true ou false"),
        ("DEPECHES_TIMEZONE", "Paris", "Europe/Paris"),
        ("DEPECHES_TIMEZONE", "../etc", "nom IANA"),
        ("DEPECHES_INDEX_PREFIX", "Dépêches*", "minuscules"),
        ("ELASTICSEARCH_URL", "localhost:9200", "http://"),
        ("ELASTICSEARCH_CA_CERTS", "/nulle/part.crt", "n'existe pas"),
        ("DEPECHES_NODE_HEAP", "beaucoup", "1g"),
        ("DEPECHES_LOG_FORMAT", "xml", "console ou json"),
        ("DEPECHES_USER_HEADER", "Remote-User", "vont ensemble"),
        ("DEPECHES_USER_HEADER", "Remote User", "nom d'en-tête"),
        ("DEPECHES_TRUSTED_PROXIES", "10.1.0.0/16", "vont ensemble"),
        ("DEPECHES_TRUSTED_PROXIES", "10.1.2.3/16", "10.1.0.0/16"),
        ("DEPECHES_TRUSTED_PROXIES", "portail", "réseau"),
        ("DEPECHES_ANONYMOUS_SCOPES", "search ingest", "search"),
        ("DEPECHES_GROUPS_HEADER", "Remote Groups", "nom d'en-tête"),
        ("DEPECHES_GROUPS_HEADER", "Remote-Groups", "DEPECHES_USER_HEADER"),
        ("DEPECHES_GROUP_SCOPES", "documentation", "groupe=portée"),
        ("DEPECHES_GROUP_SCOPES", "=search", "groupe=portée"),
        ("DEPECHES_GROUP_SCOPES", "documentation=", "groupe=portée"),
        ("DEPECHES_GROUP_SCOPES", "documentation=lire", "« lire » n'est pas une portée"),
        ("DEPECHES_GROUP_SCOPES", "a=search; a=admin", "deux fois"),
        ("DEPECHES_GROUP_SCOPES", "documentation=ingest", "DEPECHES_GROUPS_HEADER"),
        ("DEPECHES_GROUP_REQUIRED", "true", "n'ouvrirait l'archive à personne"),
        ("DEPECHES_OIDC_ISSUER", "https://sso.exemple.fr", "vont ensemble"),
        ("DEPECHES_OIDC_CLIENT_SECRET", "secret", "vont ensemble"),
        ("DEPECHES_SESSION_HOURS", "0", "compris"),
        ("DEPECHES_SIGN_OUT_URL", "javascript:alert(1)", "déconnecte"),
        ("DATABASE_TIMEOUT", "0", "compris"),
        ("DEPECHES_PUBLIC_URL", "portail.exemple.fr", "https://portail.exemple.fr/depeches"),
        ("DEPECHES_PUBLIC_URL", "https://portail.exemple.fr/?page=depeches", "chemin"),
        ("DEPECHES_PUBLIC_URL", "https://compte@portail.exemple.fr", "chemin"),
        ("DEPECHES_PUBLIC_URL", "https://portail.exemple.fr/a//b", "chemin"),
        *(
            ("DEPECHES_PORTAL_ORIGINS", value, cure)
            for value, cure in (
                ("*", "https://intranet.exemple.fr"),
                ("null", "origine d'une page"),
                ("self", "origine d'une page"),
                ("intranet.exemple.fr", "https://intranet.exemple.fr"),
                ("https://a.fr https://B.fr", "en minuscules"),
                ("https://a.fr/", "sans chemin"),
                ("https://*.a.fr", "origine d'une page"),
                ("https://a.fr:443", "ôtez « :443 »"),
                ("https://a.fr:99999999", "origine d'une page"),
            )
        ),
        ("DEPECHES_FRAME_ANCESTORS", "*", "origine d'une page"),
        ("DEPECHES_FRAME_ANCESTORS", "https://*", "https://*"),
        ("DEPECHES_FRAME_ANCESTORS", "https:", "origine d'une page"),
        ("DEPECHES_FRAME_ANCESTORS", "'none'", "origine d'une page"),
        ("DEPECHES_FRAME_ANCESTORS", "https://a.fr;script-src", "origine d'une page"),
        ("DEPECHES_FRAME_ANCESTORS", "https://a.*.fr", "origine d'une page"),
        ("DEPECHES_FRAME_ANCESTORS", "http://*.a.fr:80", "ôtez « :80 »"),
    ],
)
def test_a_wrong_value_names_the_variable_and_the_cure(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=name) as error:
        Settings.from_env()
    assert said in error.value.detail


def test_origins_are_read_as_browsers_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "DEPECHES_PORTAL_ORIGINS", "https://intranet.exemple.fr, http://localhost:8080 http://[::1]:9000"
    )
    monkeypatch.setenv("DEPECHES_FRAME_ANCESTORS", "self https://*.exemple.fr")
    settings = Settings.from_env()
    assert settings.portal_origins == ("https://intranet.exemple.fr", "http://localhost:8080", "http://[::1]:9000")
    assert settings.frame_ancestors == ("self", "https://*.exemple.fr")


OIDC = {
    "DEPECHES_OIDC_ISSUER": "https://sso.exemple.fr/realms/presse",
    "DEPECHES_OIDC_CLIENT_ID": "depeches",
    "DEPECHES_OIDC_CLIENT_SECRET": "secret",
    "DEPECHES_PUBLIC_URL": "https://depeches.exemple.fr",
}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"DEPECHES_OIDC_ISSUER": "http://sso.exemple.fr"}, "en https"),
        ({"DEPECHES_OIDC_ISSUER": "http://localhost.exemple.fr"}, "en https"),
        ({"DEPECHES_OIDC_ISSUER": "https://sso.exemple.fr/.well-known/openid-configuration"}, "en https"),
        ({"DEPECHES_PUBLIC_URL": ""}, "DEPECHES_PUBLIC_URL"),
        ({"DEPECHES_USER_HEADER": "Remote-User", "DEPECHES_TRUSTED_PROXIES": "10.1.2.3"}, "l'un ou l'autre"),
        ({"DEPECHES_OIDC_SCOPES": "profile groups"}, "openid"),
    ],
)
def test_a_provider_that_cannot_be_used_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], said: str
) -> None:
    for name, value in OIDC.items():
        monkeypatch.setenv(name, value)
    settings = Settings.from_env()
    assert "oidc_client_secret" not in repr(settings)
    for name, value in changed.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as error:
        Settings.from_env()
    assert said in error.value.detail
