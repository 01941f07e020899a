"""`depeches alerts`: the worker that matches and delivers, by steps or until it is stopped, and where it is.

The work itself is in `terminal/alerting.py`, which only these commands wait to be read.
"""

from __future__ import annotations

import click

from engine.config import Settings
from terminal.french import Group


@click.group("alerts", cls=Group)
def alerts() -> None:
    """Les alertes : suivre, envoyer, savoir où elles en sont."""


@alerts.command("run")
@click.pass_obj
def run(settings: Settings) -> None:
    """Suit les recherches enregistrées et envoie les alertes, jusqu'à l'arrêt (Ctrl-C)."""
    from terminal import alerting

    alerting.run(settings)


@alerts.command("match")
@click.option("--once", is_flag=True, help="Une fois, puis s'arrête ; sinon jusqu'à l'arrêt (Ctrl-C).")
@click.pass_obj
def match(settings: Settings, once: bool) -> None:
    """Pose les recherches enregistrées aux nouvelles dépêches, sans rien envoyer."""
    from terminal import alerting

    alerting.match(settings, once=once)


@alerts.command("deliver")
@click.option("--once", is_flag=True, help="Ce qui est dû, puis s'arrête ; sinon jusqu'à l'arrêt (Ctrl-C).")
@click.pass_obj
def deliver(settings: Settings, once: bool) -> None:
    """Envoie ce qui attend, sans rien chercher."""
    from terminal import alerting

    alerting.deliver(settings, once=once)


@alerts.command("status")
@click.pass_obj
def status(settings: Settings) -> None:
    """Dit où elles en sont : recherches, envois, ce qui est en retard ou abandonné, et pourquoi."""
    from terminal import alerting

    alerting.show_status(settings)


@alerts.command("replay")
@click.argument("ids", nargs=-1, metavar="[ENVOI]...")
@click.pass_obj
def replay(settings: Settings, ids: tuple[str, ...]) -> None:
    """Remet en attente ce qui a été abandonné : tout, ou ces envois."""
    from terminal import alerting

    alerting.replay(settings, ids)


def check(settings: Settings) -> str:
    """The line of `doctor`. Raises: AlertsStuck."""
    from terminal import alerting

    return alerting.check(settings)
