"""Work that goes on until it is told to stop, whatever is away meanwhile.

What fails is tried again after a delay that grows; what is wrong is said once, when it begins, and that it is over. Each
work has a thread, so that a receiver that is slow to answer holds up no match.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import structlog

from engine.errors import DepechesError

log = structlog.get_logger()

# Seconds between two looks: what a reader takes for "at once", and a look with nothing new is one small search.
PAUSE = 1.0

# Seconds between two tries while the engine or the database is away.
LONGEST_PAUSE = 30.0

# Does what there is to do; whether there may be more at once.
Work = Callable[[], bool]
Report = Callable[[str], None]


def keep_on(works: Mapping[str, Work], stop: threading.Event, report: Report, *, pause: float = PAUSE) -> None:
    """Do these works, each in a thread of its own, until `stop` is set.

    Args:
        works: by the name it has in what is reported.
        report: takes lines for the operator, in French, from any thread.
        pause: seconds between two looks.
    """
    threads = [
        threading.Thread(target=_repeat, args=(name, work, stop, report, pause), name=name)
        for name, work in works.items()
    ]
    for thread in threads:
        thread.start()
    stop.wait()
    for thread in threads:
        thread.join()


def _repeat(name: str, work: Work, stop: threading.Event, report: Report, pause: float) -> None:
    wait, wrong = 0.0, ""
    while not stop.wait(wait):
        try:
            more = work()
        except Exception as error:
            wait = min(max(wait, pause) * 2, LONGEST_PAUSE)
            if (said := _said(error)) != wrong:
                report(f"{name} : {said} Nouvel essai bientôt, et jusqu'à ce que cela aille.")
            wrong = said
            continue
        if wrong:
            report(f"{name} : de nouveau en marche.")
        wait, wrong = 0.0 if more else pause, ""


def _said(error: Exception) -> str:
    if isinstance(error, DepechesError):
        return error.detail
    # Ours: nothing the operator can mend, but the others need not stop for it.
    log.error("alertes", exc_info=error)
    return f"erreur de l'archive ({type(error).__name__})."
