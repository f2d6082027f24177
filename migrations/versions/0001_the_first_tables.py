"""The first tables.

The rule: during an upgrade the previous release's code runs on this schema, too. So expand first
(new tables, nullable columns, new indexes) and contract one release later; never rename, drop or
tighten what the previous release still uses. Write for both dialects, change tables in SQLite with
`op.batch_alter_table`, and fill data in portions. `downgrade` restores the schema before.
"""

import sqlalchemy as sa
from alembic import op

from core import db

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("at", db.Instant(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("detail", db.Json(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
    )
    op.create_table(
        "blobs",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("media", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("created_at", db.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blobs")),
    )
    op.create_table(
        "buttons",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("card_key", sa.String(length=128), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("verb", sa.String(length=32), nullable=False),
        sa.Column("params", db.Json(), nullable=False),
        sa.Column("single", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("expires_at", db.Instant(), nullable=True),
        sa.Column("created_at", db.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_buttons")),
    )
    with op.batch_alter_table("buttons", schema=None) as batch_op:
        batch_op.create_index("ix_buttons_card", ["chat_id", "card_key"], unique=False)

    op.create_table(
        "cards",
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_at", db.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "key", name=op.f("pk_cards")),
    )
    op.create_table(
        "inbox",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("body", db.Json(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("received_at", db.Instant(), nullable=False),
        sa.Column("finished_at", db.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index("ix_inbox_state", ["state", "received_at"], unique=False)

    op.create_table(
        "intake",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("why", sa.String(length=64), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("received_at", db.Instant(), nullable=False),
        sa.Column("finished_at", db.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_intake")),
        sa.UniqueConstraint("source", "update_id", name=op.f("uq_intake_source_update_id")),
    )
    with op.batch_alter_table("intake", schema=None) as batch_op:
        batch_op.create_index("ix_intake_state_seq", ["state", "seq"], unique=False)

    op.create_table(
        "nodes",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("sign_key", sa.String(length=64), nullable=False),
        sa.Column("seal_key", sa.String(length=64), nullable=False),
        sa.Column("is_mine", sa.Boolean(), nullable=False),
        sa.Column("boot", sa.String(length=32), nullable=True),
        sa.Column("can", db.Json(), nullable=True),
        sa.Column("load", db.Json(), nullable=True),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("last_hello_at", db.Instant(), nullable=True),
        sa.Column("created_at", db.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_nodes")),
    )
    op.create_table(
        "notices",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("form", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("params", db.Json(), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("reply_to", sa.BigInteger(), nullable=True),
        sa.Column("run_id", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("parts_sent", sa.Integer(), nullable=False),
        sa.Column("maybe_sent", sa.Boolean(), nullable=False),
        sa.Column("not_before", db.Instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", db.Instant(), nullable=False),
        sa.Column("sent_at", db.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index("ix_notices_key", ["chat_id", "key", "revision"], unique=False)
        batch_op.create_index("ix_notices_state_urgency", ["state", "urgency", "id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("body", db.Json(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", db.Instant(), nullable=False),
        sa.Column("created_at", db.Instant(), nullable=False),
        sa.Column("accepted_at", db.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_state_next", ["state", "next_at"], unique=False)

    op.create_table(
        "pairings",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", db.Instant(), nullable=False),
        sa.Column("expires_at", db.Instant(), nullable=False),
        sa.Column("used_at", db.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_pairings")),
    )
    op.create_table(
        "preferences",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("value", db.Json(), nullable=False),
        sa.Column("changed_at", db.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_preferences")),
    )
    op.create_table(
        "runs",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("workflow", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("args", db.Json(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("key", sa.String(length=128), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("lane", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("waiting", sa.String(length=16), nullable=True),
        sa.Column("waiting_for", sa.String(length=64), nullable=True),
        sa.Column("wake_at", db.Instant(), nullable=True),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("reply_to", sa.BigInteger(), nullable=True),
        sa.Column("thread_id", sa.String(length=32), nullable=True),
        sa.Column("cancel", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("lease_until", db.Instant(), nullable=True),
        sa.Column("error", db.Json(), nullable=True),
        sa.Column("result", db.Json(), nullable=True),
        sa.Column("created_at", db.Instant(), nullable=False),
        sa.Column("updated_at", db.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_runs")),
        sa.UniqueConstraint("id", name=op.f("uq_runs_id")),
        sa.UniqueConstraint("key", "round", name=op.f("uq_runs_key_round")),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index("ix_runs_lane_seq", ["lane", "seq"], unique=False)
        batch_op.create_index("ix_runs_state_updated", ["state", "updated_at"], unique=False)

    op.create_table(
        "sent_messages",
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=True),
        sa.Column("notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sent_at", db.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "message_id", name=op.f("pk_sent_messages")),
    )
    op.create_table(
        "threads",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column(
            "summary_upto", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("created_at", db.Instant(), nullable=False),
        sa.Column("changed_at", db.Instant(), nullable=False),
        sa.Column("deleted_at", db.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threads")),
    )
    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.create_index("ix_threads_chat", ["chat_id", "changed_at"], unique=False)

    op.create_table(
        "blob_parts",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"], ["blobs.sha256"], name=op.f("fk_blob_parts_sha256"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sha256", "offset", name=op.f("pk_blob_parts")),
    )
    op.create_table(
        "messages",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("thread_id", sa.String(length=32), nullable=False),
        sa.Column("parent_id", sa.String(length=32), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("run_id", sa.String(length=32), nullable=True),
        sa.Column("telegram_id", sa.BigInteger(), nullable=True),
        sa.Column("endpoint", sa.String(length=128), nullable=True),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("created_at", db.Instant(), nullable=False),
        sa.Column("changed_at", db.Instant(), nullable=False),
        sa.Column("deleted_at", db.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_messages_thread_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_messages")),
        sa.UniqueConstraint("id", name=op.f("uq_messages_id")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index("ix_messages_run", ["run_id"], unique=False)
        batch_op.create_index("ix_messages_thread_seq", ["thread_id", "seq"], unique=False)

    op.create_table(
        "steps",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=True),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("inputs", db.Json(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("gate", sa.String(length=8), nullable=True),
        sa.Column("action", db.Json(), nullable=True),
        sa.Column("outcome", db.Json(), nullable=True),
        sa.Column("error", db.Json(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", db.Instant(), nullable=True),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("lease_until", db.Instant(), nullable=True),
        sa.Column("created_at", db.Instant(), nullable=False),
        sa.Column("updated_at", db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name=op.f("fk_steps_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("pk_steps")),
    )
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.create_index("ix_steps_state_place", ["state", "place"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.drop_index("ix_steps_state_place")

    op.drop_table("steps")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("ix_messages_thread_seq")
        batch_op.drop_index("ix_messages_run")

    op.drop_table("messages")
    op.drop_table("blob_parts")
    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.drop_index("ix_threads_chat")

    op.drop_table("threads")
    op.drop_table("sent_messages")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index("ix_runs_state_updated")
        batch_op.drop_index("ix_runs_lane_seq")

    op.drop_table("runs")
    op.drop_table("preferences")
    op.drop_table("pairings")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_state_next")

    op.drop_table("outbox")
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index("ix_notices_state_urgency")
        batch_op.drop_index("ix_notices_key")

    op.drop_table("notices")
    op.drop_table("nodes")
    with op.batch_alter_table("intake", schema=None) as batch_op:
        batch_op.drop_index("ix_intake_state_seq")

    op.drop_table("intake")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index("ix_inbox_state")

    op.drop_table("inbox")
    op.drop_table("cards")
    with op.batch_alter_table("buttons", schema=None) as batch_op:
        batch_op.drop_index("ix_buttons_card")

    op.drop_table("buttons")
    op.drop_table("blobs")
    op.drop_table("audit")
