"""What memory at rest offers: mirror, export and import, check, repair, changing the key.

All of it works beside running processes; what must be alone says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Protocol

from core.db import Transaction
from core.memory.rest_model import Checkup, MirrorState, Recovered, Rekeyed, Written
from core.memory.search_model import Query

Form = Literal["json", "markdown"]


class Mirror(Protocol):
    """`memory_backup.json`, sealed: the second copy that outlives a damaged database."""

    def is_behind(self, tx: Transaction) -> bool:
        """Has memory changed since the last write?"""

    def write(self) -> MirrorState:
        """Write it anew, whole: into a new file beside it, then renamed. A kill leaves the old."""

    def read(self) -> Iterator[tuple[str, dict[str, object]]]:
        """Its rows, by table, in the order of MIRRORED. Refused(`mirror-damaged`,
        `mirror-missing`); what was readable before the damage has been given by then."""

    def restore(self, tx: Transaction) -> Written:
        """Its rows into this database; the same memory as it was, by content hash."""


class Carries(Protocol):
    """Export and import, readable."""

    def export(self, tx: Transaction, form: Form, query: Query) -> Iterator[bytes]:
        """The chosen memories; everything with an empty query. JSON can be imported again."""

    def take(self, tx: Transaction, content: bytes) -> Written:
        """An export, or an old `memory.json` (a list of records, or of five columns). Wholly or
        not at all. Refused(`memory-file`)."""

    def content_hash(self, tx: Transaction) -> str:
        """Over all rows of MIRRORED in canonical JSON, without `seq` and with words in place:
        equal memories have equal hashes, archived or not."""


class ChecksIntegrity(Protocol):
    """Is the database whole?"""

    def check(self) -> Checkup:
        """Pages with their HMACs, the tables, foreign keys, the search index."""


class Repairs(Protocol):
    """A damaged database: moved aside, rebuilt. Alone in the house: called before processes start
    to work, under the start lock."""

    def repair(self, reason: Checkup) -> Recovered:
        """Mirror first, then what can still be read of the damaged file; the newer row wins.
        Raises the incarnation: a restored past does not act."""


class DatabaseKeys(Protocol):
    """The keys that may open the database, derived from the master key by generation.

    `keys/database` under MASK_HOME holds the generation, which is no secret: without the file (a
    new machine with the recovery code) generations are tried upwards. 32 bytes and 16 of salt.
    """

    def current(self) -> bytes: ...

    def candidates(self) -> Iterator[bytes]:
        """The current one, then the one that was about to follow, then others."""

    def next(self) -> int:
        """Note the generation that is about to follow, before anything is rewritten."""

    def keep(self, generation: int) -> None:
        """It is in force now."""


class Rekeys(Protocol):
    """A new key for the whole database, in place: one transaction of SQLCipher's. Readers finish
    on what they see; whoever comes after it with the old key gets SQLITE_NOTADB and opens anew
    (measured: 180 MB/s; after 25 kills in the middle always one key opened it, whole)."""

    def rekey(self) -> Rekeyed: ...


class Wipes(Protocol):
    """After forgetting: no old page stays behind."""

    def wipe(self) -> None:
        """WAL truncated once no reader needs it. Unavailable(`database-busy`)."""


class FileWords(Protocol):
    """A kind of file that can hold words, as forgetting knows it: trash, mirror, scratch, logs."""

    @property
    def name(self) -> str: ...

    def forget(self, needles: tuple[str, ...]) -> int:
        """How many files changed or went."""

    def holds(self, needles: tuple[str, ...]) -> int:
        """In how many the words still are."""


def files_under(home: Path, pattern: str) -> tuple[Path, ...]:
    """The files of a `FileHolder`, sorted."""
    return tuple(sorted(path for path in home.glob(pattern) if path.is_file()))
