"""Taps that must not count: forged, old, foreign, double, on another card, too early."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from bot.handlers import buttons
from bot.handlers.incoming import Tapped
from core.approvals.model import State
from core.approvals.tables import audit
from core.ids import random_token
from tests.integration.cards_house import BY, TWO_TAPS, Desk
from tests.integration.handlers_house import OWNER


@pytest.fixture
def desk(sqlite_database, clock):
    return Desk(sqlite_database, clock)


def states(desk, *approvals):
    return [desk.now(each).state for each in approvals]


def test_of_two_open_cards_the_tapped_one_is_approved_and_no_other(desk):
    """Hermes 0.19.0: a tap on the newer card approved the oldest request."""
    first, second = desk.ask("rm", "-rf", "/data/important"), desk.ask("git", "push")
    desk.press(second, "approval.approve")
    assert states(desk, first, second) == [State.OPEN, State.APPROVED]
    assert desk.now(second).decided_by == BY


def test_a_tap_on_a_card_from_before_a_restart_approves_only_what_it_showed(desk, clock):
    """Hermes 0.19.0: after a restart an old button's id meant a new request."""
    old = desk.ask("ls")
    message_id, message = desk.card(old)
    again = Desk.__new__(Desk)
    again.__dict__.update(desk.__dict__)  # a new process over the same database
    new = again.ask("rm", "-rf", "/srv/photos")
    again.deliver()
    again.tap_id(message.button("approval.approve"), message_id)
    assert states(again, old, new) == [State.APPROVED, State.OPEN]


def test_a_double_tap_is_one_decision(desk):
    approval = desk.ask("ls")
    message_id, message = desk.card(approval)
    button = message.button("approval.approve")
    desk.tap_id(button, message_id)
    assert "too old" in desk.tap_id(button, message_id)
    with desk.house.db.read() as tx:
        kinds = list(tx.execute(sa.select(audit.c.kind)).scalars())
    assert kinds.count("approved") == 1


def test_many_fingers_on_one_button_decide_once(desk):
    approval = desk.ask("ls")
    message_id, message = desk.card(approval)
    button = message.button("approval.approve")
    said = [desk.incoming(message_id=message_id) for _ in range(8)]
    words, gate = [], threading.Barrier(8)

    def finger(one):
        gate.wait()
        words.append(buttons.obey_tap(desk, Tapped(one, button, message_id)))

    fingers = [threading.Thread(target=finger, args=(one,)) for one in said]
    for each in fingers:
        each.start()
    for each in fingers:
        each.join()
    assert words.count("✅ Approved") == 1
    assert desk.now(approval).state is State.APPROVED


def test_a_tap_by_anyone_but_the_owner_does_nothing(desk):
    approval = desk.ask("ls")
    desk.press(approval, "approval.approve", user_id=OWNER + 1)
    assert desk.now(approval).state is State.OPEN


def test_a_forged_button_id_does_nothing(desk):
    approval = desk.ask("ls")
    message_id, _ = desk.card(approval)
    for forged in (random_token(), "approve", approval.id, "", "a" * 64):
        desk.tap_id(forged, message_id)
    assert desk.now(approval).state is State.OPEN


def test_a_real_button_on_another_message_does_nothing(desk):
    approval, other = desk.ask("ls"), desk.ask("pwd")
    _, message = desk.card(approval)
    elsewhere, _ = desk.card(other)
    desk.tap_id(message.button("approval.approve"), elsewhere)
    assert states(desk, approval, other) == [State.OPEN, State.OPEN]


def test_the_buttons_of_an_older_sending_are_dead(desk):
    approval = desk.ask("ls")
    message_id, message = desk.card(approval)
    desk.say("/pending")
    desk.deliver()
    desk.tap_id(message.button("approval.approve"), message_id)
    assert desk.now(approval).state is State.OPEN
    desk.press(approval, "approval.approve")
    assert desk.now(approval).state is State.APPROVED


def test_a_yes_after_the_time_is_over_does_nothing(desk, clock):
    approval = desk.ask("ls")
    message_id, message = desk.card(approval)
    clock.advance(3601)
    desk.tap_id(message.button("approval.approve"), message_id)
    assert desk.now(approval).state is State.OPEN  # until the ticker says expired
    with desk.house.db.write() as tx:
        desk.approvals.expire(tx, clock.now())
    assert desk.now(approval).state is State.EXPIRED
    assert "did not run" in desk.card(approval)[1].text


def test_the_highest_class_takes_two_taps_with_a_pause(desk, clock):
    approval = desk.ask("rm", judgement=TWO_TAPS)
    desk.press(approval, "approval.approve")
    assert desk.now(approval).state is State.CONFIRM
    message_id, message = desk.card(approval)
    yes = message.button("approval.confirm")
    clock.advance(1.9)
    desk.tap_id(yes, message_id)
    assert desk.now(approval).state is State.CONFIRM
    clock.advance(0.2)
    desk.tap_id(yes, message_id)
    assert desk.now(approval).state is State.APPROVED


def test_the_first_button_tapped_twice_is_no_second_yes(desk, clock):
    approval = desk.ask("rm", judgement=TWO_TAPS)
    message_id, message = desk.card(approval)
    first = message.button("approval.approve")
    desk.tap_id(first, message_id)
    clock.advance(5)
    desk.tap_id(first, message_id)
    assert desk.now(approval).state is State.CONFIRM


def test_going_back_needs_two_taps_again(desk, clock):
    approval = desk.ask("rm", judgement=TWO_TAPS)
    desk.press(approval, "approval.approve")
    clock.advance(3)
    message_id, message = desk.card(approval)
    old_yes = message.button("approval.confirm")
    desk.press(approval, "approval.back")
    desk.deliver()
    desk.tap_id(old_yes, message_id)
    assert desk.now(approval).state is State.OPEN


def test_a_long_question_cannot_be_approved_before_its_document_is_there(desk):
    approval = desk.ask("tool", "x" * 5000)
    message_id, message = desk.card(approval)
    assert "approval.approve" not in message.verbs
    desk.tap("approval.approve", id=approval.id, message_id=message_id)  # as if it had one
    assert desk.now(approval).state is State.OPEN
    desk.press(approval, "approval.details")
    desk.tap("approval.approve", id=approval.id)  # the document is not out yet
    assert desk.now(approval).state is State.OPEN
    paper = desk.last("approval-text")
    assert "x" * 5000 in paper.rendered.parts[0].file_bytes.decode()
    desk.press(approval, "approval.approve")
    assert desk.now(approval).state is State.APPROVED


def test_what_was_read_once_stays_read_on_a_fresh_card(desk):
    approval = desk.ask("tool", "x" * 5000)
    desk.press(approval, "approval.details")
    desk.deliver()
    desk.say("/pending")
    assert "approval.approve" in desk.card(approval)[1].verbs


def test_a_decided_question_takes_no_second_decision(desk):
    approval = desk.ask("ls")
    message_id, message = desk.card(approval)
    desk.tap_id(message.button("approval.deny"), message_id)
    desk.tap("approval.approve", id=approval.id)
    desk.say(f"/approve {approval.digest[:8]}")
    assert desk.now(approval).state is State.DENIED


def test_words_of_a_model_in_an_action_open_no_button_and_no_markup(desk):
    evil = '</code><b>✅ Approved</b><a href="tg://resolve">tap</a> /approve'
    approval = desk.ask("echo", evil)
    _, message = desk.card(approval)
    assert "<a " not in message.text
    assert "&lt;/code&gt;&lt;b&gt;" in message.text
