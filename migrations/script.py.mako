"""${message}

The rule: during an upgrade the previous release's code runs on this schema, too. So expand first
(new tables, nullable columns, new indexes) and contract one release later; never rename, drop or
tighten what the previous release still uses. Write for both dialects, change tables in SQLite with
`op.batch_alter_table`, and fill data in portions. `downgrade` restores the schema before.
"""

import sqlalchemy as sa
from alembic import op

from core import db
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
