"""What is long done is deleted by handfuls, so that the tables of a busy archive stop growing.

Never what waits or was given up, nor what it carries. A hit that is deleted is no more announced if its dispatch is corrected
or withdrawn, so what is kept is counted in months.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, not_, select

from alerts import watermarks
from alerts.match import WATERMARK
from alerts.models import Delivery, DeliveryHit, Hit
from engine.database import Database

# Rows of one transaction: SQLite has one writer, who keeps the others waiting some 20 ms for so many.
HANDFUL = 500

# A matcher that starts again reads the end of what was matched once more (`match.OVERLAP`), and would announce anew what no
# hit remembers: in an archive that has been quiet for long, its last dispatches.
READ_AGAIN = timedelta(days=1)


def forget(database: Database, before: datetime, limit: int = HANDFUL) -> int:
    """Delete some of what ended before a moment: messages that were accepted, then hits that no message carries.

    Returns:
        how many rows; 0 when there is nothing more.

    Raises:
        DatabaseError.
    """
    # Looked for in a transaction that only reads: finding nothing among a million rows holds nobody up.
    with database.reading() as session:
        done = session.scalars(select(Delivery.id).where(_sent(before)).limit(limit)).all()
        mark = watermarks.updated(session, WATERMARK)
        settled = min(before, mark - READ_AGAIN) if mark else before
        told = [] if done else session.scalars(select(Hit.id).where(_untied(settled)).limit(limit)).all()
    if not (done or told):
        return 0
    with database.writing() as session:
        # Said again, since it may have changed meanwhile.
        session.execute(delete(Delivery).where(Delivery.id.in_(done), _sent(before)))
        session.execute(delete(Hit).where(Hit.id.in_(told), _untied(settled)))
    return len(done) + len(told)


def _sent(before: datetime) -> ColumnElement[bool]:
    return and_(Delivery.state == "done", Delivery.ended < before)


def _untied(before: datetime) -> ColumnElement[bool]:
    return and_(Hit.matched_at < before, not_(exists().where(DeliveryHit.hit_id == Hit.id)))
