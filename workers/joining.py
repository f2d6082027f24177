"""A machine with a pairing string becomes a node: asks home, shows eight digits, waits for the tap.

Decides nothing about trust: home's owner does. Keys are made for this one pairing, in a folder of
their own, so that a machine that was revoked can come back with other keys. The request is
repeated every three seconds, because the broker may lose it; the answer is read from a board.
"""

from __future__ import annotations

import platform
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from core import config, ids, seal, wiring
from core.clock import Clock, SystemClock
from core.errors import Refused, Unavailable
from core.runs.exchange_halts import Board
from core.runs.exchange_joining import JoinBoard
from core.runs.exchange_joining_words import JOIN_EVERY_S, Applicant, Welcome, invitation_id
from core.runs.exchange_nodes import HOME
from core.runs.exchange_pairing import Pairing, accept_pairing, parse_pairing
from core.runs.exchange_post import Publish
from workers.hints import publisher
from workers.node import make_node_app

#: Seconds that home may take: ten minutes for the string, and ten for the tap.
PATIENCE_S = 1200.0
LOOK_S = 1.0
KEYS = "keys-"
#: Home's word that ends the waiting; anything else on the board is somebody else's.
FINAL = frozenset({"pairing-expired", "pairing-refused", "pairing-used"})
Say = Callable[[str], None]


def join(settings: config.Settings, line: str, say: Say) -> Pairing:
    """Become the node of a pairing string; returns when the owner has let this machine in.

    Refused(`pairing-malformed`, `pairing-used`, `pairing-expired`, `pairing-refused`,
    `join-unanswered`, `home-lives-here`).
    """
    pairing, home = parse_pairing(line), settings.under_home(settings.home)
    if not pairing.secret:
        raise Refused("pairing-malformed")
    if settings.under_home(settings.db_path).exists():
        raise Refused("home-lives-here")
    keys_in = f"node/{KEYS}{invitation_id(pairing.secret)[:12]}"
    identity = seal.open_identity(home / keys_in, wiring.open_master(settings))
    applicant = Applicant(pairing, identity, ids.random_token(), _facts(settings))
    say(f"This machine wants to be the node {pairing.name}.")
    say("Compare these eight digits with those in the chat, then tap there:")
    say(f"\n    {applicant.digits[:4]} {applicant.digits[4:]}\n")
    app, board = make_node_app(settings, pairing), JoinBoard(pairing.redis_url)
    try:
        welcome = wait(applicant, publisher(app), board, SystemClock(), say)
    finally:
        board.close()
        app.close()
    accepted = replace(pairing, incarnation=welcome.incarnation)
    accept_pairing(home, accepted, identity, keys_in)
    _forget_former(home / "node", keep=home / keys_in)
    return accepted


def wait(
    applicant: Applicant,
    publish: Publish,
    board: Board,
    clock: Clock,
    say: Say,
    pause: Callable[[float], object] = time.sleep,
) -> Welcome:
    """Ask and listen until home has answered. Refused(`join-unanswered`) after `PATIENCE_S`."""
    give_up, ask_at, was_away = clock.monotonic() + PATIENCE_S, 0.0, False
    while clock.monotonic() < give_up:
        try:
            if clock.monotonic() >= ask_at:
                publish(HOME, applicant.ask(clock.now()), int(JOIN_EVERY_S * 2))
                ask_at = clock.monotonic() + JOIN_EVERY_S
            answer = heard(applicant, board.read(applicant.invitation), clock)
            if answer is not None:
                return answer
            was_away = False
        except Unavailable:
            if not was_away:
                say("The broker does not answer yet; trying on.")
            was_away = True
        pause(LOOK_S)
    raise Refused("join-unanswered")


def heard(applicant: Applicant, record: str | None, clock: Clock) -> Welcome | None:
    """Home's answer, None while there is none. What is not home's is passed over."""
    if record is None:
        return None
    try:
        return applicant.hear(record, clock.now())
    except Refused as refused:
        if refused.code in FINAL:
            raise
        return None


def _facts(settings: config.Settings) -> dict[str, str]:
    return {
        "place": settings.place,
        "system": platform.system()[:64],
        "machine": platform.machine()[:64],
    }


def _forget_former(folder: Path, keep: Path) -> None:
    """Keys of earlier pairings open nothing any more."""
    for old in folder.glob(f"{KEYS}*"):
        if old != keep:
            shutil.rmtree(old)
