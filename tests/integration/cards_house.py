"""A house, an owner, and a phone on which cards appear with the buttons that really count."""

from __future__ import annotations

import itertools

from bot.outgoing import Outbound
from bot.render.registry import render
from bot.render.translate import translator
from core.approvals import store
from core.ids import new_id
from core.runs import actions, cards
from core.runs.model import Gate, Kind, Label, RunRow, RunState, StepRow, StepState, Waiting
from core.runs.notices import Form
from core.runs.ports import Judgement, Risk
from core.seal import Identity
from tests.integration.handlers_house import OWNER, Chat

BY = f"telegram:{OWNER}"
ONE_TAP = Judgement(Gate.ASK, "policy:cmd", Risk.MEDIUM, validity_s=3600)
TWO_TAPS = Judgement(Gate.ASK, "policy:delete_file", Risk.HIGHEST, 300, second_factor=True)
NODE = Identity(b"n" * 32, b"N" * 32)
COMMAND = {
    "script": None, "cwd": "/work", "env": {}, "stdin": None, "operand": None, "timeout_s": 60,
    "exe": {"path": "/usr/bin/tool", "sha256": "0" * 64}, "network": False, "sandbox": "bwrap",
    "secrets_reachable": False, "writes": [], "snapshot_bytes": None, "privilege": False,
}  # fmt: skip


class Message:
    """One message on the phone: what it shows, and its buttons with their ids."""

    def __init__(self, out):
        self.rendered = out.rendered
        self.text = "\n".join(part.text for part in out.rendered.parts)
        self.kind = out.row.notice.kind
        commands = [each for line in out.rendered.buttons for each in line if each.verb]
        self.buttons = list(zip(commands, out.ids, strict=True))

    def button(self, verb, /, **params):
        for button, button_id in self.buttons:
            if button.verb == verb and params.items() <= button.params.items():
                return button_id
        raise AssertionError(f"no {verb} on {self.text!r}")

    @property
    def verbs(self):
        return [button.verb for button, _ in self.buttons]


class Desk(Chat):
    """`ask` puts a question as the engine does; `deliver` lets what waits arrive on the phone."""

    def __init__(self, database, clock, language="en"):
        super().__init__(database, clock)
        self.clock = clock
        self.approvals = self.house.approvals
        self.phone = {}
        self.rings = 0
        self._numbers_of_messages = itertools.count(100_000)
        self._outbound = Outbound(self.house, render, lambda _tx, _chat: translator(language))
        with self.house.db.write() as tx:
            nodes = self.approvals._nodes
            nodes.register(tx, "pc", NODE.public.sign, NODE.public.seal, is_mine=True)
            self.house.preferences.choose_language(tx, language)

    def sign(self, _tx):
        return 0

    def decided(self):
        self.rings += 1

    def ask(self, *argv, place="home", judgement=ONE_TAP, step="command.run", **fields):
        """A question about a command; its approval."""
        words = [str(word) for word in argv]
        made = actions.make(
            "cmd", place, undo="scratch", preview={}, **{**COMMAND, "argv": words, **fields}
        )
        now, run_id = self.clock.now(), new_id()
        action = {"canonical": made.canonical, "digest": made.digest, "preview": made.preview}
        run = RunRow(
            id=run_id, seq=1, workflow="carry_out", version=1, args={}, state=RunState.WAITING,
            label=Label.OPEN, created_at=now, updated_at=now, waiting=Waiting.OWNER,
            chat_id=OWNER,
        )  # fmt: skip
        row = StepRow(
            run_id=run_id, position="0", name=step, version=1, kind=Kind.ONCE, place=place,
            state=StepState.PENDING, inputs={"argv": words}, digest="d", gate=Gate.ASK,
            action=action,
        )  # fmt: skip
        with self.house.db.write() as tx:
            self.approvals.ask(tx, run, row, judgement)
            return store.of_step(tx, run_id, "0")

    def now(self, approval):
        with self.house.db.read() as tx:
            return self.approvals.get(tx, approval.id)

    def deliver(self):
        """Everything that waits arrives; an edit replaces what its message showed."""
        while batch := self._outbound.take():
            for out in batch:
                is_text = all(part.file_bytes is None for part in out.rendered.parts)
                is_edit = out.row.form is Form.SHOW and out.card and is_text and not out.is_fresh
                message_id = out.card if is_edit else next(self._numbers_of_messages)
                self._outbound.sent(out, [message_id])
                self.phone[message_id] = Message(out)
        return self.phone

    def card(self, approval):
        """Message id and message that show the question now."""
        self.deliver()
        key = f"approval:{approval.id}"
        with self.house.db.read() as tx:
            shown = self._shown(tx, key)
        return shown, self.phone[shown]

    @staticmethod
    def _shown(tx, key):
        return cards.shown(tx, OWNER, key).message_id

    def press(self, approval, verb, user_id=OWNER, **params):
        """Tap a button on the newest message of the card; the word of the spinner."""
        message_id, message = self.card(approval)
        return self.tap_id(message.button(verb, **params), message_id, user_id)

    def last(self, kind):
        """The newest message of that kind."""
        self.deliver()
        return next(each for each in reversed(self.phone.values()) if each.kind == kind)

    def reply(self, text, message_id):
        return self.say(text, replied_to=message_id)


def step_of(approval):
    """The step behind a question, as the engine asks for its verdict."""
    return StepRow(
        run_id=approval.run_id, position="0", name=approval.step, version=1, kind=Kind.ONCE,
        place=approval.place, state=StepState.PENDING, inputs=approval.inputs, digest="d",
        gate=Gate.ASK, action={"canonical": approval.canonical, "digest": approval.digest},
    )  # fmt: skip
