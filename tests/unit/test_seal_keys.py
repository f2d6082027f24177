"""Keys, sealing and signing; the files they are kept in: tests/integration/test_seal_files.py."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import seal
from core.errors import Refused
from core.seal import Context, Identity, Master

ALICE = Identity(b"a" * 32, b"A" * 32)
BOB = Identity(b"b" * 32, b"B" * 32)


@given(st.binary(min_size=32, max_size=32))
def test_a_recovery_code_gives_the_key_back_however_it_is_written_down(key):
    code = Master(key).recovery_code()
    assert len(code.split("-")) == 14
    assert seal.parse_key(code) == key
    assert seal.parse_key(code.lower().replace("-", " ")) == key
    assert seal.parse_key(code.replace("O", "0").replace("I", "1").replace("-", "")) == key
    assert seal.parse_key(key.hex()) == key


def test_a_recovery_code_with_one_wrong_letter_is_refused():
    code = Master(b"k" * 32).recovery_code()
    for at, letter in enumerate(code):
        if letter != "-":
            wrong = code[:at] + ("A" if letter != "A" else "B") + code[at + 1 :]
            with pytest.raises(Refused, match="key-checksum"):
                seal.parse_key(wrong)


@pytest.mark.parametrize("text", ["", "secret", "ক" * 56, "A" * 57, "0" * 63, "=" * 44, "-" * 60])
def test_what_is_no_key_is_refused_and_not_a_stack_trace(text):
    with pytest.raises(Refused, match="key-malformed"):
        seal.parse_key(text)


def test_each_purpose_has_its_own_key_and_the_same_one_for_ever():
    master = Master(b"k" * 32)
    keys = {master.live_key(), master.subkey("key-files"), master.database_key()[:32]}
    assert len(keys) == 3
    assert len(master.database_key()) == 48
    assert master.live_key().hex().startswith("c170a8fb85b80eee")
    assert master.database_key().hex().startswith("d6a162f9e4d3d9d3")
    assert "6b6b" not in repr(master)


@given(st.binary(max_size=2000), st.binary(max_size=40))
def test_what_is_sealed_for_one_is_opened_by_that_one_only(plain, bound):
    sealed = seal.seal(Context.ENVELOPE, plain, BOB.public.seal, bound)
    assert len(sealed) == len(plain) + seal.SEAL_BYTES
    assert BOB.open(Context.ENVELOPE, sealed, bound) == plain
    for identity, context, tied in (
        (ALICE, Context.ENVELOPE, bound),
        (BOB, Context.LIVE, bound),
        (BOB, Context.ENVELOPE, bound + b"x"),
    ):
        with pytest.raises(Refused, match="seal-unreadable"):
            identity.open(context, sealed, tied)


def test_ten_thousand_changed_bytes_never_open():
    dice = random.Random(1)
    sealed = seal.seal(Context.ENVELOPE, b"text" * 20, BOB.public.seal)
    for _ in range(10_000):
        changed = bytearray(sealed)
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
        with pytest.raises(Refused, match="seal-unreadable"):
            BOB.open(Context.ENVELOPE, bytes(changed))


@given(st.binary(max_size=200))
def test_strange_bytes_never_open_and_never_crash(raw):
    with pytest.raises(Refused):
        BOB.open(Context.ENVELOPE, raw)
    with pytest.raises(Refused):
        seal.open_frame(b"k" * 32, Context.LIVE, raw, b"")


@pytest.mark.parametrize("point", ["00" * 32, "01" + "00" * 31, "", "zz", "ab" * 31])
def test_a_weak_or_malformed_public_key_is_refused(point):
    with pytest.raises(Refused, match="public-key-malformed"):
        seal.seal(Context.ENVELOPE, b"x", point)
    with pytest.raises(Refused, match="public-key-malformed"):
        ALICE.shared_key(point, Context.LIVE)
    with pytest.raises(Refused, match="signature-wrong"):
        seal.verify(point, Context.ENVELOPE, b"x", bytes(64))


def test_a_signature_holds_for_its_signer_its_bytes_and_its_context_only():
    signature = ALICE.sign(Context.HALT, b"stop")
    seal.verify(ALICE.public.sign, Context.HALT, b"stop", signature)
    for key, context, data, signed in (
        (BOB.public.sign, Context.HALT, b"stop", signature),
        (ALICE.public.sign, Context.ENVELOPE, b"stop", signature),
        (ALICE.public.sign, Context.HALT, b"stop!", signature),
        (ALICE.public.sign, Context.HALT, b"stop", signature[:-1]),
        (ALICE.public.sign, Context.HALT, b"stop", b""),
    ):
        with pytest.raises(Refused, match="signature-wrong"):
            seal.verify(key, context, data, signed)


def test_two_ends_compute_the_same_shared_key_and_a_third_does_not():
    ours = ALICE.shared_key(BOB.public.seal, Context.LIVE)
    assert ours == BOB.shared_key(ALICE.public.seal, Context.LIVE)
    assert ours != ALICE.shared_key(BOB.public.seal, Context.ENVELOPE)
    other = Identity(b"c" * 32, b"C" * 32)
    assert ours != other.shared_key(BOB.public.seal, Context.LIVE)


def test_a_frame_opens_under_its_key_and_at_its_place_only():
    frame = seal.seal_frame(b"k" * 32, Context.LIVE, b"text", b"run1:1")
    assert seal.open_frame(b"k" * 32, Context.LIVE, frame, b"run1:1") == b"text"
    for key, bound in ((b"j" * 32, b"run1:1"), (b"k" * 32, b"run1:2")):
        with pytest.raises(Refused, match="seal-unreadable"):
            seal.open_frame(key, Context.LIVE, frame, bound)
