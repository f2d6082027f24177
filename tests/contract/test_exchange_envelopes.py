"""The bytes of an envelope: a golden file, strict parsing, and what an attacker can do: nothing."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.db import canonical
from core.errors import Refused
from core.runs import envelopes
from core.runs.envelopes import Content, Head
from core.seal import Identity

GOLDEN = Path(__file__).parent / "golden" / "envelope.json"
HOME = Identity(b"h" * 32, b"H" * 32)
NODE = Identity(b"n" * 32, b"N" * 32)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HEAD = Head("0123456789abcdef" * 2, "home", "pc", "step", "boot1", 1, 0, 0)
CONTENT = Content({"run_id": "run-that-is-hidden", "text": "বাংলা العربية"}, b"\x00\xff")


def written(head: Head = HEAD, content: Content = CONTENT, at: datetime = NOW) -> str:
    return envelopes.write(envelopes.issued(head, at), content, HOME, NODE.public.seal)


def checked(text: str | bytes, now: datetime = NOW) -> Content:
    envelope = envelopes.parse(text)
    envelopes.check_signature(envelope, HOME.public.sign)
    envelopes.check_receiver(envelope.head, "pc")
    envelopes.check_time(envelope.head, now)
    return envelopes.open_body(envelope, NODE)


def test_the_golden_envelope_is_still_read_and_written_byte_by_byte():
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    home = Identity(bytes.fromhex(golden["home_sign"]), bytes.fromhex(golden["home_seal"]))
    node = Identity(bytes.fromhex(golden["node_sign"]), bytes.fromhex(golden["node_seal"]))
    envelope = envelopes.parse(golden["envelope"])
    envelopes.check_signature(envelope, home.public.sign)
    content = envelopes.open_body(envelope, node)
    assert content.body == golden["body"]
    assert content.attachment.hex() == golden["attachment"]
    assert envelope.head.to_json() == golden["head"]
    assert envelopes.sign(envelope.head, envelope.body, home) == golden["envelope"]


def test_what_is_written_is_read_and_hides_its_content():
    text = written()
    assert checked(text) == CONTENT
    assert "run-that-is-hidden" not in json.loads(text)["body"]
    assert written() != text  # sealed anew each time


def test_ten_thousand_changed_envelopes_are_refused_every_one():
    dice, text = random.Random(2), written().encode()
    for _ in range(10_000):
        changed = bytearray(text)
        for _ in range(dice.choice([1, 1, 2, 5])):
            at = dice.randrange(len(changed))
            what = dice.randrange(3)
            if what == 0:
                changed[at] = dice.choice([b for b in range(256) if b != changed[at]])
            elif what == 1:
                del changed[at]
            else:
                changed.insert(at, dice.randrange(256))
        if bytes(changed) == text:
            continue
        with pytest.raises(Refused):
            checked(bytes(changed))


@settings(max_examples=300)
@given(st.binary(max_size=300) | st.text(max_size=300))
def test_strange_input_is_refused_and_never_a_stack_trace(raw):
    with pytest.raises(Refused):
        checked(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "[" * 60_000,
        '{"v":' + "1" * 60_000 + "}",
        '{"a":"\\ud800"}',
        "null",
        "[]",
        "NaN",
        "",
        "x" * 70_000,
    ],
)
def test_hostile_json_is_refused(raw):
    with pytest.raises(Refused):
        checked(raw)


def fields() -> dict[str, object]:
    return json.loads(written())


def resigned(changed: dict[str, object]) -> str:
    """As an attacker with home's key would write it: the shape alone must stop it."""
    changed.pop("sig", None)
    from core.seal import Context

    signature = HOME.sign(Context.ENVELOPE, canonical(changed).encode())
    return canonical({**changed, "sig": signature.hex()})


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"v": 2},
        {"v": True},
        {"iat": 1.0},
        {"iat": -1},
        {"iat": "1"},
        {"exp": None},
        {"incarnation": True},
        {"incarnation": 2**60},
        {"id": "0" * 31},
        {"id": "G" * 32},
        {"from": "Home"},
        {"to": ""},
        {"kind": "step\n"},
        {"boot": "a b"},
        {"body": ""},
        {"body": ["x"]},
    ],
)
def test_the_shape_is_exact_even_when_the_signature_is_right(change):
    with pytest.raises(Refused, match="envelope-shape"):
        envelopes.parse(resigned({**fields(), **change}))
    missing = fields()
    missing.pop("kind")
    with pytest.raises(Refused, match="envelope-shape"):
        envelopes.parse(resigned(missing))


def test_another_spelling_of_the_same_json_is_refused():
    text = written()
    for other in (
        json.dumps(json.loads(text), sort_keys=True),
        text.replace('"v":1', '"v":1,"v":1'),
        " " + text,
        text + "\n",
        text.replace("home", "\\u0068ome"),
    ):
        with pytest.raises(Refused, match="envelope-shape"):
            envelopes.parse(other)


@pytest.mark.parametrize(
    ("seconds", "is_fine"),
    [(-121, False), (-120, True), (0, True), (600, True), (601, False), (86_400, False)],
)
def test_an_envelope_is_good_for_ten_minutes_and_two_minutes_of_skew(seconds, is_fine):
    text = written()
    if is_fine:
        assert checked(text, NOW + timedelta(seconds=seconds)) == CONTENT
    else:
        with pytest.raises(Refused, match="envelope-time"):
            checked(text, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("valid_s", [0, -1, 601, 10**6])
def test_a_longer_validity_than_ten_minutes_is_refused_whoever_signed_it(valid_s):
    head = envelopes.issued(HEAD, NOW, valid_s)
    text = envelopes.write(head, CONTENT, HOME, NODE.public.seal)
    with pytest.raises(Refused, match="envelope-validity"):
        checked(text)


def test_a_body_moved_into_another_envelope_does_not_open():
    stolen = json.loads(written())["body"]
    head = envelopes.issued(replace(HEAD, id="f" * 32), NOW)
    text = envelopes.sign(head, stolen, HOME)
    with pytest.raises(Refused, match="seal-unreadable"):
        checked(text)


def test_another_signer_and_another_receiver_are_refused():
    text = envelopes.write(envelopes.issued(HEAD, NOW), CONTENT, NODE, NODE.public.seal)
    with pytest.raises(Refused, match="signature-wrong"):
        checked(text)
    other = written(replace(HEAD, receiver="laptop"))
    with pytest.raises(Refused, match="envelope-not-mine"):
        checked(other)


def test_a_part_of_48_kib_fits_and_more_is_refused_before_it_is_sent():
    chunk = Content({"sha256": "0" * 64, "offset": 49_152_000}, bytes(range(256)) * 192)
    text = written(content=chunk)
    assert len(text) <= envelopes.MOST_BYTES
    assert checked(text) == chunk
    with pytest.raises(Refused, match="message-too-large"):
        written(content=Content({}, bytes(51_000)))
