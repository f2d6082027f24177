# ruff: noqa: T201 - a bench prints
"""How long an answer takes, beside a bare PTB echo bot and a bare PTB + Celery bot.

`python3 -m ops bench chat`. The model takes no time, the emulator is Telegram; times are the
emulator's own: from the message that a person wrote to the bot's message, so the client that waits
does not count. Messages rotate over chats for all stacks alike, because ours obeys Telegram's pace
of one message a second in a chat. Ours writes durably (`synchronous=FULL`) into an encrypted file.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ops.emulator.client import Simulator
from ops.proofs.rig import systems
from ops.proofs.rig.report import table
from ops.proofs.rig.stand import OWNER, Stand, System, close_when_told, stand

#: Chats that messages rotate over, and those that write at once.
ROTATE, AT_ONCE = 40, 50
FIRST_CHAT, FIRST_AT_ONCE = 3001, 4001
WARM_UP = 20
#: Until a process that did nothing counts as idle.
REST_S = 4.0
WAIT_S = 30.0

#: What ours may take more than the echo bot (ms), and in all (s, MB).
GOAL_P50_MS, GOAL_P95_MS = 12.0, 25.0
GOAL_AT_ONCE_S, GOAL_IDLE_MB, GOAL_START_S = 0.6, 200.0, 3.0

STACKS: dict[str, System] = {
    "PTB echo": systems.naive("echo"),
    "PTB + Celery": systems.naive("celery"),
    "The Mask": systems.mask(),
}


@dataclass(frozen=True)
class Figures:
    """One stack's figures: milliseconds, seconds, megabytes."""

    p50_ms: float
    p95_ms: float
    at_once_s: float
    idle_mb: float
    start_s: float
    parts: str  # idle memory by process


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m ops bench chat", description=__doc__)
    parser.add_argument("--messages", type=int, default=200, help="one after another; 200")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a goal is missed")
    options = parser.parse_args(arguments)
    close_when_told()
    found: dict[str, Figures] = {}
    for name, system in STACKS.items():
        print(f"{name} ...", flush=True)
        found[name] = measure(system, options.messages)
    tell(found, options.messages)
    missed = goals(found["The Mask"], found["PTB echo"])
    return 1 if missed and options.strict else 0


def measure(system: System, messages: int) -> Figures:
    """Start the stack, let it answer, let it rest."""
    with stand(system, is_started=False) as at:
        start_s = start_to_answer(at)
        waits = list(one_by_one(at.simulator, messages))
        at_once_s = all_at_once(at.simulator)
        time.sleep(REST_S)
        memory = {name: tree_mb(pid) for name in at.names if (pid := at.pid(name))}
    cuts = statistics.quantiles(waits, n=20)
    return Figures(
        p50_ms=statistics.median(waits) * 1000,
        p95_ms=cuts[-1] * 1000,
        at_once_s=at_once_s,
        idle_mb=sum(memory.values()),
        start_s=start_s,
        parts=", ".join(f"{name} {size:.0f}" for name, size in memory.items()),
    )


def start_to_answer(at: Stand) -> float:
    """Seconds from starting the processes to the answer to a message that was waiting."""
    at.simulator.say("good morning", chat=FIRST_CHAT, user=OWNER, language_code="en")
    begun = time.time()
    at.start()
    return float(at.simulator.wait_message(FIRST_CHAT, timeout=WAIT_S)["at"]) - begun


def one_by_one(simulator: Simulator, many: int) -> Iterator[float]:
    """Seconds of each turn, after some that warm up."""
    for number in range(WARM_UP + many):
        wait = one(simulator, FIRST_CHAT + 1 + number % ROTATE, f"message {number}")
        if number >= WARM_UP:
            yield wait


def one(simulator: Simulator, chat: int, text: str) -> float:
    """Say it, wait for the answer; seconds between both in the emulator."""
    said = simulator.say(text, chat=chat, user=OWNER, language_code="en")
    answer = simulator.wait_message(chat, after=said, timeout=WAIT_S)
    return float(answer["at"]) - said_at(simulator, chat, said)


def said_at(simulator: Simulator, chat: int, message_id: int) -> float:
    return float(simulator.messages(chat, after=message_id - 1)[0]["at"])


def all_at_once(simulator: Simulator) -> float:
    """Seconds from the first of fifty messages in as many chats to the last answer."""
    chats = range(FIRST_AT_ONCE, FIRST_AT_ONCE + AT_ONCE)

    def say(chat: int) -> int:
        return simulator.say("now", chat=chat, user=OWNER, language_code="en")

    for chat in chats:
        simulator.set_chat(chat)
    with ThreadPoolExecutor(8) as pool:
        said = dict(zip(chats, pool.map(say, chats), strict=True))
    ends = [
        float(simulator.wait_message(chat, after=said[chat], timeout=WAIT_S)["at"])
        for chat in chats
    ]
    return max(ends) - min(said_at(simulator, chat, said[chat]) for chat in chats)


def tree_mb(pid: int) -> float:
    """Proportional memory of a process and its children, in MB (Linux)."""
    parents = {int(each.name): parent_of(each) for each in Path("/proc").glob("[0-9]*")}
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(pss_bytes(each) for each in family) / 1e6


def parent_of(process: Path) -> int:
    """The parent's id; 0 when the process has ended meanwhile."""
    try:
        return int((process / "stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])
    except OSError:
        return 0


def pss_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def tell(found: dict[str, Figures], messages: int) -> None:
    """The table, and how ours compares."""
    print(f"\n{messages} messages one after another over {ROTATE} chats; {AT_ONCE} at once")
    heading = ("stack", "p50", "p95", f"{AT_ONCE} at once", "idle PSS", "start to answer")
    rows = [
        (
            name, f"{each.p50_ms:.1f} ms", f"{each.p95_ms:.1f} ms", f"{each.at_once_s:.2f} s",
            f"{each.idle_mb:.0f} MB", f"{each.start_s:.2f} s",
        )
        for name, each in found.items()
    ]  # fmt: skip
    for line in table([heading, *rows]):
        print(f"  {line}")
    ours = found["The Mask"]
    for name, other in found.items():
        if other is not ours:
            print(
                f"  The Mask : {name} = {ours.p50_ms / other.p50_ms:.1f} x p50, "
                f"{ours.at_once_s / other.at_once_s:.1f} x at once, "
                f"{ours.idle_mb / other.idle_mb:.1f} x memory"
            )
    for name, each in found.items():
        print(f"  idle MB of {name}: {each.parts}")


def goals(ours: Figures, echo: Figures) -> int:
    """Each goal with what was measured; how many were missed."""
    rows = (
        ("p50 above the echo bot", ours.p50_ms - echo.p50_ms, GOAL_P50_MS, "ms"),
        ("p95 above the echo bot", ours.p95_ms - echo.p95_ms, GOAL_P95_MS, "ms"),
        ("50 from 50 chats", ours.at_once_s, GOAL_AT_ONCE_S, "s"),
        ("idle memory", ours.idle_mb, GOAL_IDLE_MB, "MB"),
        ("start to first answer", ours.start_s, GOAL_START_S, "s"),
    )
    print()
    for what, value, most, unit in rows:
        verdict = "reached" if value <= most else "MISSED"
        print(f"  goal: {what:<24} {value:8.2f} {unit:<2}  at most {most:g}  {verdict}")
    return sum(value > most for _, value, most, _ in rows)
