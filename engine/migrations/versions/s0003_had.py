"""What a saved search could find already of the batch that was becoming visible when it was saved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("saved_searches", sa.Column("had", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("saved_searches", "had")
