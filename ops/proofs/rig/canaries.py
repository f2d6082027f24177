"""Fifty planted secrets, and a command that looks for them everywhere it can think of.

They lie where secrets lie: in the environment of the worker (so in /proc), in the key files of a
home, in git's configuration, in MASK_HOME and in the checkout's `.env`. The command is written by
somebody who knows every path. None may be read where a sandbox holds files; where none does, the
same command must find them, else it does not really look.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from core.ids import random_token
from ops.proofs.rig.report import Dose, Verdict

if sys.platform == "linux":
    from core.execution.run_linux import Found, LinuxRunner
    from ops.proofs.rig.runner_stand import Wanted, rungs, scratch_folder, wanted

from core.clock import SystemClock

assert sys.platform == "linux", "a proof of the Linux runner"

ROOT = Path(__file__).resolve().parents[3]
IN_ENVIRONMENT = (
    "GROQ_API_KEY", "OPENAI_API_KEY", "MASK_KEY", "MASK_TELEGRAM_TOKEN", "MASK_DATABASE_URL",
    "MASK_REDIS_URL", "STATUS_AUTH_KEY", "AWS_SECRET_ACCESS_KEY", "SSH_AUTH_SOCK", "PLAIN_NAME",
)  # fmt: skip
IN_HOME = (
    ".ssh/id_ed25519", ".ssh/config", ".gnupg/private-keys-v1.d/a.key", ".aws/credentials",
    ".azure/tokens.json", ".kube/config", ".docker/config.json", ".netrc", ".pgpass", ".my.cnf",
    ".npmrc", ".pypirc", ".cargo/credentials.toml", ".gitconfig", ".git-credentials",
    ".config/git/credentials", ".config/gh/hosts.yml", ".config/gcloud/token.db",
    ".config/rclone/rclone.conf", ".local/share/keyrings/login.keyring", ".password-store/bank.gpg",
    ".local/share/kwalletd/kdewallet.kwl", ".mozilla/firefox/logins.json",
    ".config/chromium/Default/Cookies", ".bash_history", ".python_history", ".bashrc", ".profile",
    ".vault-token", ".terraform.d/credentials.tfrc.json",
)  # fmt: skip
IN_MASK_HOME = (
    "keys/master", "keys/grants", "memory.db", "memory.db-wal", "trash/1/0", "backups/a.zip",
    "scratch/run-other/notes", "redis/dump.rdb",
)  # fmt: skip
IN_CHECKOUT = (".env", ".env.local")

#: Prints every canary it can read, and nothing else.
SEARCH = r"""
import glob, json, os, re, sys
asked = json.loads(sys.stdin.read())
found = set()

def look(data):
    found.update(re.findall(rb"canary-[0-9a-zA-Z_-]+-\d\d", data))

def read(path):
    try:
        with open(path, "rb") as file:
            look(file.read(4_000_000))
    except OSError:
        pass

look(repr(dict(os.environ)).encode())
for folder in asked["folders"]:
    for place, _folders, files in os.walk(folder):
        for name in files:
            read(os.path.join(place, name))
for path in asked["files"]:
    for way in (path, "/proc/1/root" + path, "/proc/self/root" + path,
                "/proc/self/cwd/" + os.path.relpath(path), f"/proc/{asked['worker']}/root{path}"):
        read(way)
    try:
        os.link(path, "stolen"); read("stolen")
    except OSError:
        pass
for entry in glob.glob("/proc/[0-9]*"):
    for name in ("environ", "cmdline", "task/" + entry[6:] + "/environ", "maps"):
        read(f"{entry}/{name}")
    for fd in glob.glob(f"{entry}/fd/*"):
        if os.path.isfile(fd):
            read(fd)
print(*sorted(each.decode() for each in found), "looked-everywhere")
"""
#: The search says so when it has looked at everything.
DONE = "looked-everywhere"


@dataclass(frozen=True)
class Planted:
    """Where the fifty lie."""

    home: Path
    mask_home: Path
    checkout: Path
    environment: dict[str, str]
    files: tuple[str, ...]
    canaries: tuple[str, ...]


def plant(folder: Path) -> Planted:
    """Fifty secrets below `folder`, which plays the machine's home."""
    home, mask_home, checkout = folder / "owner", folder / "owner" / "mask", folder / "checkout"
    paths = [
        *(home / name for name in IN_HOME),
        *(mask_home / name for name in IN_MASK_HOME),
        *(checkout / name for name in IN_CHECKOUT),
    ]
    token = random_token()
    canaries = [f"canary-{token}-{n:02}" for n in range(len(IN_ENVIRONMENT) + len(paths))]
    environment = dict(zip(IN_ENVIRONMENT, canaries, strict=False))
    for path, canary in zip(paths, canaries[len(environment) :], strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"[section]\nvalue = {canary}\n")
        path.chmod(0o600)
    files = tuple(str(path) for path in paths)
    return Planted(home, mask_home, checkout, environment, files, tuple(canaries))


def stolen(found: Found, planted: Planted, *, network: bool = False) -> set[str]:
    """Which canaries a command reads, run by a worker with this environment and home."""
    hidden = [str(planted.mask_home), *(str(planted.checkout / name) for name in IN_CHECKOUT)]
    folders = [str(planted.home), str(planted.checkout)]
    with scratch_folder() as scratch:
        one = wanted(
            found,
            [sys.executable, "-I", "-S", "-c", SEARCH],
            os.path.realpath(scratch),
            hidden=hidden,
            shown=[str(planted.home), str(planted.checkout)],
            network=network,
        )
        return _by_a_worker(one, planted, folders)


def _by_a_worker(one: Wanted, planted: Planted, folders: Sequence[str]) -> set[str]:
    environment = {
        **planted.environment,
        "HOME": str(planted.home),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)]),
    }
    code = (
        "import json, os, sys\n"
        "from ops.proofs.rig import runner_stand\n"
        "one = json.loads(sys.stdin.readline())\n"
        "asked = json.loads(one['stdin'])\n"
        "one['stdin'] = json.dumps({**asked, 'worker': os.getpid()})\n"
        "print(runner_stand.run(runner_stand.Wanted(**one))[1])\n"
    )
    asked = {**asdict(one), "stdin": json.dumps({"files": planted.files, "folders": folders})}
    answer = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(asked),
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = answer.stdout.split()
    if DONE not in found:  # else nothing found would say nothing
        raise RuntimeError(f"the search did not get to its end: {answer.stdout[:500]}")
    return set(found) - {DONE}


def prove(_dose: Dose) -> Verdict:
    """Under every way of holding commands that this machine has."""
    verdict = Verdict("canaries")
    with scratch_folder() as folder:
        planted = plant(Path(os.path.realpath(folder)))
        for way, found in rungs().items():
            many = len(stolen(found, planted))
            holds = LinuxRunner(SystemClock(), found).sandbox().holds_files
            kept = way if holds else f"{way}, a control"
            verdict.tell(f"{kept}: {many} of {len(planted.canaries)} secrets read")
            if holds:
                verdict.expect(many == 0, f"{way}: {many} secrets were read")
            elif way == "keeper":
                verdict.expect(
                    many >= len(planted.files), f"the control is vacuous: it read only {many}"
                )
    return verdict
