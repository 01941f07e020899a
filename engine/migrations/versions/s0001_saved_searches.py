"""Users, keys, saved searches, channels, hits, deliveries, watermarks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# As `engine.tables.Number` was when this step was written: a step does not change when the tables do.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_table(
        "watermarks",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_watermarks")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("handle", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_keys_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("handle", name=op.f("uq_api_keys_handle")),
    )
    op.create_index(op.f("ix_api_keys_user_id"), "api_keys", ["user_id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("owner_id", NUMBER, nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("target", sa.String(length=1000), nullable=False),
        sa.Column("bundle", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.String(length=200), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'claimed', 'done', 'dead')", name=op.f("ck_deliveries_state")),
        sa.CheckConstraint("type IN ('feed', 'email', 'webhook')", name=op.f("ck_deliveries_type")),
        sa.CheckConstraint("(due IS NULL) = (state IN ('done', 'dead'))", name=op.f("ck_deliveries_due")),
        sa.CheckConstraint("(ended IS NULL) = (state IN ('pending', 'claimed'))", name=op.f("ck_deliveries_ended")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_deliveries_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("bundle", name=op.f("uq_deliveries_bundle")),
    )
    op.create_index(op.f("ix_deliveries_due"), "deliveries", ["due"], unique=False)
    op.create_index(op.f("ix_deliveries_owner_id"), "deliveries", ["owner_id"], unique=False)
    op.create_table(
        "saved_searches",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("owner_id", NUMBER, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("paused", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pause_reason", sa.Text(), nullable=True),
        sa.Column("back_loads", sa.Boolean(), nullable=False),
        sa.Column("feed_token", sa.String(length=43), nullable=False),
        sa.Column("after_seq", sa.BigInteger(), nullable=False),
        sa.Column("analysis", sa.String(length=64), nullable=True),
        sa.Column("required", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_saved_searches_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_searches")),
        sa.UniqueConstraint("feed_token", name=op.f("uq_saved_searches_feed_token")),
    )
    op.create_index(op.f("ix_saved_searches_owner_id"), "saved_searches", ["owner_id"], unique=False)
    op.create_table(
        "channels",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("saved_search_id", sa.String(length=16), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("target", sa.String(length=1000), nullable=False),
        sa.Column("frequency", sa.String(length=16), nullable=False),
        sa.Column("hour", sa.SmallInteger(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("secret", sa.String(length=100), nullable=True),
        sa.Column("old_secret", sa.String(length=100), nullable=True),
        sa.Column("old_secret_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "frequency IN ('immediate', 'hourly', 'daily', 'weekly')", name=op.f("ck_channels_frequency")
        ),
        sa.CheckConstraint("type IN ('feed', 'email', 'webhook')", name=op.f("ck_channels_type")),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name=op.f("ck_channels_hour")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_channels_weekday")),
        sa.ForeignKeyConstraint(
            ["saved_search_id"], ["saved_searches.id"], name=op.f("fk_channels_saved_search_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint("saved_search_id", "type", "target", name=op.f("uq_channels_saved_search_id_type_target")),
    )
    op.create_table(
        "hits",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("saved_search_id", sa.String(length=16), nullable=False),
        sa.Column("dispatch", sa.String(length=512), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('new', 'correction', 'withdrawal')", name=op.f("ck_hits_kind")),
        sa.ForeignKeyConstraint(
            ["saved_search_id"], ["saved_searches.id"], name=op.f("fk_hits_saved_search_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hits")),
    )
    op.create_index("ix_hits_dispatch", "hits", ["dispatch"], unique=False)
    op.create_index("ix_hits_newest", "hits", ["saved_search_id", "id"], unique=False)
    op.create_index(
        "uq_hits_arrival",
        "hits",
        ["saved_search_id", "dispatch"],
        unique=True,
        postgresql_where=sa.text("kind <> 'withdrawal'"),
        sqlite_where=sa.text("kind <> 'withdrawal'"),
    )
    op.create_index(
        "uq_hits_withdrawal",
        "hits",
        ["saved_search_id", "dispatch"],
        unique=True,
        postgresql_where=sa.text("kind = 'withdrawal'"),
        sqlite_where=sa.text("kind = 'withdrawal'"),
    )
    op.create_table(
        "delivery_hits",
        sa.Column("channel_id", sa.String(length=16), nullable=False),
        sa.Column("hit_id", NUMBER, nullable=False),
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_delivery_hits_channel_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_delivery_hits_delivery_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["hit_id"], ["hits.id"], name=op.f("fk_delivery_hits_hit_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("channel_id", "hit_id", name=op.f("pk_delivery_hits")),
    )
    op.create_index(op.f("ix_delivery_hits_delivery_id"), "delivery_hits", ["delivery_id"], unique=False)
    op.create_index(op.f("ix_delivery_hits_hit_id"), "delivery_hits", ["hit_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_delivery_hits_hit_id"), table_name="delivery_hits")
    op.drop_index(op.f("ix_delivery_hits_delivery_id"), table_name="delivery_hits")
    op.drop_table("delivery_hits")
    op.drop_index(
        "uq_hits_withdrawal",
        table_name="hits",
        postgresql_where=sa.text("kind = 'withdrawal'"),
        sqlite_where=sa.text("kind = 'withdrawal'"),
    )
    op.drop_index(
        "uq_hits_arrival",
        table_name="hits",
        postgresql_where=sa.text("kind <> 'withdrawal'"),
        sqlite_where=sa.text("kind <> 'withdrawal'"),
    )
    op.drop_index("ix_hits_newest", table_name="hits")
    op.drop_index("ix_hits_dispatch", table_name="hits")
    op.drop_table("hits")
    op.drop_table("channels")
    op.drop_index(op.f("ix_saved_searches_owner_id"), table_name="saved_searches")
    op.drop_table("saved_searches")
    op.drop_index(op.f("ix_deliveries_owner_id"), table_name="deliveries")
    op.drop_index(op.f("ix_deliveries_due"), table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_index(op.f("ix_api_keys_user_id"), table_name="api_keys")
    op.drop_table("api_keys")
    op.drop_table("watermarks")
    op.drop_table("users")
