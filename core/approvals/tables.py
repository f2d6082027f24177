"""Approvals, grants that were used, rules, the second factor, pairing codes, and the audit."""

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
    # Ids, decisions, digests, outcomes; never text. `hash` covers the row and `prev`.
    sa.Column("seq", BigId, primary_key=True, autoincrement=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("detail", Json, nullable=False),
    sa.Column("prev", sa.String(64)),
    sa.Column("hash", sa.String(64)),
)

audit_heads = sa.Table(
    "audit_heads",
    metadata,
    # What another place said its chain ends with; it cannot rewrite what is noted here.
    sa.Column("place", sa.String(64), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
)

approvals = sa.Table(
    "approvals",
    metadata,
    # One question to the owner about one step's action, and everything that became of it.
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("seq", BigId, nullable=False, unique=True),  # order of asking
    sa.Column("run_id", sa.String(32), nullable=False),
    sa.Column("position", sa.String(16), nullable=False),
    sa.Column("step", sa.String(64), nullable=False),
    sa.Column("inputs", Json, nullable=False),  # for "ask again"
    sa.Column("place", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("canonical", sa.Text, nullable=False),
    sa.Column("preview", Json, nullable=False),
    sa.Column("judgement", Json, nullable=False),
    sa.Column("read", Json, nullable=False),  # what the run had read before it asked
    sa.Column("label", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # core.approvals.model.State
    sa.Column("merged_into", sa.String(32)),  # the equal question whose card stands for this too
    sa.Column("chat_id", sa.BigInteger),
    sa.Column("reply_to", sa.BigInteger),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("opened_at", Instant),  # its card was shown; None while queued
    sa.Column("expires_at", Instant),
    sa.Column("first_tap_at", Instant),  # of two
    sa.Column("decided_at", Instant),
    sa.Column("decided_by", sa.String(64)),  # telegram:<id>
    sa.Column("reason", sa.Text),
    sa.Column("valid_until", Instant),
    sa.Column("grant_body", Json),  # the newest grant, signed
    sa.Column("code", sa.Text),  # second factor, sealed for the node; base64
    sa.Column("tries_left", sa.Integer),
    sa.Column("began_at", Instant),
    sa.Column("ended_at", Instant),
    sa.Column("outcome", Json),
    sa.Index("ix_approvals_step", "run_id", "position"),
    sa.Index("ix_approvals_state", "state", "seq"),
)

grant_uses = sa.Table(
    "grant_uses",
    metadata,
    # At the place that acts: an approval id once here never lets anything run again.
    sa.Column("approval_id", sa.String(32), primary_key=True),
    sa.Column("grant_id", sa.String(32), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("used_at", Instant, nullable=False),
)

grant_keys = sa.Table(
    "grant_keys",
    metadata,
    # Public keys that grants may be signed with; two during a rotation.
    sa.Column("key", sa.String(64), primary_key=True),  # Ed25519, hex
    sa.Column("since", Instant, nullable=False),
    sa.Column("until", Instant),
)

rules = sa.Table(
    "rules",
    metadata,
    # The owner's own rules; at a node those it stored itself after verifying their grant.
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(32), nullable=False),  # of the action
    sa.Column("place", sa.String(64), nullable=False),
    sa.Column("scope", Json, nullable=False),  # core.approvals.model.Scope
    sa.Column("gate", sa.String(8), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.String(64), nullable=False),
    sa.Column("expires_at", Instant),
    sa.Column("revoked_at", Instant),
    sa.Column("uses", sa.Integer, nullable=False, default=0),
)

second_factor = sa.Table(
    "second_factor",
    metadata,
    # At a node, one row: the secret is shown on the node's own screen and nowhere else.
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("secret", sa.String(64), nullable=False),  # base32, RFC 6238
    sa.Column("burnt", sa.BigInteger, nullable=False, default=0),  # newest counter used
    sa.Column("tries_left", sa.Integer, nullable=False),
    sa.Column("locked_at", Instant),
    sa.Column("created_at", Instant, nullable=False),
)
