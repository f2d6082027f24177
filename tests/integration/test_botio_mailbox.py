"""The mailbox on both databases."""

from datetime import timedelta

import pytest

from core.runs import cards
from core.runs.mailbox import Mailbox
from core.runs.notices import Level, Notice, NoticeState, Urgency, alert
from core.runs.ports import NoWake
from core.runs.tables import notices

CHAT = 1001


class CountingWake(NoWake):
    def __init__(self):
        self.calls = 0

    def notices(self):
        self.calls += 1


@pytest.fixture
def db(database):
    return database


@pytest.fixture
def box(db, clock):
    return Mailbox(db, clock, NoWake(), lambda _tx: CHAT)


def say(text, **more):
    return Notice("text", {"key": text, "values": {}}, chat_id=CHAT, **more)


def card(text, key="screen:1", **more):
    return Notice("text", {"key": text, "values": {}}, chat_id=CHAT, key=key, **more)


def texts(rows):
    return [row.notice.params["key"] for row in rows]


def begin(box, db, row):
    with db.write() as tx:
        assert box.begin(tx, row.id)


def finish(box, db, row, *message_ids):
    begin(box, db, row)
    with db.write() as tx:
        box.sent(tx, row.id, message_ids)


def states(db):
    with db.read() as tx:
        return list(tx.execute(notices.select().order_by(notices.c.id)))


def test_a_notice_wakes_the_bot_only_after_the_commit(db, clock):
    wake = CountingWake()
    box = Mailbox(db, clock, wake)
    with db.write() as tx:
        box.put(tx, say("one"))
        assert wake.calls == 0
    assert wake.calls == 1


def test_says_of_one_chat_come_one_by_one_in_the_order_they_were_put(box, db, clock):
    for text in ("one", "two"):
        box.post(say(text))
    box.post(say("three", urgency=Urgency.ALERT))
    seen = []
    while rows := box.ready(clock.now()):
        assert len(rows) == 1
        seen += texts(rows)
        finish(box, db, rows[0], len(seen))
    assert seen == ["one", "two", "three"]


def test_a_say_being_sent_holds_the_next_one_but_no_card(box, db, clock):
    box.post(say("one"))
    box.post(say("two"))
    box.post(card("card"))
    first = box.ready(clock.now())[0]
    begin(box, db, first)
    assert texts(box.ready(clock.now())) == ["card"]


def test_a_say_that_waits_holds_later_says_of_its_chat_but_not_alerts_cards_or_others(
    box, db, clock
):
    box.post(say("one"))
    row = box.ready(clock.now())[0]
    begin(box, db, row)
    with db.write() as tx:
        box.later(tx, row.id, clock.now() + timedelta(seconds=30), "retry-after")
    box.post(say("two"))
    box.post(card("card", urgency=Urgency.CARD))
    box.post(alert(Level.PROBLEM, "pc", "gone"))
    box.post(Notice("text", {"key": "elsewhere", "values": {}}, chat_id=7))
    kinds = [row.notice.params.get("key") or row.notice.kind for row in box.ready(clock.now())]
    assert kinds == ["alert", "elsewhere", "card"]
    clock.advance(30)
    assert "one" in [row.notice.params.get("key") for row in box.ready(clock.now())]


def test_many_chats_are_ready_at_once(box, clock):
    for chat in range(50):
        box.post(Notice("text", {"key": str(chat), "values": {}}, chat_id=chat + 1))
    assert len(box.ready(clock.now(), 100)) == 50
    assert len(box.ready(clock.now(), 16)) == 16


def test_of_a_card_only_the_newest_revision_is_sent(box, db, clock):
    for text in ("one", "two", "three"):
        box.post(card(text))
    rows = box.ready(clock.now())
    assert texts(rows) == ["three"]
    assert rows[0].revision == 3
    assert [row.state for row in states(db)] == ["skipped", "skipped", "ready"]


def test_a_card_inherits_the_sound_of_the_revision_it_replaces_unseen(box, clock):
    box.post(card("loud", urgency=Urgency.ALERT, reply_to=5))
    box.post(card("quiet", urgency=Urgency.CARD, silent=True))
    (row,) = box.ready(clock.now())
    assert (row.notice.silent, row.notice.urgency, row.notice.reply_to) == (False, 0, 5)


def test_the_next_revision_of_a_card_waits_until_the_open_request_has_ended(box, db, clock):
    box.post(card("one"))
    row = box.ready(clock.now())[0]
    begin(box, db, row)
    box.post(card("two"))
    assert box.ready(clock.now()) == []
    with db.write() as tx:
        box.sent(tx, row.id, [77])
        assert cards.shown(tx, CHAT, "screen:1") == cards.Card(77, 1)
    assert texts(box.ready(clock.now())) == ["two"]


def test_a_card_given_back_is_skipped_when_a_newer_revision_has_come(box, db, clock):
    box.post(card("one"))
    row = box.ready(clock.now())[0]
    begin(box, db, row)
    box.post(card("two"))
    with db.write() as tx:
        box.later(tx, row.id, clock.now(), "retry-after")
    assert [row.state for row in states(db)] == ["skipped", "ready"]


def test_what_was_being_sent_at_a_crash_is_sent_again_and_marked(box, db, clock):
    box.post(say("one"))
    begin(box, db, box.ready(clock.now())[0])
    assert box.ready(clock.now()) == []
    with db.write() as tx:
        assert box.recover(tx) == 1
    (row,) = box.ready(clock.now())
    assert (row.maybe_sent, row.attempts) == (True, 1)


def test_an_accepted_part_is_not_repeated_and_the_doubt_is_gone(box, db, clock):
    box.post(say("long", run_id="r1"))
    begin(box, db, box.ready(clock.now())[0])
    with db.write() as tx:
        box.recover(tx)
    (row,) = box.ready(clock.now())
    begin(box, db, row)
    with db.write() as tx:
        box.part_sent(tx, row.id, 10)
        box.later(tx, row.id, clock.now(), "unreachable")
    (row,) = box.ready(clock.now())
    assert (row.parts_sent, row.maybe_sent) == (1, False)
    with db.read() as tx:
        assert box.run_of(tx, CHAT, 10) == "r1"


def test_only_one_of_two_can_begin_a_notice(box, db, clock):
    box.post(say("one"))
    row = box.ready(clock.now())[0]
    begin(box, db, row)
    with db.write() as tx:
        assert not box.begin(tx, row.id)


def test_what_is_for_the_owner_waits_until_the_owner_is_known(db, clock):
    owner = {"id": None}
    box = Mailbox(db, clock, NoWake(), lambda _tx: owner["id"])
    box.post(Notice("text", {"key": "hello", "values": {}}))
    box.post(alert(Level.PROBLEM, "pc", "gone"))
    box.post(alert(Level.PROBLEM, "pc", "gone"))
    assert box.ready(clock.now()) == []
    owner["id"] = CHAT
    rows = box.ready(clock.now())
    assert [row.notice.chat_id for row in rows] == [CHAT, CHAT]
    assert rows[0].notice.params["count"] == 2


def test_a_dead_notice_holds_nobody(box, db, clock):
    box.post(say("one"))
    box.post(say("two"))
    row = box.ready(clock.now())[0]
    begin(box, db, row)
    with db.write() as tx:
        box.dead(tx, row.id, "blocked")
    assert texts(box.ready(clock.now())) == ["two"]


def test_pruning_keeps_what_has_not_been_sent(box, db, clock):
    box.post(say("old"))
    finish(box, db, box.ready(clock.now())[0], 5)
    box.post(say("unsent"))
    clock.advance(3600)
    with db.write() as tx:
        assert box.prune(tx, clock.now()) == 1
        assert box.unsent(tx) == 1
    assert texts(box.ready(clock.now())) == ["unsent"]


# -- alerts ------------------------------------------------------------------------------------


def ring(box, db, clock, level=Level.PROBLEM, code="gone"):
    """Put an alert and deliver it; the row that was sent, None when there was none."""
    box.post(alert(level, "pc", code))
    rows = box.ready(clock.now())
    for row in rows:
        finish(box, db, row, 1)
    return rows[-1] if rows else None


def test_repeats_of_an_alert_count_up_and_edit_one_message(box, db, clock):
    first = ring(box, db, clock)
    clock.advance(60)
    second = ring(box, db, clock)
    assert first.notice.params["fresh"] is True
    assert second.notice.params["fresh"] is False
    assert second.notice.params["count"] == 2
    assert second.notice.params["first_at"] == first.notice.params["first_at"]
    assert second.notice.params["last_at"] > first.notice.params["last_at"]
    assert second.notice.urgency is Urgency.CARD


def test_an_alert_rings_again_when_it_gets_worse_or_an_hour_has_passed(box, db, clock):
    ring(box, db, clock)
    assert ring(box, db, clock, Level.CRITICAL).notice.params["fresh"] is True
    clock.advance(59 * 60)
    assert ring(box, db, clock, Level.CRITICAL).notice.params["fresh"] is False
    clock.advance(61)
    assert ring(box, db, clock, Level.CRITICAL).notice.params["fresh"] is True


def test_an_unsent_first_alert_still_rings_after_a_repeat(box, clock):
    box.post(alert(Level.PROBLEM, "pc", "gone"))
    box.post(alert(Level.PROBLEM, "pc", "gone"))
    (row,) = box.ready(clock.now())
    assert (row.notice.params["count"], row.notice.params["fresh"]) == (2, True)
    assert row.notice.urgency is Urgency.ALERT


def test_back_to_normal_is_a_silent_edit_and_only_of_an_open_alert(box, db, clock):
    assert ring(box, db, clock, Level.RESOLVED) is None
    ring(box, db, clock)
    row = ring(box, db, clock, Level.RESOLVED)
    assert (row.notice.params["fresh"], row.notice.silent) == (False, True)
    assert ring(box, db, clock, Level.RESOLVED) is None


def test_a_trouble_that_flaps_does_not_ring_each_time(box, db, clock):
    ring(box, db, clock)
    ring(box, db, clock, Level.RESOLVED)
    clock.advance(60)
    again = ring(box, db, clock)
    assert (again.notice.params["fresh"], again.notice.params["count"]) == (False, 2)
    ring(box, db, clock, Level.RESOLVED)
    clock.advance(600)
    anew = ring(box, db, clock)
    assert (anew.notice.params["fresh"], anew.notice.params["count"]) == (True, 1)


def test_the_sixth_new_alert_in_ten_minutes_becomes_a_summary(box, db, clock):
    keys = [ring(box, db, clock, code=f"fault-{number}").notice for number in range(8)]
    names = [notice.params["code"] for notice in keys]
    assert names == [f"fault-{n}" for n in range(5)] + ["many-alerts"] * 3
    assert keys[5].params["fresh"] is True
    assert keys[7].params["fresh"] is False
    assert keys[7].params["values"]["names"] == "pc:fault-5, pc:fault-6, pc:fault-7"
    assert keys[7].params["count"] == 3
    clock.advance(601)
    assert ring(box, db, clock, code="fault-7").notice.params["fresh"] is True


def test_a_critical_alert_is_never_held_back(box, db, clock):
    for number in range(6):
        ring(box, db, clock, code=f"fault-{number}")
    assert ring(box, db, clock, Level.CRITICAL, "fire").notice.params["code"] == "fire"


def test_a_snoozed_alert_edits_but_does_not_ring(box, db, clock):
    row = ring(box, db, clock)
    with db.write() as tx:
        box.quiet(tx, row.notice.key, clock.now() + timedelta(hours=2))
    clock.advance(90 * 60)
    assert ring(box, db, clock).notice.params["fresh"] is False
    assert ring(box, db, clock, Level.CRITICAL).notice.params["fresh"] is True


def test_states_are_stored_as_their_words(box, db):
    box.post(say("one"))
    assert states(db)[0].state == NoticeState.READY
