"""Nothing that readers see is French whatever their language: no text of templates or code stands outside the catalogue."""

from __future__ import annotations

import pytest

from tests.web.unwrapped import in_code, in_template
from web.extraction import ROOM

TEMPLATES = sorted((ROOM / "templates").iterdir())
# Those that speak English themselves, or to whoever programs.
OTHERS = {"english.py", "extraction.py"}
MODULES = [path for path in sorted(ROOM.glob("*.py")) if path.name not in OTHERS]


def test_nothing_of_templates_is_french_whatever_the_language() -> None:
    left = [
        f"{path.relative_to(ROOM.parent)}:{line}: {text}"
        for path in TEMPLATES
        for line, text in in_template(path.read_text(encoding="utf-8"))
    ]
    assert not left, "\n" + "\n".join(left)


def test_nothing_of_code_is_french_whatever_the_language() -> None:
    left = [
        f"{path.relative_to(ROOM.parent)}:{line}: {text}"
        for path in MODULES
        for line, text in in_code(path.read_text(encoding="utf-8"))
    ]
    assert not left, "\n" + "\n".join(left)


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>Chercher</p>", [(1, "Chercher")]),
        ('<p>{{ _("Chercher") }}</p>', []),
        ("<p>{% trans %}Chercher{% endtrans %}</p>", []),
        ("\n<p>{% trans %}Un{% endtrans %} reste</p>", [(2, "reste")]),
        ("<p>\n  {{ x }} autres</p>", [(2, "… autres")]),
        ('<p title="Chercher">{{ x }}</p>', [(1, "title='Chercher'")]),
        ("""<p title="{{ _('Chercher') }}" class="chercher">Dépêches – {{ x }}</p>""", []),
        ('<p>{{ "Oui" if x else _("Non") }}</p>', [(1, '"Oui"')]),
        ('<p>{{ _("Oui" if x else "Non") }}{{ counted(n, "dépêche") }}</p>', []),
        ('<p>{{ counted(n, "dépêche") }}{{ "s" if n > 1 }}</p>', [(1, '"s"')]),
        ('<input type="{{ "email" if x else "url" }}" placeholder="{{ "nom" if x }}">', [(1, '"nom"')]),
        ('{% set title = "Un titre" %}{% if x == "un" %}<kbd>n</kbd>{% endif %}', [(1, '"Un titre"')]),
        ("<a href=\"{{ url_for('web.page') }}\">{{ url_for('web.page') }}</a>, {{ x|replace('un', 'deux') }}", []),
        ("{{ field('from', _('Du')) }}{{ field('from', 'Du') }}", [(1, "'Du'")]),
        ('<p>{{ _("Un") if x == "un" else "deux" }}</p>', [(1, '"deux"')]),
        ("<p>{{ x }}&nbsp;: {{ y }}</p>", [(1, "… : …")]),
        ("{% block page %}alerts{% endblock %}{% block title %}Alertes{% endblock %}", [(1, "Alertes")]),
    ],
)
def test_what_is_found_in_a_template(template: str, found: list[tuple[int, str]]) -> None:
    assert list(in_template(template)) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('x = "dépêche"', [(1, "dépêche")]),
        ('x = _("dépêche")', []),
        ('x = f"Page {n} suivante et fin"', [(1, " suivante et fin")]),
        ('"""Une pièce."""\nraise BadParameter("Ce n\'est pas cela.")', []),
        ('x = noted("à l’heure") or counted(2, "dépêche")', []),
        ('x = {"page": "web.page", "n": "n-1"}', []),
    ],
)
def test_what_is_found_in_code(code: str, found: list[tuple[int, str]]) -> None:
    assert list(in_code(code)) == found
