"""Keys and sealing: the only place that calls cryptography.

Decides how keys are made, derived and kept, and the exact bytes of what is sealed or signed. It
never decides who may do something, and never prints or logs a key. Every wrong input ends in
`Refused` with a code; what a stranger sends must not be able to cause a stack trace.

- The master key (32 bytes) is `MASK_KEY`, else the file `keys/master` under MASK_HOME. Everything
  else at rest is under keys derived from it (HKDF-SHA256, one purpose each).
- An identity is a pair of long-lived keys of one place: Ed25519 to sign, X25519 to open. They are
  kept as files `keys/sign` and `keys/unseal`, sealed under the master key; so is `keys/grant`,
  which signs grants and is opened by the bot's process alone.
- `seal` hides content for one receiver (fresh X25519 key, HKDF, AES-256-GCM); `seal_frame` hides
  it under a shared key. Each use names a `Context`: bytes made for one are nothing in another.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import enum
import hashlib
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import Refused

KEY_BYTES = 32
#: AES-GCM's nonce (NIST SP 800-38D, 96 bits).
NONCE_BYTES = 12
#: What `seal` adds to the content: the fresh public key and the tag.
SEAL_BYTES = KEY_BYTES + 16
CHECKSUM_BYTES = 3
#: Letters that people write for digits that base32 does not have.
MISREAD = str.maketrans({"0": "O", "1": "I", "8": "B"})


class Context(enum.StrEnum):
    """What signed or sealed bytes are for; part of the bytes that are signed."""

    ENVELOPE = "envelope"
    HALT = "halt"
    LIVE = "live"
    PAIRING = "pairing"
    GRANT = "grant"
    GRANT_KEYS = "grant-keys"
    CODE = "code"
    KEY_FILE = "key-file"
    TRASH = "trash"
    CREDENTIAL = "credential"
    MIRROR = "mirror"
    FORGET = "forget"

    @property
    def prefix(self) -> bytes:
        return f"the-mask/{self.value}/v1\0".encode()


@dataclass(frozen=True)
class Master:
    """The master key of one place. `is_new`: made just now, so its recovery code must be shown."""

    key: bytes = field(repr=False)
    is_new: bool = False

    def subkey(self, purpose: str, length: int = KEY_BYTES) -> bytes:
        """The key of one purpose; the same for ever."""
        return _derive(self.key, f"the-mask/{purpose}/v1".encode(), length=length)

    def database_key(self, generation: int = 0) -> bytes:
        """32 bytes of key and 16 of salt, as `core.db.open_sqlite` takes them, by generation."""
        return self.subkey(f"database-{generation}" if generation else "database", 48)

    def mirror_key(self) -> bytes:  # seals the mirror: it opens with the recovery code alone
        return self.subkey("mirror")

    def live_key(self) -> bytes:
        """Seals live text between the processes of this place."""
        return self.subkey("live-text")

    def recovery_code(self) -> str:
        """The key as the owner writes it down: 14 groups of four letters and digits."""
        checksum = hashlib.sha256(b"the-mask/recovery\0" + self.key).digest()[:CHECKSUM_BYTES]
        text = base64.b32encode(self.key + checksum).decode()
        return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def parse_key(text: str) -> bytes:
    """A master key as text: recovery code (case, spaces and hyphens free), 64 hex digits, or
    base64 of 32 bytes. Refused(`key-malformed`, `key-checksum`)."""
    text = text.strip()
    if len(text) in {43, 44}:
        with contextlib.suppress(binascii.Error, ValueError):
            raw = base64.b64decode(
                text.translate(str.maketrans("-_", "+/")).ljust(44, "="), validate=True
            )
            if len(raw) == KEY_BYTES:
                return raw
    if len(text) == 2 * KEY_BYTES:
        with contextlib.suppress(ValueError):
            return bytes.fromhex(text)
    try:
        packed = base64.b32decode(
            "".join(text.replace("-", " ").split()).upper().translate(MISREAD)
        )
    except (binascii.Error, ValueError):
        raise Refused("key-malformed") from None
    if len(packed) != KEY_BYTES + CHECKSUM_BYTES:
        raise Refused("key-malformed")
    master = Master(packed[:KEY_BYTES])
    checked = base64.b32decode(master.recovery_code().replace("-", ""))
    if not secrets.compare_digest(packed, checked):
        raise Refused("key-checksum")
    return master.key


def open_master(home: Path, given: str | None = None) -> Master:
    """The master key: `given` (MASK_KEY), else the file under `home`, made when absent.

    The file is made once: of two processes that start together, both return the same key.
    """
    if given is not None:
        return Master(parse_key(given))
    path = home / "keys" / "master"
    is_new = _create_once(path, secrets.token_bytes(KEY_BYTES))
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise Refused("key-damaged", file="keys/master")
    return Master(key, is_new=is_new)


@dataclass(frozen=True)
class PublicKeys:
    """What others may know of an identity, 64 hex digits each."""

    sign: str
    seal: str


class Identity:
    """The long-lived keys of one place."""

    def __init__(self, sign_seed: bytes, seal_seed: bytes) -> None:
        self._signing = Ed25519PrivateKey.from_private_bytes(sign_seed)
        self._sealing = X25519PrivateKey.from_private_bytes(seal_seed)
        self.public = PublicKeys(
            self._signing.public_key().public_bytes_raw().hex(),
            self._sealing.public_key().public_bytes_raw().hex(),
        )

    def sign(self, context: Context, data: bytes) -> bytes:
        """64 bytes."""
        return self._signing.sign(context.prefix + data)

    def open(self, context: Context, sealed: bytes, bound: bytes = b"") -> bytes:
        """What `seal` hid for this identity. Refused(`seal-unreadable`)."""
        if len(sealed) < SEAL_BYTES:
            raise Refused("seal-unreadable")
        fresh = sealed[:KEY_BYTES]
        try:
            shared = self._sealing.exchange(X25519PublicKey.from_public_bytes(fresh))
            mine = self._sealing.public_key().public_bytes_raw()
            key, nonce = _seal_keys(context, shared, fresh, mine)
            return AESGCM(key).decrypt(nonce, sealed[KEY_BYTES:], bound)
        except (ValueError, InvalidTag):
            raise Refused("seal-unreadable") from None

    def shared_key(self, other_seal: str, context: Context) -> bytes:
        """A key that only this identity and the owner of `other_seal` can compute."""
        try:
            shared = self._sealing.exchange(X25519PublicKey.from_public_bytes(_raw(other_seal)))
        except ValueError:
            raise Refused("public-key-malformed") from None
        return _derive(shared, context.prefix + b"shared")


def open_identity(home: Path, master: Master) -> Identity:
    """The identity of this place, made when absent. Refused(`key-damaged`) when the files are not
    of this master key."""
    under = master.subkey("key-files")
    sign, unseal = (_kept_secret(home / "keys" / name, under) for name in ("sign", "unseal"))
    return Identity(sign, unseal)


class GrantSigner:
    """Signs grants. `public`: 64 hex digits. Of its identity only the signing half is used."""

    def __init__(self, seed: bytes) -> None:
        self._identity = Identity(seed, seed)
        self.public = self._identity.public.sign

    def sign(self, context: Context, data: bytes) -> bytes:
        return self._identity.sign(context, data)


def open_grant_signer(home: Path, master: Master, *, coming: bool = False) -> GrantSigner:
    """The grant key of this home, made when absent; `coming` is the one that is to follow it."""
    path = home / "keys" / ("grant-next" if coming else "grant")
    return GrantSigner(_kept_secret(path, master.subkey("key-files"), b"grant"))


def verify(sign_key: str, context: Context, data: bytes, signature: bytes) -> None:
    """Refused(`signature-wrong`) unless the owner of `sign_key` (hex) signed exactly this."""
    try:
        public = Ed25519PublicKey.from_public_bytes(_raw(sign_key))
        public.verify(signature, context.prefix + data)
    except (ValueError, InvalidSignature):
        raise Refused("signature-wrong") from None


def seal(context: Context, plain: bytes, recipient: str, bound: bytes = b"") -> bytes:
    """`plain` for the owner of the X25519 key `recipient` (hex); `bound` must be known to open it.

    The nonce is derived with the key, which is fresh each time: no pair is ever used twice.
    """
    fresh = X25519PrivateKey.generate()
    public = fresh.public_key().public_bytes_raw()
    try:
        theirs = X25519PublicKey.from_public_bytes(_raw(recipient))
        shared = fresh.exchange(theirs)
    except ValueError:
        raise Refused("public-key-malformed") from None
    key, nonce = _seal_keys(context, shared, public, theirs.public_bytes_raw())
    return public + AESGCM(key).encrypt(nonce, plain, bound)


def seal_frame(key: bytes, context: Context, plain: bytes, bound: bytes) -> bytes:
    """Nonce (random) and ciphertext; `bound` ties it to its place in the stream."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context.prefix + bound)


def open_frame(key: bytes, context: Context, sealed: bytes, bound: bytes) -> bytes:
    """What `seal_frame` hid. Refused(`seal-unreadable`)."""
    nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, context.prefix + bound)
    except (ValueError, InvalidTag):
        raise Refused("seal-unreadable") from None


def _derive(secret: bytes, info: bytes, *, salt: bytes | None = None, length: int = 32) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def _seal_keys(
    context: Context, shared: bytes, fresh: bytes, receiver: bytes
) -> tuple[bytes, bytes]:
    both = _derive(shared, context.prefix, salt=fresh + receiver, length=KEY_BYTES + NONCE_BYTES)
    return both[:KEY_BYTES], both[KEY_BYTES:]


def _raw(public: str) -> bytes:
    return bytes.fromhex(public)


def _kept_secret(path: Path, under: bytes, bound: bytes | None = None) -> bytes:
    """32 random bytes in a sealed file, made when absent; only as `bound` can it be opened."""
    bound = path.name.encode() if bound is None else bound
    fresh = seal_frame(under, Context.KEY_FILE, secrets.token_bytes(KEY_BYTES), bound)
    _create_once(path, fresh)
    try:
        return open_frame(under, Context.KEY_FILE, path.read_bytes(), bound)
    except Refused:
        raise Refused("key-damaged", file=f"keys/{path.name}") from None


def _create_once(path: Path, content: bytes) -> bool:
    """Write `path` unless it exists; whole or not at all. True when this call made it.

    The mode 0600 is POSIX; on Windows the file inherits the rights of the user's own folder.
    """
    if path.exists():
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(draft, flags, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        if os.name == "nt":
            draft.rename(path)  # refuses when `path` exists, there
        else:
            path.hardlink_to(draft)  # refuses when `path` exists; a rename would replace it
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    return True
