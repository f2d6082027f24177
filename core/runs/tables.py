"""The tables of the engine, its notices and its exchange with nodes.

Migrations carry their history; the contract test keeps both equal. All times are UTC instants
(microseconds), all JSON is canonical text.
"""

from __future__ import annotations

import sqlalchemy as sa

from core.db import BigId, Instant, Json, metadata

intake = sa.Table(
    "intake",
    metadata,
    # One row per update, committed raw before Telegram may forget it. `seq` is the arrival order:
    # update ids restart at random after a quiet week, so they only serve against doubles.
    sa.Column("seq", BigId, primary_key=True, autoincrement=True),
    sa.Column("source", sa.String(32), nullable=False),  # bot id
    sa.Column("update_id", sa.BigInteger, nullable=False),
    sa.Column("raw", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # new done refused aside dead
    sa.Column("why", sa.String(64)),  # the rule that set it aside, or the error's code
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("finished_at", Instant),
    sa.UniqueConstraint("source", "update_id"),
    sa.Index("ix_intake_state_seq", "state", "seq"),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("seq", BigId, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column("workflow", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("args", Json, nullable=False),
    sa.Column("title", sa.Text),  # the owner's words, for /jobs
    sa.Column("key", sa.String(128)),  # unique with `round`: scheduled runs exist once per slot
    sa.Column("round", sa.Integer, nullable=False, default=0),  # raised by Again
    sa.Column("lane", sa.String(64)),  # runs of one lane begin in order of seq
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("waiting", sa.String(16)),
    sa.Column("waiting_for", sa.String(64)),
    sa.Column("wake_at", Instant),
    sa.Column("label", sa.String(16), nullable=False),
    sa.Column("chat_id", sa.BigInteger),
    sa.Column("reply_to", sa.BigInteger),
    sa.Column("thread_id", sa.String(32)),
    sa.Column("cancel", sa.Boolean, nullable=False, default=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("lease", sa.String(32)),
    sa.Column("lease_until", Instant),
    sa.Column("error", Json),
    sa.Column("result", Json),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.UniqueConstraint("key", "round"),
    sa.Index("ix_runs_state_updated", "state", "updated_at"),
    sa.Index("ix_runs_lane_seq", "lane", "seq"),
)

steps = sa.Table(
    "steps",
    metadata,
    sa.Column(
        "run_id", sa.String(32), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("position", sa.String(16), primary_key=True),  # "3", or "3.1" inside a list
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("key", sa.String(128)),
    sa.Column("place", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("inputs", Json, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),  # sha256 of the canonical inputs
    sa.Column("gate", sa.String(8)),
    sa.Column("action", Json),  # Action: canonical, digest, preview
    sa.Column("outcome", Json),
    sa.Column("error", Json),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("not_before", Instant),
    sa.Column("lease", sa.String(32)),
    sa.Column("lease_until", Instant),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Index("ix_steps_state_place", "state", "place"),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("chat_id", sa.BigInteger),  # None: the owner's chat, once it is known
    sa.Column("form", sa.String(8), nullable=False),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("key", sa.String(128)),
    sa.Column("revision", sa.Integer, nullable=False, default=0),
    sa.Column("params", Json, nullable=False),
    sa.Column("label", sa.String(16), nullable=False),
    sa.Column("urgency", sa.Integer, nullable=False),
    sa.Column("silent", sa.Boolean, nullable=False, default=False),
    sa.Column("reply_to", sa.BigInteger),
    sa.Column("run_id", sa.String(32)),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("parts_sent", sa.Integer, nullable=False, default=0),
    sa.Column("maybe_sent", sa.Boolean, nullable=False, default=False),
    sa.Column("not_before", Instant),
    sa.Column("error", sa.Text),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("sent_at", Instant),
    sa.Index("ix_notices_state_urgency", "state", "urgency", "id"),
    sa.Index("ix_notices_key", "chat_id", "key", "revision"),
)

cards = sa.Table(
    "cards",
    metadata,
    # Which message shows a card now, and what it shows.
    sa.Column("chat_id", sa.BigInteger, primary_key=True),
    sa.Column("key", sa.String(128), primary_key=True),
    sa.Column("message_id", sa.BigInteger),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
)

buttons = sa.Table(
    "buttons",
    metadata,
    # One row per button of one sending: a random 128-bit id is all that Telegram carries.
    sa.Column("id", sa.String(22), primary_key=True),
    sa.Column("chat_id", sa.BigInteger, nullable=False),
    sa.Column("notice_id", BigId, nullable=False),
    sa.Column("card_key", sa.String(128)),
    sa.Column("message_id", sa.BigInteger),  # bound at sending, else by the first tap
    sa.Column("verb", sa.String(32), nullable=False),
    sa.Column("params", Json, nullable=False),
    sa.Column("single", sa.Boolean, nullable=False, default=True),  # dead after the first tap
    sa.Column("state", sa.String(8), nullable=False),  # open, used, dead
    sa.Column("expires_at", Instant),
    sa.Column("created_at", Instant, nullable=False),
    sa.Index("ix_buttons_card", "chat_id", "card_key"),
)

owner_messages = sa.Table(
    "sent_messages",
    metadata,
    # Telegram messages that answered a run: lets /why and replies find the run again.
    sa.Column("chat_id", sa.BigInteger, primary_key=True),
    sa.Column("message_id", sa.BigInteger, primary_key=True),
    sa.Column("run_id", sa.String(32)),
    sa.Column("notice_id", BigId),
    sa.Column("sent_at", Instant, nullable=False),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),  # message id, the same at every sending
    sa.Column("place", sa.String(64), nullable=False),  # receiver
    sa.Column(
        "kind", sa.String(32), nullable=False
    ),  # step, result, halt, blob-request, blob-chunk
    sa.Column("body", Json, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # open, accepted, dead
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("next_at", Instant, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("accepted_at", Instant),
    sa.Index("ix_outbox_state_next", "state", "next_at"),
)

inbox = sa.Table(
    "inbox",
    metadata,
    # Outlives every validity: a message id seen once is never acted on again.
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("place", sa.String(64), nullable=False),  # sender
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("body", Json, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # new, running, done
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("finished_at", Instant),
    sa.Index("ix_inbox_state", "state", "received_at"),
)

blobs = sa.Table(
    "blobs",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("label", sa.String(16), nullable=False),
    sa.Column("media", sa.String(64), nullable=False),
    sa.Column("place", sa.String(64), nullable=False),  # where it arose
    sa.Column("received", sa.BigInteger, nullable=False, default=0),  # bytes held here
    sa.Column("created_at", Instant, nullable=False),
)

blob_parts = sa.Table(
    "blob_parts",
    metadata,
    sa.Column(
        "sha256", sa.String(64), sa.ForeignKey("blobs.sha256", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("offset", sa.BigInteger, primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

nodes = sa.Table(
    "nodes",
    metadata,
    # Places that have said a signed hello. Public keys are bound by the first verified hello.
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("sign_key", sa.String(64), nullable=False),  # Ed25519 public key, hex
    sa.Column("seal_key", sa.String(64), nullable=False),  # X25519 public key, hex
    sa.Column("is_mine", sa.Boolean, nullable=False),  # the owner's machine
    sa.Column("boot", sa.String(32)),  # nonce of its current boot
    sa.Column("can", Json),  # what it offers: steps, models, system
    sa.Column("load", Json),
    sa.Column("revoked", sa.Boolean, nullable=False, default=False),
    sa.Column("title", sa.Text),  # what the owner calls it; None: its name
    sa.Column("epoch", sa.Integer),  # grants of an older halt epoch count no more; None: 0
    sa.Column("last_hello_at", Instant),
    sa.Column("created_at", Instant, nullable=False),
)

invitations = sa.Table(
    "invitations",
    metadata,
    # Pairing strings: one machine, once, ten minutes. Trusted only after the owner's eye.
    sa.Column("id", sa.String(32), primary_key=True),  # of sha256 of the secret
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("secret", sa.String(64), nullable=False),  # 128 bits, hex
    sa.Column("state", sa.String(16), nullable=False),  # open, joined, trusted, refused, expired
    sa.Column("card", Json),  # the node's public keys and facts, once it has joined
    sa.Column("digits", sa.String(8)),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
)
