"""The cards of machines, invitations, waiting and the audit, in each language."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from bot.render.cards import audit, nodes
from bot.render.html import strip
from bot.render.translate import LANGUAGES, translator
from core.runs.notices import Form, Notice, NoticeRow, NoticeState

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC).isoformat()
EVIL = '<b>&"bold" <a href="x">নাম</a> @you /stop'
LINE = "mask2-" + "a7" * 150
NODE = {
    "name": "pc",
    "title": EVIL,
    "online": True,
    "last_seen": NOW,
    "is_mine": True,
    "offset_s": 0,
    "can": {"system": EVIL, "machine": "x86_64", "roots": [EVIL] * 20, "sandbox": "bwrap"},
    "load": {"busy": 2, "cpu_percent": 40},
    "tampered": False,
}
AWAY = {**NODE, "online": False, "can": None, "load": {"busy": "x"}, "sure": True}
JOINED = {"id": "i", "name": "pc", "state": "joined", "digits": "01234567", "system": EVIL,
          "machine": None, "place": "rented", "expires_at": NOW}  # fmt: skip
OPEN = {"id": "i", "name": "pc", "state": "open", "line": LINE, "loopback": True,
        "expires_at": NOW}  # fmt: skip
WAITING = {"run_id": "r", "title": EVIL, "place": "pc", "place_title": EVIL, "last_seen": NOW,
           "can_home": True, "state": "waits"}  # fmt: skip
AUDIT = {
    "rows": [
        {"seq": n, "at": NOW, "kind": kind, "actor": actor, "place": "home", "outcome": EVIL,
         "digest8": "0123abcd"}
        for n, (kind, actor) in enumerate(
            [("approved", "telegram:42"), (EVIL, EVIL), ("node-trusted", "home")] * 4
        )
    ],
    "page": 1,
    "pages": 3,
    "chain": {"seq": 90, "hash8": "89abcdef", "broken_at": None, "is_whole": True},
}  # fmt: skip

SAMPLES = [
    (nodes.nodes, {"rows": [NODE, AWAY] * 6}),
    (nodes.nodes, {"rows": []}),
    (nodes.node, NODE),
    (nodes.node, AWAY),
    (nodes.node, {**NODE, "offset_s": -45, "tampered": True, "can": {"sandbox": "none"}}),
    (nodes.invitation, OPEN),
    (nodes.invitation, JOINED),
    *[(nodes.invitation, {**JOINED, "state": state}) for state in ("trusted", "refused")],
    (nodes.invitation, {**JOINED, "state": "expired"}),
    (nodes.waiting, WAITING),
    (nodes.waiting, {**WAITING, "can_home": False, "last_seen": None}),
    (nodes.waiting, {**WAITING, "state": "over"}),
    (nodes.waiting, {**WAITING, "state": "cancelled"}),
    (audit.audit, AUDIT),
    (audit.audit, {"rows": [], "chain": {}}),
    (audit.audit, {"rows": [], "chain": {"broken_at": 7, "seq": 6, "is_whole": False}}),
]


class Checked(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.stack = []

    def handle_starttag(self, tag, attrs):
        assert tag in {"b", "i", "code", "pre", "blockquote", "tg-time", "tg-spoiler"}, tag
        self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag


def drawn(renderer, params, language="en"):
    row = NoticeRow(
        id=1,
        notice=Notice("x", params, key="x:1"),
        form=Form.SHOW,
        revision=1,
        state=NoticeState.READY,
        attempts=0,
        parts_sent=0,
        maybe_sent=False,
        not_before=None,
        created_at=datetime.now(UTC),
    )
    return renderer(row, translator(language))


def text_of(rendered):
    return strip(rendered.parts[0].text)


def verbs(rendered):
    return [button.verb for line in rendered.buttons for button in line]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("renderer", "params"), SAMPLES)
def test_every_card_is_drawn_as_telegram_takes_it(renderer, params, language):
    rendered = drawn(renderer, params, language)
    (part,) = rendered.parts
    checked = Checked()
    checked.feed(part.text)
    checked.close()
    assert checked.stack == []
    assert 0 < len(strip(part.text)) <= 4096
    for button in (button for line in rendered.buttons for button in line):
        assert 0 < len(button.label) <= 18, button.label
    assert all(rendered.buttons)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_invitation_says_whole_what_to_type_and_that_only_this_machine_is_reached(language):
    rendered = drawn(nodes.invitation, OPEN, language)
    assert f"<code>python3 -m ops node {LINE}</code>" in rendered.parts[0].text
    assert text_of(rendered) != text_of(
        drawn(nodes.invitation, {**OPEN, "loopback": False}, language)
    )
    assert not rendered.replaces


def test_the_digits_are_shown_in_two_groups_and_the_string_is_gone():
    rendered = drawn(nodes.invitation, JOINED)
    assert "0123 4567" in text_of(rendered)
    assert LINE not in rendered.parts[0].text
    assert rendered.replaces
    assert verbs(rendered) == ["nodes.distrust", "nodes.trust"]
    assert all(button.single for line in rendered.buttons for button in line)


def test_an_expired_invitation_takes_the_place_of_the_string():
    assert drawn(nodes.invitation, {**JOINED, "state": "expired"}).replaces


def test_a_clock_is_warned_about_above_thirty_seconds():
    assert "45 seconds" in text_of(drawn(nodes.node, {**NODE, "offset_s": 45}))
    assert "seconds off" not in text_of(drawn(nodes.node, {**NODE, "offset_s": 30}))


def test_what_a_machine_says_of_itself_is_cut_and_escaped():
    assert '<a href="x">' not in drawn(nodes.node, NODE).parts[0].text


def test_doing_it_elsewhere_is_offered_only_where_the_label_allows_it():
    assert "nodes.elsewhere" in verbs(drawn(nodes.waiting, WAITING))
    private = drawn(nodes.waiting, {**WAITING, "can_home": False})
    assert verbs(private) == ["nodes.cancel"]


def test_an_unknown_kind_of_the_audit_is_shown_as_it_is():
    assert "frobnicated" in text_of(
        drawn(audit.audit, {"rows": [{"seq": 1, "kind": "frobnicated", "actor": "x"}]})
    )
