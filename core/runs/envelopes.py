"""Envelopes: the exact bytes that travel between home and a node.

Decides what a well-formed, honest, timely envelope is. It never decides what a message does, and
keeps nothing: whether a message was seen before is the inbox's question.

An envelope is canonical JSON (sorted keys, no spaces, UTF-8, no floats) of at most 64 KiB:

    {"body", "boot", "exp", "from", "iat", "id", "incarnation", "kind", "sig", "to", "v"}

`sig` is Ed25519 over the same JSON without `sig`; `body` is sealed for the receiver and holds a
JSON object and, behind it, raw bytes (a part of a blob). base85 keeps a part of 48 KiB under the
limit; base64 would not. `boot` is the node's boot at either end, `incarnation` the home database's.
A receiver checks, in this order: shape, signature, receiver, boot and incarnation, time; only then
it opens the body. Times are Unix seconds. Sources: `reliability.md` 3.4.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from core.db import canonical
from core.errors import Refused
from core.seal import Context, Identity, seal, verify

VERSION = 1
#: Bytes of a whole envelope.
MOST_BYTES = 64 * 1024
#: Bytes of a body's JSON and attachment together: what fits, sealed and in base85, beside the head.
MOST_BODY_BYTES = 50_000
#: Seconds that an envelope is good for.
VALID_S = 600
#: Seconds that two machines' clocks may differ.
SKEW_S = 120

TYPES: Mapping[str, type] = MappingProxyType(
    {
        "body": str,
        "boot": str,
        "exp": int,
        "from": str,
        "iat": int,
        "id": str,
        "incarnation": int,
        "kind": str,
        "sig": str,
        "to": str,
        "v": int,
    }
)
FORMS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "body": re.compile(r"[!-~]{1,65536}"),
        "boot": re.compile(r"[0-9A-Za-z_-]{0,32}"),
        "from": re.compile(r"[a-z][a-z0-9-]{0,31}"),
        "id": re.compile(r"[0-9a-f]{32}"),
        "kind": re.compile(r"[a-z][a-z-]{0,31}"),
        "sig": re.compile(r"[0-9a-f]{128}"),
        "to": re.compile(r"[a-z][a-z0-9-]{0,31}"),
    }
)
MOST_INT = 2**53


@dataclass(frozen=True)
class Head:
    """Everything about a message but its content."""

    id: str
    sender: str
    receiver: str
    kind: str
    boot: str
    incarnation: int
    iat: int
    exp: int

    def to_json(self) -> dict[str, Any]:
        return {
            "v": VERSION,
            "id": self.id,
            "from": self.sender,
            "to": self.receiver,
            "kind": self.kind,
            "boot": self.boot,
            "incarnation": self.incarnation,
            "iat": self.iat,
            "exp": self.exp,
        }

    @property
    def bound(self) -> bytes:
        """What the sealed body is tied to."""
        return f"{self.id}\0{self.sender}\0{self.receiver}\0{self.kind}".encode()


@dataclass(frozen=True)
class Envelope:
    """A parsed envelope: its shape is right, nothing else is known yet."""

    head: Head
    body: str
    signature: bytes

    @property
    def signed(self) -> bytes:
        """The bytes that `sig` covers."""
        return canonical({**self.head.to_json(), "body": self.body}).encode()


@dataclass(frozen=True)
class Content:
    """An opened body."""

    body: dict[str, Any]
    attachment: bytes = b""


def write(head: Head, content: Content, identity: Identity, receiver_seal: str) -> str:
    """Seal, sign, spell. Refused(`message-too-large`)."""
    plain = _pack(content)
    if len(plain) > MOST_BODY_BYTES:
        raise Refused("message-too-large", size=len(plain), most=MOST_BODY_BYTES)
    sealed = seal(Context.ENVELOPE, plain, receiver_seal, head.bound)
    return sign(head, base64.b85encode(sealed).decode(), identity)


def sign(head: Head, body: str, identity: Identity) -> str:
    """The envelope's text around a body that is sealed already."""
    fields = {**head.to_json(), "body": body}
    signature = identity.sign(Context.ENVELOPE, canonical(fields).encode())
    return canonical({**fields, "sig": signature.hex()})


def parse(raw: bytes | str) -> Envelope:
    """Strict shape: size, spelling, exact keys, types and forms. Refused(`envelope-shape`)."""
    try:
        encoded = raw.encode() if isinstance(raw, str) else raw
        if len(encoded) > MOST_BYTES:
            raise Refused("envelope-too-large", size=len(encoded), most=MOST_BYTES)
        text = encoded.decode()
        fields = json.loads(text)
        if not _has_form(fields) or canonical(fields) != text:
            raise Refused("envelope-shape")
    except (ValueError, RecursionError):
        raise Refused("envelope-shape") from None
    head = Head(
        id=fields["id"],
        sender=fields["from"],
        receiver=fields["to"],
        kind=fields["kind"],
        boot=fields["boot"],
        incarnation=fields["incarnation"],
        iat=fields["iat"],
        exp=fields["exp"],
    )
    return Envelope(head, fields["body"], bytes.fromhex(fields["sig"]))


def check_signature(envelope: Envelope, sign_key: str) -> None:
    """Refused(`signature-wrong`) unless the owner of `sign_key` wrote it."""
    verify(sign_key, Context.ENVELOPE, envelope.signed, envelope.signature)


def check_receiver(head: Head, place: str) -> None:
    """Refused(`envelope-not-mine`)."""
    if head.receiver != place:
        raise Refused("envelope-not-mine", to=head.receiver)


def check_time(head: Head, now: datetime) -> None:
    """Refused(`envelope-time`): not yet, no longer, or valid for longer than is allowed."""
    seconds = now.timestamp()
    if not 0 < head.exp - head.iat <= VALID_S:
        raise Refused("envelope-validity", seconds=head.exp - head.iat)
    if not head.iat - SKEW_S <= seconds <= head.exp:
        raise Refused("envelope-time", offset_s=int(seconds) - head.iat)


def open_body(envelope: Envelope, identity: Identity) -> Content:
    """The content. Refused(`seal-unreadable`, `envelope-body`)."""
    try:
        sealed = base64.b85decode(envelope.body)
    except ValueError:
        raise Refused("envelope-body") from None
    return _unpack(identity.open(Context.ENVELOPE, sealed, envelope.head.bound))


def issued(head: Head, now: datetime, valid_s: int = VALID_S) -> Head:
    """`head` as of `now`."""
    at = int(now.timestamp())
    return replace(head, iat=at, exp=at + valid_s)


def _has_form(fields: Any) -> bool:
    return (
        type(fields) is dict
        and fields.keys() == TYPES.keys()
        and all(type(fields[name]) is kind for name, kind in TYPES.items())
        and all(form.fullmatch(fields[name]) for name, form in FORMS.items())
        and all(0 <= fields[name] < MOST_INT for name in ("exp", "iat", "incarnation"))
        and fields["v"] == VERSION
    )


def _pack(content: Content) -> bytes:
    text = canonical(content.body).encode()
    return len(text).to_bytes(4, "big") + text + content.attachment


def _unpack(plain: bytes) -> Content:
    length = int.from_bytes(plain[:4], "big")
    text, attachment = plain[4 : 4 + length], plain[4 + length :]
    try:
        body = json.loads(text.decode())
    except (ValueError, RecursionError):
        raise Refused("envelope-body") from None
    if len(text) != length or type(body) is not dict:
        raise Refused("envelope-body")
    return Content(body, attachment)
