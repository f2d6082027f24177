"""Attacks on pairing: the string stolen, used twice, late; keys swapped; the broker in other hands.

Repeats the failure classes of `reliability.md` 3.1 that end in a machine nobody wanted.
"""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from core.db import canonical
from core.errors import Refused
from core.runs import envelopes
from core.runs.envelopes import Content, Head, issued
from core.runs.exchange_joining_words import Applicant, digits, invitation_id, mac
from core.runs.exchange_pairing import make_pairing, parse_pairing
from core.seal import Identity, PublicKeys
from tests.integration.nodes_world import FACTS, GRANT_KEY, URL, Doorway, machine

MALLORY = Identity(b"m" * 32, b"M" * 32)


@pytest.fixture
def door(sqlite_database):
    return Doorway(sqlite_database)


def forged_join(door, said, identity=MALLORY, name="pc", to=None):
    """A join of an attacker's own making."""
    head = Head("0" * 32, name, "home", "join", said["boot"], 3, 0, 0)
    dated = issued(head, door.clock.now(), 60)
    return envelopes.write(dated, Content(said), identity, to or door.keys.public.seal)


def saying(secret, identity=MALLORY, **changed):
    keys = identity.public
    whole = {
        "invitation": invitation_id(secret),
        "sign": keys.sign,
        "seal": keys.seal,
        "boot": "b",
        **FACTS,
        "mac": "0" * 64,
    }
    return {**whole, **changed}


def test_a_pairing_string_used_twice_lets_only_the_first_machine_ask(door):
    line = door.invite()
    first, second = machine(line), machine(line, seed=b"s")
    assert door.knock(first) == "asked"
    assert door.knock(second) == "pairing-used"
    assert door.answer(second) == "pairing-used"
    door.tap(first)
    assert door.knock(second) == "pairing-used"
    with door.db.read() as tx:
        assert door.nodes.peer(tx, "pc").keys == Identity(b"n" * 32, b"N" * 32).public
    assert door.alerts() == ["pairing-used"]
    assert door.audited().count("join-refused") == 1


def test_a_string_used_twice_by_a_flood_is_told_once_a_minute(door):
    line = door.invite()
    door.knock(machine(line))
    for number in range(50):
        assert door.knock(machine(line, seed=bytes([number + 1]))) == "pairing-used"
    assert door.audited().count("join-refused") == 1
    assert len(door.alerts()) == 1
    door.clock.advance(61)
    door.knock(machine(line, seed=b"z"))
    assert door.audited().count("join-refused") == 2


def test_a_string_used_ten_minutes_late_lets_nobody_ask(door):
    pc = machine(door.invite())
    door.clock.advance(600)
    assert door.knock(pc) == "pairing-expired"
    assert door.answer(pc) == "pairing-expired"
    assert door.card()["state"] == "expired"
    assert door.alerts() == ["pairing-expired"]


def test_a_join_with_a_wrong_mac_is_refused_and_told_and_not_answered(door):
    line = door.invite()
    secret = parse_pairing(line).secret
    for wrong in ("0" * 64, mac("00" * 16, "pc", door.keys.public, saying(secret))):
        with pytest.raises(Refused, match="pairing-mac"):
            door.exchange.receive(forged_join(door, saying(secret, mac=wrong)))
    assert door.card()["state"] == "open"
    assert door.board.records == {}
    assert door.alerts() == ["pairing-mac"]


@pytest.mark.parametrize("field", ["sign", "seal", "boot", "place", "system", "machine"])
def test_the_mac_covers_everything_that_a_join_says(door, field):
    secret = parse_pairing(door.invite()).secret
    honest = saying(secret)
    honest["mac"] = mac(secret, "pc", door.keys.public, honest)
    other = {"sign": "11" * 32, "seal": "22" * 32, "boot": "c", "place": "rented"}
    changed = {**honest, field: other.get(field, "Other")}
    with pytest.raises(Refused, match=r"pairing-mac|signature-wrong"):
        door.exchange.receive(forged_join(door, changed))
    assert door.card()["state"] == "open"


def test_the_mac_is_bound_to_homes_keys_and_the_name(door):
    secret = parse_pairing(door.invite()).secret
    for home, name in ((MALLORY.public, "pc"), (door.keys.public, "laptop")):
        said = saying(secret)
        said["mac"] = mac(secret, name, home, said)
        with pytest.raises(Refused, match="pairing-mac"):
            door.exchange.receive(forged_join(door, said))


def test_a_stolen_broker_without_the_string_lets_no_machine_ask(door):
    door.invite()
    guess = saying("77" * 16)
    guess["mac"] = mac("77" * 16, "pc", door.keys.public, guess)
    with pytest.raises(Refused, match="pairing-unknown"):
        door.exchange.receive(forged_join(door, guess))
    assert door.card()["state"] == "open"
    assert door.audited() == ["node-invited"]  # a stranger cannot fill the audit


def test_a_join_signed_by_another_key_than_it_names_is_refused(door):
    secret = parse_pairing(door.invite()).secret
    honest = Identity(b"n" * 32, b"N" * 32)
    said = saying(secret, honest)
    said["mac"] = mac(secret, "pc", door.keys.public, said)
    with pytest.raises(Refused, match="signature-wrong"):
        door.exchange.receive(forged_join(door, said, MALLORY))


def test_digits_differ_when_a_key_is_swapped_in_the_middle(door):
    """Somebody who has read the string puts own keys in: the screens disagree."""
    line = door.invite()
    victim, thief = machine(line), machine(line, seed=b"t")
    door.knock(thief)
    assert door.card()["digits"] == thief.digits
    assert victim.digits != thief.digits
    home, node = door.keys.public, MALLORY.public
    secret = parse_pairing(line).secret
    same = digits(secret, "pc", home, node)
    for changed in (
        digits("00" * 16, "pc", home, node),
        digits(secret, "laptop", home, node),
        digits(secret, "pc", PublicKeys(node.sign, home.seal), node),
        digits(secret, "pc", PublicKeys(home.sign, node.seal), node),
        digits(secret, "pc", home, PublicKeys(home.sign, node.seal)),
        digits(secret, "pc", home, PublicKeys(node.sign, home.seal)),
    ):
        assert changed != same


def test_a_string_with_another_homes_keys_does_not_reach_ours(door):
    secret = parse_pairing(door.invite()).secret
    fake = make_pairing("pc", MALLORY, URL, secret=secret, grant_keys=(GRANT_KEY,))
    pc = Applicant(fake, Identity(b"n" * 32, b"N" * 32), "boot1", FACTS)
    assert door.knock(pc) == "seal-unreadable"
    assert door.card()["state"] == "open"


def test_a_forged_replayed_or_borrowed_welcome_lets_the_node_believe_nothing(door):
    line = door.invite()
    pc = machine(line)
    door.knock(pc)
    door.tap(pc)
    door.knock(pc)
    welcome = door.board.read(pc.invitation)
    now = door.clock.now()
    fields = json.loads(welcome)
    forged = Head(fields["id"], "home", "pc", "welcome", "boot1", 3, 0, 0)
    for_mallory = envelopes.write(issued(forged, now), Content({}), MALLORY, fields and "11" * 32)
    borrowed = machine(line, boot="boot2")
    assert pc.hear(welcome, now)
    for listener, record in (
        (borrowed, welcome),  # of an earlier boot
        (machine(line, seed=b"o"), welcome),  # sealed for another machine
        (pc, for_mallory),
        (pc, canonical({**fields, "incarnation": 9})),
        (pc, canonical({**fields, "kind": "join-refused"})),
        (pc, ""),
        (pc, "{}"),
    ):
        with pytest.raises(Refused):
            listener.hear(record, now)
    door.clock.advance(61)
    with pytest.raises(Refused, match="envelope-time"):
        pc.hear(welcome, door.clock.now())


def test_two_thousand_mutated_joins_let_nobody_ask(door):
    pc = machine(door.invite())
    dice = random.Random(5)
    honest = pc.ask(door.clock.now()).encode()
    for _ in range(2000):
        changed = bytearray(honest)
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
        with pytest.raises(Refused):
            door.exchange.receive(bytes(changed))
    assert door.card()["state"] == "open"


def test_a_join_reflected_to_a_node_or_without_a_door_is_refused(door):
    pc = machine(door.invite())
    door.exchange.on_join = None
    with pytest.raises(Refused, match="envelope-kind"):
        door.exchange.receive(pc.ask(door.clock.now()))


def test_a_join_kept_back_for_two_minutes_is_refused(door):
    pc = machine(door.invite())
    kept = pc.ask(door.clock.now())
    door.clock.advance(61)
    with pytest.raises(Refused, match="envelope-time"):
        door.exchange.receive(kept)


def test_a_machine_cannot_ask_under_another_name_than_it_was_invited_by(door):
    line = door.invite()
    pairing = replace(parse_pairing(line), name="laptop")
    other = Applicant(pairing, Identity(b"n" * 32, b"N" * 32), "boot1", FACTS)
    assert door.knock(other) == "pairing-unknown"
