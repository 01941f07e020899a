"""What an owner asks for, checked: a name, a question the archive can answer, channels that can be reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from alerts import targets
from alerts.params import check
from alerts.preview import alone
from alerts.saved import WantedChannel
from engine.config import Settings
from engine.errors import BadParameter
from search.service import Archive

LONGEST_NAME = 200


def name_of(text: str) -> str:
    """A name in one spelling. Raises: BadParameter: it is none."""
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadParameter(f"name : un nom, de 1 à {LONGEST_NAME} caractères imprimables.")
    return name


def question_of(archive: Archive, params: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Parameters (canonical) that the archive can answer, and by which new dispatches can be told apart.

    Raises:
        RequestError: they cannot be read, or would meet everything; says which part and why.
    """
    archive.search(alone(check(params)))
    return {name: list(values) for name, values in params.items()}


def channel_of(wanted: WantedChannel, settings: Settings) -> WantedChannel:
    """The channel, its target in one spelling. Raises: BadParameter: it cannot be reached; says why."""
    if wanted.type == "email":
        return replace(wanted, target=targets.email(wanted.target))
    if wanted.type == "webhook":
        return replace(wanted, target=targets.webhook(wanted.target, settings).url)
    if wanted.target:
        raise BadParameter("un canal « feed » n'a pas d'adresse : la sienne est donnée par l'archive.")
    return wanted
