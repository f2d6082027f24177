"""Endpoints and keys that the chat added or changed, the ledger of calls, limits, and versions.

Money is whole micro-dollars (1 USD = 1,000,000), tokens are whole numbers.
"""

from __future__ import annotations

import sqlalchemy as sa

from core.db import BigId, Instant, Json, metadata

endpoints = sa.Table(
    "model_endpoints",
    metadata,
    # What differs from the shipped catalog, or is not in it; `fields` are `Endpoint`'s by name.
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("fields", Json, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # active, paused, removed
    sa.Column("position", sa.Integer),  # in the owner's order; None: the catalog's
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
)

credentials = sa.Table(
    "credentials",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("provider", sa.String(64), nullable=False),
    sa.Column("organisation", sa.String(128)),  # whose limits it shares; None: not known yet
    sa.Column("sealed", sa.LargeBinary, nullable=False),  # the key, under the master key
    sa.Column("hint", sa.String(8), nullable=False),  # its last characters, for the eye
    sa.Column("state", sa.String(16), nullable=False),  # ready, dead, removed
    sa.Column("why", sa.String(300)),
    sa.Column("uses", sa.BigInteger, nullable=False, default=0),
    sa.Column("used_at", Instant),
    sa.Column("created_at", Instant, nullable=False),
    sa.Index("ix_credentials_provider", "provider", "state"),
)

calls = sa.Table(
    "model_calls",
    metadata,
    # The ledger: one row a call, reserved before it is made. No text.
    sa.Column("seq", BigId, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column("run_id", sa.String(32)),
    sa.Column("workflow", sa.String(64)),
    sa.Column("endpoint", sa.String(128), nullable=False),
    sa.Column("provider", sa.String(64), nullable=False),
    sa.Column("bucket", sa.String(256), nullable=False),  # whose limits it counts against
    sa.Column("credential", sa.String(32)),  # whose key was used; None: none, or the settings'
    sa.Column("place", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # reserved, settled, marked, cached
    sa.Column("is_paid", sa.Boolean, nullable=False),
    sa.Column("reserved_tokens", sa.Integer, nullable=False),
    sa.Column("reserved_micros", sa.BigInteger, nullable=False),
    sa.Column("prompt_tokens", sa.Integer),
    sa.Column("completion_tokens", sa.Integer),
    sa.Column("micros", sa.BigInteger),  # settled cost; of a marked call its reserve
    sa.Column("is_exact", sa.Boolean),  # counted by the provider, not by us
    sa.Column("outcome", sa.String(32)),  # answered, stopped, or a Failure
    sa.Column("first_token_ms", sa.Integer),
    sa.Column("took_ms", sa.Integer),
    sa.Column("began_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Index("ix_model_calls_began", "began_at"),
    sa.Index("ix_model_calls_bucket", "bucket", "began_at"),
    sa.Index("ix_model_calls_state", "state", "began_at"),
)

spending = sa.Table(
    "model_spending",
    metadata,
    # Running totals of paid calls, one row a period: `day:2026-01-31`, `month:2026-01`, `run:<id>`.
    # Always equal to the sums of `model_calls`; the row that concurrent calls wait for.
    sa.Column("period", sa.String(64), primary_key=True),
    sa.Column("open_micros", sa.BigInteger, nullable=False),  # reserved, not settled yet
    sa.Column("settled_micros", sa.BigInteger, nullable=False),
    sa.Column("told", sa.Integer, nullable=False),  # per cent that the owner was told: 0, 80, 100
)

limit_marks = sa.Table(
    "limit_marks",
    metadata,
    # What a provider's headers said last about a bucket; overrides our own count until `reset_at`.
    sa.Column("bucket", sa.String(256), primary_key=True),
    sa.Column("dimension", sa.String(16), primary_key=True),  # rpm rpd tpm tpd
    sa.Column("most", sa.BigInteger),
    sa.Column("left", sa.BigInteger),
    sa.Column("reset_at", Instant),
    sa.Column("seen_at", Instant, nullable=False),
)

standings = sa.Table(
    "endpoint_standings",
    metadata,
    # Cool-downs that all processes of this place share.
    sa.Column("endpoint", sa.String(128), primary_key=True),
    sa.Column("until", Instant),
    sa.Column("in_a_row", sa.Integer, nullable=False),
    sa.Column("detail", sa.String(300), nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
)

versions = sa.Table(
    "model_versions",
    metadata,
    # Which local model serves a role, and which did before.
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("place", sa.String(64), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),  # chat, code, summarise, embed
    sa.Column("model", sa.String(128), nullable=False),
    sa.Column("version", sa.String(64), nullable=False),  # after the colon, else latest
    sa.Column("status", sa.String(16), nullable=False),  # active, inactive, found
    sa.Column("notes", sa.Text),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.UniqueConstraint("place", "role", "model", "version"),
)
