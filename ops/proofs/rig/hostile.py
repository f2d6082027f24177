"""Programs that do not want to end, and whether they are ended.

`prove(dose)`: every program under every way of holding commands that works here, ended by the
owner's Stop and by the time limit. None may survive, and from Stop to the last process dead it may
take three seconds. The control is the usual way, a session killed by its group: it must leave
survivors, else this proof looks at nothing.

A survivor is a process anywhere on this machine with this proof's mark in its arguments.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType

from core.ids import random_token
from core.runs.cancel import CancelToken
from ops.proofs.rig.report import Dose, Verdict

if sys.platform == "linux":
    from core.execution.run_linux import Found
    from ops.proofs.rig.runner_stand import marked, run, rungs, scratch_folder, wanted

assert sys.platform == "linux", "a proof of the Linux runner"

#: Seconds from Stop to the last process dead, and how long a program is let run before.
STOP_S, LET_RUN_S = 3.0, 0.4
#: Rounds of every program, way and end at the full dose.
ROUNDS = 20
GIB = 1024**3
#: A fork bomb stops growing about here: four times what is allowed, but were it not bounded, this
#: machine would live.
MOST_BORN = 1000

HEAD = f"import os, signal, sys, time\nmark = sys.argv[1]\nMOST_BORN = {MOST_BORN}\n"
SLEEP = "while True:\n    time.sleep(60)\n"
#: Every signal that can be ignored is.
DEAF = """
for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
    try:
        signal.signal(number, signal.SIG_IGN)
    except OSError:
        pass
"""
PROGRAMS: Mapping[str, str] = MappingProxyType(
    {
        "double fork": """
if os.fork() == 0 and os.fork():
    os._exit(0)
"""
        + SLEEP,
        "own session": """
if os.fork() == 0:
    os.setsid()
"""
        + SLEEP,
        "deaf": DEAF + SLEEP,
        "deaf family": DEAF
        + """
for _ in range(5):
    if os.fork() == 0:
        os.setsid()
        break
"""
        + SLEEP,
        "daemon": """
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    os.chdir("/")
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    os.closerange(3, 1024)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
"""
        + SLEEP,
        "parent that leaves": """
if os.fork():
    os._exit(0)
os.setsid()
"""
        + DEAF
        + SLEEP,
        "five hundred children": """
for _ in range(500):
    try:
        if os.fork() == 0:
            os.setsid()
            break
    except OSError:
        break
"""
        + SLEEP,
        "fork bomb": """
import mmap
born = mmap.mmap(-1, 4096)
while int.from_bytes(born[:4], "little") < MOST_BORN:
    try:
        if os.fork() == 0:
            os.setsid()
            born[:4] = (int.from_bytes(born[:4], "little") + 1).to_bytes(4, "little")
    except OSError:
        pass
"""
        + SLEEP,
        "stopped": """
if os.fork() == 0:
    os.setsid()
    os.kill(os.getpid(), signal.SIGSTOP)
"""
        + SLEEP,
        "headless": """
import ctypes, threading
threading.Thread(target=time.sleep, args=(600,)).start()
if os.fork() == 0:
    os.setsid()
    threading.Thread(target=time.sleep, args=(600,)).start()
ctypes.CDLL(None).pthread_exit(None)
""",
        "kills its group": """
if os.fork() == 0:
    os.setsid()
else:
    os.kill(0, signal.SIGKILL)
"""
        + SLEEP,
        "flood": """
block = b"x" * 65535 + b"\\n"
for _ in range(BLOCKS):
    os.write(1, block)
"""
        + SLEEP,
        "deep tree": """
depth = 0
while depth < 60 and os.fork() == 0:
    depth += 1
    os.setsid()
"""
        + SLEEP,
    }
)
#: What survives a killed group.
ESCAPES = ("own session", "daemon", "deaf family")


def source(name: str, share: float = 1.0) -> str:
    """A program's text. The flood writes 10 GiB at the full dose."""
    blocks = max(1, round(10 * GIB * share / 65536))
    return HEAD + PROGRAMS[name].replace("BLOCKS", str(blocks))


def attack(found: Found, name: str, how: str, share: float = 1.0) -> tuple[str | None, int, float]:
    """Why it was ended, how many survived, and the seconds from its end's begin to the last one
    dead. `how`: `stop` or `time`."""
    mark, cancel = f"mask-hostile-{random_token()}", CancelToken()
    stopped: list[float] = []

    def stop() -> None:
        stopped.append(time.monotonic())
        cancel.set()

    timer = threading.Timer(LET_RUN_S, stop)
    with scratch_folder() as scratch:
        one = wanted(
            found,
            [sys.executable, "-I", "-S", "-c", source(name, share), mark],
            scratch,
            time_s=LET_RUN_S if how == "time" else 60.0,
            grace_s=0.2,
        )
        if how == "stop":
            timer.start()
        began = time.monotonic()
        finished, _text = run(one, cancel)
        timer.cancel()
    survivors = marked(mark)
    over = time.monotonic()
    _clear(survivors)
    since = stopped[0] if stopped else began + (LET_RUN_S if finished.killed == "time" else 0)
    return finished.killed, len(survivors) + finished.left, over - since


def naive(name: str) -> int:
    """How many survive the usual way: Popen in a session of its own, then killpg."""
    mark = f"mask-hostile-{random_token()}"
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", source(name), mark],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _until(lambda: any(_session(pid) != process.pid for pid in marked(mark)))
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    survivors = marked(mark)
    _clear(survivors)
    return len(survivors)


def prove(dose: Dose) -> Verdict:
    """The whole proof."""
    verdict = Verdict("hostile")
    for name in ESCAPES:
        many = naive(name)
        verdict.tell(f"control, {name}: {many} survive a killed group")
        verdict.expect(many, f"the control is vacuous: nothing of {name!r} survived")
    for way, found in rungs().items():
        slowest, tried = 0.0, 0
        for _round in range(dose.of(ROUNDS)):
            for name in PROGRAMS:
                for how in ("stop", "time"):
                    killed, many, took_s = attack(found, name, how, dose.share)
                    tried += 1
                    verdict.expect(not many, f"{way}: {many} of {name!r} survived {how} ({killed})")
                    slowest = max(slowest, took_s)
        verdict.tell(f"{way}: {tried} attacks, the slowest end took {slowest:.2f} s")
        verdict.expect(slowest <= STOP_S, f"{way}: an end took {slowest:.2f} s")
    return verdict


def _clear(survivors: list[int]) -> None:
    """A proof leaves nothing behind, whatever it found."""
    for pid in survivors:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def _until(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    give_up = time.monotonic() + seconds
    while not holds() and time.monotonic() < give_up:
        time.sleep(0.02)
