"""Changes that can be undone, at the place where they were made."""

from __future__ import annotations

import sqlalchemy as sa

from core.db import Instant, Json, metadata

changes = sa.Table(
    "changes",
    metadata,
    # One change of files: what was there before is in the trash, until `expires_at`.
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("run_id", sa.String(32), nullable=False),
    sa.Column("position", sa.String(16), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),  # of the action: create edit delete_file cmd
    sa.Column("root", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),  # below the root; of a command its folders
    sa.Column("before", Json, nullable=False),  # where and what the former content is
    sa.Column("after", sa.String(64)),  # sha256 of what the change left, to see a conflict
    sa.Column("state", sa.String(16), nullable=False),  # kept, undone, gone
    sa.Column("size", sa.BigInteger, nullable=False, default=0),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Index("ix_changes_state", "state", "created_at"),
)
