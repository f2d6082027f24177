"""A machine becomes a node: one string, eight digits on two screens, one tap."""

from __future__ import annotations

import json

import pytest

from core.errors import Refused
from core.redaction import Redaction
from core.runs.exchange_joining_words import Welcome
from core.runs.exchange_pairing import is_loopback, parse_pairing
from tests.integration.nodes_world import GRANT_KEY, URL, Doorway, machine


@pytest.fixture
def door(database):
    return Doorway(database)


def test_a_machine_is_let_in_after_the_tap_and_not_before(door):
    pc = machine(door.invite())
    assert door.knock(pc) == "asked"
    assert door.answer(pc) is None
    assert door.names() == []
    card = door.card()
    assert (card["state"], card["digits"], card["system"]) == ("joined", pc.digits, "Linux")
    assert len(pc.digits) == 8

    door.tap(pc)
    assert door.names() == ["pc"]
    assert door.knock(pc) == "asked"
    assert door.answer(pc) == Welcome(incarnation=3)
    assert door.card()["state"] == "trusted"
    assert door.audited() == ["node-invited", "node-joined", "node-trusted"]


def test_the_string_carries_what_a_node_needs_and_survives_line_breaks(door):
    line = door.invite()
    broken = "\n".join(line[at : at + 40] for at in range(0, len(line), 40))
    pairing = parse_pairing(f"  {broken}\n")
    assert (pairing.redis_url, pairing.incarnation) == (URL, 3)
    assert pairing.grant_keys == (GRANT_KEY,)
    assert len(pairing.secret) == 32
    assert len(line) < 400


@pytest.mark.parametrize("at", [10, 60, 150, -3])
def test_a_string_with_one_wrong_letter_is_refused_as_such(door, at):
    line = list(door.invite())
    line[at] = "a" if line[at] != "a" else "b"
    with pytest.raises(Refused, match="pairing-malformed"):
        parse_pairing("".join(line))


def test_redaction_leaves_the_string_whole(door):
    redact = Redaction(["broker-password"])
    for _ in range(200):
        line = door.invite()
        assert redact.through({"line": line}) == {"line": line}


def test_the_string_leaves_the_database_when_it_is_used(door):
    line = door.invite()
    assert door.card()["line"] == line
    door.knock(machine(line))
    assert not any("line" in notice.params for notice in door.notices("invitation"))


def test_the_string_leaves_the_database_when_nobody_comes(door):
    door.invite()
    door.clock.advance(601)
    assert door.joining.look() == 1
    assert door.card()["state"] == "expired"
    assert not any("line" in notice.params for notice in door.notices("invitation"))
    assert door.joining.look() == 0


def test_a_secret_is_forgotten_an_hour_after_its_end(door):
    door.invite()
    door.clock.advance(601)
    door.joining.look()
    assert all(door.secrets_kept())
    door.clock.advance(3700)
    door.joining.look()
    assert door.secrets_kept() == [""]


def test_different_digits_keep_the_machine_out_and_it_is_told(door):
    pc = machine(door.invite())
    door.knock(pc)
    door.tap(pc, same=False)
    assert door.names() == []
    door.knock(pc)
    assert door.answer(pc) == "pairing-refused"
    with pytest.raises(Refused, match="pairing-closed"):
        door.tap(pc)
    assert door.names() == []


def test_a_tap_ten_minutes_late_lets_nobody_in(door):
    pc = machine(door.invite())
    door.knock(pc)
    door.clock.advance(601)
    with pytest.raises(Refused, match="pairing-closed"):
        door.tap(pc)
    door.joining.look()
    door.knock(pc)
    assert door.answer(pc) == "pairing-expired"
    assert door.names() == []


def test_a_machine_that_asks_again_and_again_is_one_machine(door):
    pc = machine(door.invite())
    for _ in range(5):
        assert door.knock(pc) == "asked"
    assert door.audited().count("node-joined") == 1
    assert [notice.params["state"] for notice in door.notices("invitation")] == ["open", "joined"]


def test_a_newer_invitation_of_the_same_name_kills_the_older_one(door):
    old, new = machine(door.invite()), machine(door.invite())
    assert door.knock(old) == "pairing-expired"
    assert door.knock(new) == "asked"


def test_the_name_of_a_node_that_is_there_is_not_given_out_again(door):
    pc = machine(door.invite())
    door.knock(pc)
    door.tap(pc)
    with pytest.raises(Refused, match="node-name-taken"):
        door.invite()
    with pytest.raises(Refused, match="node-name"):
        door.invite("home")


def test_a_revoked_name_may_be_given_to_other_keys_and_never_to_the_old_ones(door):
    pc = machine(door.invite())
    door.knock(pc)
    door.tap(pc)
    with door.db.write() as tx:
        door.nodes.revoke(tx, "pc")
    again = machine(door.invite())
    door.knock(again)
    with pytest.raises(Refused, match="node-revoked"):
        door.tap(again)

    other = machine(door.invite(), seed=b"o")
    door.knock(other)
    door.tap(other)
    assert door.names() == ["pc"]
    with door.db.write() as tx:
        door.nodes.revoke(tx, "pc")
    third = machine(door.invite())
    door.knock(third)
    with pytest.raises(Refused, match="node-revoked"):  # remembered through two owners of the name
        door.tap(third)


@pytest.mark.parametrize(
    ("url", "is_local"),
    [
        ("redis://127.0.0.1:6379/0", True),
        ("redis://:pass@localhost/0", True),
        ("redis://[::1]:6379", True),
        ("unix:///tmp/redis.sock", True),
        ("rediss://:p@redis.example.org:6380", False),
        ("redis://192.168.1.5", False),
    ],
)
def test_a_broker_that_only_this_machine_reaches_is_known_as_such(url, is_local):
    assert is_loopback(url) is is_local


def test_the_card_says_when_the_broker_is_reachable_from_this_machine_only(door):
    door.invite(url="redis://127.0.0.1:1/0")
    assert door.card()["loopback"] is True


def test_nothing_readable_of_a_join_passes_the_broker(door):
    pc = machine(door.invite())
    envelope = json.loads(pc.ask(door.clock.now()))
    for visible in ("Linux", pc.invitation, pc.digits):
        assert visible not in json.dumps(envelope)
