"""How far each worker has read the archive. A mark only ever rises, whoever writes last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.models import Watermark
from engine.database import insert


def read(session: Session, name: str) -> int:
    """The `ingest_seq` up to which this worker has read everything; 0 before it began."""
    return session.scalars(select(Watermark.seq).where(Watermark.name == name)).one_or_none() or 0


def updated(session: Session, name: str) -> datetime | None:
    """When the mark last rose; None before it began."""
    return session.scalars(select(Watermark.updated).where(Watermark.name == name)).one_or_none()


def advance(session: Session, name: str, seq: int, now: datetime) -> int:
    """Raise the mark to `seq`; a lower one changes nothing. Returns the mark in force."""
    row = insert(session, Watermark).values(name=name, seq=seq, updated=now)
    session.execute(
        row.on_conflict_do_update(
            index_elements=[Watermark.name],
            set_={"seq": row.excluded.seq, "updated": row.excluded.updated},
            where=Watermark.seq < row.excluded.seq,
        )
    )
    return read(session, name)
