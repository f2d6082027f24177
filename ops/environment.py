"""Makes `.venv` in the checkout, fills it, and moves the process into it.

Standard library only. Installs by the names in `pyproject.toml`, never the project itself (its
package names are generic: PYTHONPATH is the checkout), and never outside `.venv`. A stamp with the
hash of what was installed makes the next start a matter of milliseconds. What pip prints is not
kept or shown raw, because it names the machine's package index.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

from ops import lock

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "installed.json"
#: Newest Python that every compiled dependency is known to have wheels for.
KNOWN_GOOD = "3.12"
#: pip's words, and what a person can do about each.
REMEDIES = (
    (
        r"name resolution|Failed to establish|Network is unreachable|timed out|Connection\w*Error",
        "the package index cannot be reached. Check the network (or the proxy), then start again.",
    ),
    (r"No space left", "the disk is full. Free some space, then start again."),
    (r"CERTIFICATE_VERIFY", "the connection's certificate is not trusted. Check clock and proxy."),
    (
        r"No matching distribution|Failed building|Could not build|error: command",
        (
            f"a dependency has no ready build for this Python; {KNOWN_GOOD} is known to work. "
            "Remove .venv and start with that one."
        ),
    ),
)


class SetupError(Exception):
    """Setting up cannot go on; the text names the cause and the remedy."""


def python() -> Path:
    """The interpreter inside `.venv`."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def is_inside() -> bool:
    """Does this process run inside our `.venv`?"""
    return Path(sys.prefix).resolve() == VENV.resolve()


def requirements(groups: tuple[str, ...]) -> dict[str, list[str]]:
    """The requirements of each group; `base` are the project's own, the others its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    every = {"base": project["dependencies"], **project["optional-dependencies"]}
    return {group: every[group] for group in groups}


def ensure(groups: tuple[str, ...]) -> None:
    """`.venv` holds the groups' dependencies afterwards, or `SetupError`."""
    wanted = requirements(groups)
    if not _missing(wanted):
        return
    (ROOT / "data").mkdir(exist_ok=True)
    with lock.held(ROOT / "data" / "setup.lock", wait_s=900):
        missing = _missing(wanted)
        if not missing:
            return  # another start has done it meanwhile
        if not _works():
            _make()
        _install([line for lines in wanted.values() for line in lines])
        _write_stamp({**_stamp(), **_marks(wanted)})


def is_current(groups: tuple[str, ...]) -> bool:
    """Is what `pyproject.toml` asks for installed?"""
    return not _missing(requirements(groups))


def enter(arguments: list[str]) -> int:
    """Run the interpreter of `.venv` in place of this process (as a child on Windows)."""
    command = [str(python()), *arguments]
    if sys.platform != "win32":
        os.execve(command[0], command, variables())  # noqa: S606 - no shell is meant
    child = subprocess.Popen(command, env=variables())
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue  # the child got it too, and decides


def variables() -> dict[str, str]:
    """The environment of every process of ours: our packages first, UTF-8 everywhere."""
    paths = [str(ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    unique = os.pathsep.join(dict.fromkeys(paths))
    return {**os.environ, "PYTHONPATH": unique, "PYTHONUTF8": "1"}


def _marks(wanted: dict[str, list[str]]) -> dict[str, str]:
    """One hash per group: its requirements and the version of the interpreter in `.venv`."""
    version = _version()
    return {
        group: hashlib.sha256("\n".join([version, *lines]).encode()).hexdigest()
        for group, lines in wanted.items()
    }


def _version() -> str:
    """The version that `.venv` was made with, as venv notes it; else the running one."""
    notes = VENV / "pyvenv.cfg"
    text = notes.read_text(encoding="utf-8") if notes.exists() else ""
    found = re.search(r"^version(?:_info)?\s*=\s*(\d+\.\d+)", text, re.MULTILINE)
    return found[1] if found else f"{sys.version_info.major}.{sys.version_info.minor}"


def _missing(wanted: dict[str, list[str]]) -> set[str]:
    installed = _stamp()
    return {group for group, mark in _marks(wanted).items() if installed.get(group) != mark}


def _stamp() -> dict[str, str]:
    if not STAMP.exists() or not python().exists():
        return {}
    return dict(json.loads(STAMP.read_text(encoding="utf-8")))


def _write_stamp(marks: dict[str, str]) -> None:
    lock.write_private(STAMP, json.dumps(marks, indent=1))


def _works() -> bool:
    """Is there a `.venv` of a new enough Python, in this place, with pip?"""
    if not python().exists():
        return False
    ask = "import sys, pip; print(sys.version_info >= (3, 11), sys.prefix)"
    answer = subprocess.run([str(python()), "-c", ask], capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == f"True {VENV}"


def _make() -> None:
    """A fresh `.venv`; what stood there is removed (it is ours and did not work)."""
    print(f"Making .venv with Python {sys.version_info.major}.{sys.version_info.minor} ...")
    if VENV.exists():
        shutil.rmtree(VENV)
    base = getattr(sys, "_base_executable", sys.executable)
    made = subprocess.run(
        [base, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        raise SetupError(
            "this Python cannot make a virtual environment. On Debian and Ubuntu: "
            "apt install python3-venv. Elsewhere: install Python from python.org."
        )


def _install(lines: list[str]) -> None:
    """pip, with one changing line of progress."""
    command = [str(python()), "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
    command += ["--disable-pip-version-check", "--no-compile", *lines]
    print(f"Installing {len(lines)} packages and what they need into .venv (once) ...", flush=True)
    tail: list[str] = []
    seen = 0
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    assert process.stdout is not None
    for line in process.stdout:
        tail = [*tail[-40:], line]
        if found := re.match(r"\s*(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line):
            seen += 1
            _progress(f"  {seen:3} {found[1]}")
        elif line.startswith("Installing collected packages"):
            _progress(f"  {seen:3} found; unpacking", last=True)
    if process.wait() != 0:
        raise SetupError(explain("".join(tail)))
    _compile()


def _compile() -> None:
    """Compile on all cores, which pip does on one: else the first start does it, slowly. Packages
    carry files for other Pythons, which cannot be compiled; so the exit code says nothing."""
    print("Preparing them for a fast start ...", flush=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(VENV)})
    command = [str(python()), "-m", "compileall", "-qq", "-j", "0", packages]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)


def _progress(text: str, *, last: bool = False) -> None:
    if sys.stdout.isatty():
        print(f"\r{text:<60}", end="\n" if last else "", flush=True)
    elif last or text.split(maxsplit=1)[0].endswith("0"):
        print(text, flush=True)


def explain(output: str) -> str:
    """The remedy for what pip said; unknown words are passed on without addresses."""
    for pattern, remedy in REMEDIES:
        if re.search(pattern, output, re.IGNORECASE):
            return remedy
    errors = [line for line in output.splitlines() if "error" in line.lower()] or ["pip failed."]
    return without_addresses(errors[-1])


def without_addresses(text: str) -> str:
    """`text` without URLs and host names."""
    return re.sub(r"\S+://\S+|host=\S+", "(address)", text)
