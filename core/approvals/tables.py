"""Pairing codes and the audit."""

from __future__ import annotations

import sqlalchemy as sa

from core.db import BigId, Instant, Json, metadata

pairings = sa.Table(
    "pairings",
    metadata,
    sa.Column("code_hash", sa.String(64), primary_key=True),  # sha256 of the code
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("used_at", Instant),
)

audit = sa.Table(
    "audit",
    metadata,
    # Ids, decisions, digests, outcomes; never text.
    sa.Column("seq", BigId, primary_key=True, autoincrement=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("detail", Json, nullable=False),
)
