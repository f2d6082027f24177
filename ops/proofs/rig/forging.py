"""How an attacker changes permissions, actions and envelopes: every trick once, at random.

Pure; same seed, same forgeries. Every forgery differs from what was honest, so that accepting one
is a fault and no accident of the dice.
"""

from __future__ import annotations

import copy
import json
import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.db import canonical
from core.runs import actions
from core.seal import Context, GrantSigner

Json = dict[str, Any]
#: The key that home signs grants with.
SIGNER = GrantSigner(b"g" * 32)
#: An attacker's own key: his signatures are right, and nobody trusts it.
THIEF = GrantSigner(b"t" * 32)
WORDS = (
    "echo", "hello world", "  two  spaces ", "পুরোনো লগ মুছো", "ক্ষ্ম", "احذف السجلّات", "ملف جديد.txt",
    "C:\\Users\\আমি\\My Documents\\a b.txt", "D:\\", "\\\\server\\share\\x", "%TEMP%\\y", "a'b\"c",
    "--flag=값", "e\u0301", "\u00e9", "🧑🏽‍🚀", "-", "", "$HOME;rm", "tab\there",
    "line\nbreak", "\u202eabc",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**53, 1.0, "", "x", "0" * 32, "0" * 64, "home", "pc ", "PC",
    "telegram:43", "telegram:42 ", [], {}, ["pc"], "১", "\uff50\uff43",
)  # fmt: skip


@dataclass(frozen=True)
class Forged:
    """What was done, and the grant to be presented; `other-*`: honest, but shown elsewhere."""

    kind: str
    body: Any


def dice(seed: int) -> random.Random:
    """Reproducible, not secret."""
    return random.Random(seed)  # noqa: S311


def command(throw: random.Random) -> Json:
    """The fields of an honest command, in every script that people write."""
    argv = [throw.choice(WORDS) for _ in range(throw.randrange(1, 6))]
    names = ("LANG", "TMPDIR", "ভাষা", "Path")
    env = {throw.choice(names): throw.choice(WORDS) for _ in range(throw.randrange(3))}
    return {
        "argv": argv,
        "script": throw.choice((None, "echo 'ক' && dir \"C:\\Program Files\"\n")),
        "cwd": throw.choice(("/srv/a b", "C:\\Users\\আমি", "/srv/أحمد/مشروع", "/")),
        "env": env,
        "stdin": throw.choice((None, "a" * 64)),
        "exe": {"path": throw.choice(WORDS), "sha256": f"{throw.getrandbits(256):064x}"},
        "timeout_s": throw.randrange(1, 1800),
        "network": throw.random() < 0.5,
        "writes": [throw.choice(WORDS)],
    }


# -- grants


def forge(throw: random.Random, honest: Json, other: Json) -> Forged:
    """One forgery of `honest`, with what another honest grant can lend."""
    kind = throw.choice(list(TRICKS))
    body = TRICKS[kind](throw, copy.deepcopy(honest), other)
    if kind.startswith("other-") or not _is_same(body, honest):
        return Forged(kind, body)
    return Forged("bits", flip(throw, copy.deepcopy(honest), other))


def flip(throw: random.Random, body: Json, _other: Json) -> Json:
    """One hex digit of the signature, or of a digest or id."""
    name = throw.choice(("sig", "sig", "action", "grant_id", "approval_id", "key"))
    at = throw.randrange(len(body[name]))
    letter = throw.choice([c for c in "0123456789abcdefABCDEF" if c != body[name][at]])
    body[name] = body[name][:at] + letter + body[name][at + 1 :]
    return body


def set_value(throw: random.Random, body: Json, _other: Json) -> Json:
    body[throw.choice(list(body))] = copy.deepcopy(throw.choice(VALUES))
    return body


def shift(throw: random.Random, body: Json, _other: Json) -> Json:
    """Numbers a little off: longer validity, a newer epoch."""
    name = throw.choice(("iat", "exp", "epoch", "incarnation", "v"))
    body[name] += throw.choice((-1000, -1, 1, 60, 10_000))
    return body


def retype(throw: random.Random, body: Json, _other: Json) -> Json:
    """The same value as another type."""
    name = throw.choice(list(body))
    value = body[name]
    body[name] = str(value) if isinstance(value, int) else [value]
    if name in {"iat", "exp"} and throw.random() < 0.5:
        body[name] = float(value)
    return body


def rekey(throw: random.Random, body: Json, _other: Json) -> Json:
    """Keys renamed, added, taken away."""
    name = throw.choice(list(body))
    match throw.randrange(4):
        case 0:
            del body[name]
        case 1:
            body[name + throw.choice((" ", "_", "\u200b"))] = body.pop(name)
        case 2:
            body[throw.choice(("argv", "approved", "", "Sig"))] = throw.choice(VALUES)
        case _:
            body[name.upper()] = body.pop(name)
    return body


def swap(throw: random.Random, body: Json, other: Json) -> Json:
    """Parts of another honest grant."""
    for name in throw.sample(list(body), throw.randrange(1, 4)):
        body[name] = other[name]
    return body


def resign(throw: random.Random, body: Json, _other: Json) -> Json:
    """Signed well, by the wrong key; sometimes it says so, sometimes it names ours."""
    body.pop("sig")
    if throw.random() < 0.5:
        body["key"] = THIEF.public
    body["sig"] = THIEF.sign(Context.GRANT, canonical(body).encode()).hex()
    return body


def other_use(throw: random.Random, body: Json, _other: Json) -> Json:
    """Our bytes signed for another purpose: the domain must keep them apart."""
    body.pop("sig")
    context = throw.choice((Context.GRANT_KEYS, Context.ENVELOPE, Context.HALT))
    body["sig"] = SIGNER.sign(context, canonical(body).encode()).hex()
    return body


def nonsense(throw: random.Random, body: Json, _other: Json) -> Any:
    return throw.choice((None, [], "grant", 7, [body], {"grant": body}, canonical(body)))


def as_it_is(_throw: random.Random, body: Json, _other: Json) -> Json:
    return body


TRICKS: dict[str, Callable[[random.Random, Json, Json], Any]] = {
    "bits": flip,
    "value": set_value,
    "numbers": shift,
    "types": retype,
    "keys": rekey,
    "parts": swap,
    "signer": resign,
    "domain": other_use,
    "nonsense": nonsense,
    "other-action": as_it_is,
    "other-place": as_it_is,
    "other-time": as_it_is,
}


# -- actions


def other_text(throw: random.Random, text: str) -> str:
    """Another action that looks like this one."""
    while True:
        fields = json.loads(text)
        throw.choice(DISGUISES)(throw, fields)
        changed = canonical(fields)
        if changed != text and actions.digest_of(changed):
            return changed


def _argv(throw: random.Random, fields: Json) -> None:
    argv, at = fields["argv"], throw.randrange(len(fields["argv"]))
    word = argv[at]
    argv[at] = throw.choice(
        (
            word + " ",
            " " + word,
            word + "\u200b",
            word.replace("a", "\u0430"),
            unicodedata.normalize("NFD", word),
            unicodedata.normalize("NFC", word),
            word.swapcase(),
            word.replace("\\", "/"),
        )
    )


def _more(throw: random.Random, fields: Json) -> None:
    fields["argv"].insert(throw.randrange(len(fields["argv"]) + 1), throw.choice(WORDS))


def _split(_throw: random.Random, fields: Json) -> None:
    """One argument becomes two, or two one: the same words, another list."""
    words = " ".join(fields["argv"])
    fields["argv"] = words.split(" ") if len(fields["argv"]) == 1 else [words]


def _env(throw: random.Random, fields: Json) -> None:
    fields["env"][throw.choice(("LD_PRELOAD", "PATH", "LANG"))] = throw.choice(WORDS) + "x"


def _place(throw: random.Random, fields: Json) -> None:
    fields[throw.choice(("place", "cwd"))] = throw.choice(("home", "laptop", "/tmp", "pc "))  # noqa: S108


def _flags(throw: random.Random, fields: Json) -> None:
    fields["network"] = not fields["network"]
    fields["timeout_s"] += throw.randrange(1, 9)


def _program(throw: random.Random, fields: Json) -> None:
    fields["exe"]["sha256"] = f"{throw.getrandbits(256):064x}"


DISGUISES = (_argv, _argv, _argv, _more, _split, _env, _place, _flags, _program)


# -- envelopes


def forge_envelope(throw: random.Random, honest: str, other: str) -> tuple[str, bytes]:
    """Changed bytes, or the parts of two honest envelopes put together."""
    if throw.random() < 0.5:
        fields, lent = json.loads(honest), json.loads(other)
        for name in throw.sample(("body", "id", "sig", "boot", "to", "kind"), 2):
            fields[name] = lent[name] if lent[name] != fields[name] else fields[name] + "0"
        return "envelope-parts", canonical(fields).encode()
    return "envelope-bytes", _changed(throw, honest.encode())


def _changed(throw: random.Random, raw: bytes) -> bytes:
    while True:
        found = bytearray(raw)
        for _ in range(throw.choice((1, 1, 2, 5))):
            at = throw.randrange(len(found))
            match throw.randrange(4):
                case 0:
                    found[at] = throw.randrange(256)
                case 1:
                    del found[at]
                case 2:
                    found.insert(at, throw.randrange(256))
                case _:
                    del found[at:]
                    found.extend(raw[throw.randrange(len(raw)) :])
        if bytes(found) != raw:
            return bytes(found)


def _is_same(one: Any, other: Any) -> bool:
    """Equal also in types: 1 is not True."""
    return bool(type(one) is type(other) and canonical(one) == canonical(other))
