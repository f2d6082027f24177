"""What the cards of machines, invitations, waiting and the audit say; their form is tested with
all others."""

from __future__ import annotations

import pytest

from bot.render.cards import audit, nodes
from bot.render.html import strip
from bot.render.translate import LANGUAGES, translator
from core.runs.notices import Notice
from tests.unit.card_samples import shown
from tests.unit.nodes_samples import JOINED, LINE, NODE, OPEN, WAITING


def drawn(renderer, params, language="en"):
    row = shown(Notice("x", params, key="x:1"))
    return renderer(row, translator(language))


def text_of(rendered):
    return strip(rendered.parts[0].text)


def verbs(rendered):
    return [button.verb for line in rendered.buttons for button in line]


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
