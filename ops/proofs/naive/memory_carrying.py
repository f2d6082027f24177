"""The usual way to carry memory: five columns as JSON, read back into a new database.

As the recipes have it: id, task_id, content, timestamp, category, written after every save.
"""

from __future__ import annotations

import json

import sqlalchemy as sa

from core.db import Transaction
from core.memory.tables import messages, records


def dumped(tx: Transaction) -> bytes:
    """Everything that has a text, in five columns."""
    rows = [
        {
            "id": row.id,
            "task_id": row.task_id,
            "content": {"text": row.text},
            "timestamp": row.happened_at.isoformat(),
            "category": row.category,
        }
        for row in tx.execute(sa.select(records))
    ]
    rows += [
        {
            "id": row.id,
            "task_id": None,
            "content": {"text": row.text},
            "timestamp": row.created_at.isoformat(),
            "category": "interaction",
        }
        for row in tx.execute(sa.select(messages))
    ]
    return json.dumps(rows, ensure_ascii=False, indent=4).encode()
