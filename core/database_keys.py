"""Which key opens this place's database: generations derived from the master key.

Decides which generation is in force and which is about to follow. It never changes the database:
`core.upkeep.rekeying` does, in this order: `next`, rewrite, `keep`. A kill anywhere in between
leaves a database that one of `candidates` opens, whole.

`keys/database` under MASK_HOME holds the numbers, which are no secret. It may be lost: then
generations are tried upwards, as on a new machine that has the recovery code only.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.seal import Master

FILE = Path("keys") / "database"
#: SQLCipher 4's pages: their size, and at their end an initialisation vector and the HMAC-SHA512
#: (https://www.zetetic.net/sqlcipher/design/).
PAGE_BYTES, VECTOR_BYTES, MAC_BYTES = 4096, 16, 64
#: What tells the HMAC's salt from the key's, and the rounds of its key's derivation.
MAC_MASK, MAC_ROUNDS = 0x3A, 2
#: Pages after the first that are looked at, to tell a damaged file of ours from a stranger's.
MOST_LOOKED_AT = 16
#: Generations that are tried without the file. A try costs a tenth of a millisecond.
MOST_TRIED = 256


@dataclass(frozen=True)
class Generations:
    """The one in force, and the one that is about to follow while a change is under way."""

    current: int = 0
    coming: int | None = None


class KeptKeys:
    """The generations of one database, with their keys."""

    def __init__(self, home: Path, master: Master, name: Path = FILE) -> None:
        self._path = home / name
        self._master = master

    def current(self) -> bytes:
        return self.key(self.generations().current)

    def key(self, generation: int) -> bytes:
        """32 bytes of key and 16 of salt."""
        return self._master.database_key(generation)

    def candidates(self) -> Iterator[bytes]:
        """The key in force, then the one that was about to follow, then all others."""
        yield from (key for _, key in self.numbered())

    def numbered(self) -> Iterator[tuple[int, bytes]]:
        """The same, with their generations."""
        known = self.generations()
        first = [known.current, *([] if known.coming is None else [known.coming])]
        others = (number for number in range(MOST_TRIED) if number not in first)
        for number in (*first, *others):
            yield number, self.key(number)

    def next(self) -> int:
        """The generation that follows, noted before anything is rewritten; one that was noted
        before a kill is the same again."""
        known = self.generations()
        if known.coming is not None:
            return known.coming
        self._write(Generations(known.current, known.current + 1))
        return known.current + 1

    def keep(self, generation: int) -> None:
        """It is in force now."""
        if self.generations() != Generations(generation):
            self._write(Generations(generation))

    def generations(self) -> Generations:
        """What the file says; the first generation when it is not there, or says nothing."""
        try:
            fields = json.loads(self._path.read_text("utf-8"))
            coming = fields["next"]
            return Generations(int(fields["generation"]), None if coming is None else int(coming))
        except (OSError, ValueError, KeyError, TypeError):
            return Generations()

    def _write(self, known: Generations) -> None:
        """Whole or not at all, and on the disk before anything is done about it."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fields = {"v": 1, "generation": known.current, "next": known.coming}
        draft = self._path.with_name(f".{self._path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(fields, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)


def is_written_with(key: bytes, path: Path) -> bool:
    """Was the file made with this key, although SQLite does not open it? Its first page is then
    damaged. The salt at its beginning tells, else the seal of any of its next pages."""
    with path.open("rb") as file:
        if file.read(VECTOR_BYTES) == key[32:]:
            return True
        for number in range(2, 2 + MOST_LOOKED_AT):
            file.seek((number - 1) * PAGE_BYTES)
            if is_sound(key, number, file.read(PAGE_BYTES)):
                return True
    return False


def is_sound(key: bytes, number: int, page: bytes) -> bool:
    """Does this page, counted from 1, carry the HMAC that `key` makes?"""
    if len(page) != PAGE_BYTES:
        return False
    salt = bytes(byte ^ MAC_MASK for byte in key[32:])
    mac_key = hashlib.pbkdf2_hmac("sha512", key[:32], salt, MAC_ROUNDS, 32)
    begins = VECTOR_BYTES if number == 1 else 0  # the first page begins with the salt
    said = page[begins:-MAC_BYTES] + number.to_bytes(4, "little")
    return hmac.compare_digest(page[-MAC_BYTES:], hmac.digest(mac_key, said, "sha512"))
