"""What an encrypted SQLite file says to whoever has its key: every page, used, free or torn off.

SQLCipher's own export copies rows only. This reads the pages themselves, so that what deleting left
behind in them is seen: AES-256-CBC, 4,096 bytes a page, of which the last 80 are its IV and HMAC;
the first 16 of the file are the salt (SQLCipher 4, with a raw key).
"""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from core.db import Database

PAGE, RESERVE, SALT, IV, KEY = 4096, 80, 16, 16, 32
#: Header of a WAL, and of each page in it.
WAL_HEADER, FRAME_HEADER = 32, 24


def pages(path: Path, key: bytes) -> bytes:
    """The database file, decrypted as it lies; `key` as `core.db.open_sqlite` takes it."""
    raw = path.read_bytes()
    return b"".join(
        _plain(raw[at : at + PAGE], key, is_first=at == 0) for at in range(0, len(raw), PAGE)
    )


def wal(path: Path, key: bytes) -> bytes:
    """Every page copy in the database's WAL."""
    log = path.with_name(path.name + "-wal")
    raw = log.read_bytes() if log.exists() else b""
    size = FRAME_HEADER + PAGE
    found = []
    for at in range(WAL_HEADER, len(raw) - size + 1, size):
        number = int.from_bytes(raw[at : at + 4], "big")
        found.append(_plain(raw[at + FRAME_HEADER : at + size], key, is_first=number == 1))
    return b"".join(found)


def rows(db: Database, folder: Path) -> bytes:
    """A decrypted copy, as SQLCipher makes one: what the tables hold."""
    copy = folder / "decrypted.db"
    with db.engine.connect() as connection:
        connection.exec_driver_sql("ATTACH DATABASE ? AS plain KEY ''", (str(copy),))
        connection.exec_driver_sql("SELECT sqlcipher_export('plain')")
        connection.exec_driver_sql("DETACH DATABASE plain")
    content = copy.read_bytes()
    copy.unlink()
    return content


def _plain(page: bytes, key: bytes, *, is_first: bool) -> bytes:
    sealed = page[SALT if is_first else 0 : PAGE - RESERVE]
    iv = page[PAGE - RESERVE : PAGE - RESERVE + IV]
    opener = Cipher(algorithms.AES(key[:KEY]), modes.CBC(iv)).decryptor()
    return opener.update(sealed) + opener.finalize()
