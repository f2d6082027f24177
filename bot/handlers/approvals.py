"""Approval cards: /pending, and the taps Approve, Deny, Edit, Details, confirm, ask again.

A tap is a decision about exactly the action its card was drawn from; the service in
`core.approvals` checks it in the transaction that judges the tap.
"""

from __future__ import annotations

from bot.handlers.incoming import Answer, Command, Verb

COMMANDS: dict[str, Command] = {}
VERBS: dict[str, Verb] = {}
ANSWERS: dict[str, Answer] = {}
