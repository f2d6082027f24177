"""Buttons on both databases."""

import threading
from datetime import timedelta

import pytest

from core.errors import Refused
from core.runs.buttons import Buttons, NewButton, Tap

CHAT, OWNER = 1001, 1001


@pytest.fixture
def db(database):
    return database


@pytest.fixture
def buttons(db, clock):
    return Buttons(db, clock)


def opened(buttons, db, *rows, message_id=50):
    with db.write() as tx:
        ids = buttons.open(tx, *rows)
        if message_id is not None:
            buttons.bind(tx, ids, message_id)
    return ids


def button(verb="jobs.stop", **more):
    return NewButton(CHAT, 1, verb, {"run_id": "r1"}, **more)


def tap(buttons, db, clock, button_id, **more):
    facts = {"chat_id": CHAT, "message_id": 50, "user_id": OWNER, "owner_id": OWNER, **more}
    with db.write() as tx:
        return buttons.tap(tx, button_id, now=clock.now(), **facts)


def code(result):
    assert isinstance(result, Refused)
    return result.code


def test_ids_are_random_and_fit_into_callback_data(buttons, db):
    ids = opened(buttons, db, button(), button())
    assert len(set(ids)) == 2
    assert all(len(each) == 22 for each in ids)


def test_a_tap_gives_the_command_once(buttons, db, clock):
    (one,) = opened(buttons, db, button(card_key="job:1"))
    assert tap(buttons, db, clock, one) == Tap("jobs.stop", {"run_id": "r1"}, "job:1", 1)
    assert code(tap(buttons, db, clock, one)) == "stale-button"


def test_a_button_that_is_not_single_works_again(buttons, db, clock):
    (one,) = opened(buttons, db, button("jobs.page", single=False))
    for _ in range(3):
        assert isinstance(tap(buttons, db, clock, one), Tap)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"user_id": 5}, "not-owner"),
        ({"owner_id": None}, "not-owner"),
        ({"chat_id": 5}, "stale-button"),
        ({"message_id": 49}, "stale-button"),
    ],
)
def test_a_tap_by_a_stranger_or_from_elsewhere_does_nothing(buttons, db, clock, facts, why):
    (one,) = opened(buttons, db, button())
    assert code(tap(buttons, db, clock, one, **facts)) == why
    assert isinstance(tap(buttons, db, clock, one), Tap)


def test_an_unknown_id_does_nothing(buttons, db, clock):
    assert code(tap(buttons, db, clock, "x" * 22)) == "stale-button"


def test_a_button_past_its_validity_does_nothing(buttons, db, clock):
    (one,) = opened(buttons, db, button(expires_at=clock.now() + timedelta(minutes=5)))
    clock.advance(300)
    assert code(tap(buttons, db, clock, one)) == "stale-button"


def test_the_first_tap_binds_a_sending_whose_message_id_was_lost(buttons, db, clock):
    (one,) = opened(buttons, db, button(single=False), message_id=None)
    assert isinstance(tap(buttons, db, clock, one, message_id=60), Tap)
    assert code(tap(buttons, db, clock, one, message_id=61)) == "stale-button"
    assert isinstance(tap(buttons, db, clock, one, message_id=60), Tap)


def test_a_newer_sending_of_the_card_kills_the_buttons_of_the_older(buttons, db, clock):
    (old,) = opened(buttons, db, button(card_key="job:1"))
    (other,) = opened(buttons, db, NewButton(CHAT, 9, "help.open"))
    with db.write() as tx:
        (new,) = buttons.open(tx, NewButton(CHAT, 2, "jobs.stop", card_key="job:1"))
        buttons.bind(tx, [new], 50)
        buttons.retire(tx, CHAT, notice_id=2, card_key="job:1", keep=[new])
    assert code(tap(buttons, db, clock, old)) == "stale-button"
    assert isinstance(tap(buttons, db, clock, new), Tap)
    assert isinstance(tap(buttons, db, clock, other), Tap)


def test_of_many_simultaneous_taps_exactly_one_counts(buttons, db, clock):
    (one,) = opened(buttons, db, button())
    results, gate = [], threading.Barrier(8)

    def finger():
        gate.wait()
        results.append(tap(buttons, db, clock, one))

    fingers = [threading.Thread(target=finger) for _ in range(8)]
    for each in fingers:
        each.start()
    for each in fingers:
        each.join()
    assert sum(isinstance(each, Tap) for each in results) == 1
