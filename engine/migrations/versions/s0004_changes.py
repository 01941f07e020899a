"""Whether any saved search was changed, told from an index: a worker asks at every look."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_saved_searches_changes", "saved_searches", ["paused", "updated", "revision", "after_seq"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_saved_searches_changes", "saved_searches")
