"""Which file a command is, pinned by its content.

Decides which program a name means (looked for in fixed places only), which argument of a known
interpreter is its script file, and what counts as unclear: then the command is refused. A pinned
file is opened once, hashed from that descriptor and started from it, so that what was hashed is
what runs. Called by `command_plan` before the question and once more before the start; a change
in between changes the action's digest.

Missing guarantees: a program without a sandbox can be overwritten in place by who may write to it,
in the instant between the last look and the start; libraries and modules that a program loads are
not pinned.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from core.errors import Refused

#: Bytes of a program or a script; a larger one takes too long to hash twice.
MOST_BYTES = 1024 * 1024 * 1024
CHUNK = 1024 * 1024

#: Programs whose job is to start another one: what runs then is not what was pinned.
WRAPPERS = frozenset(
    {
        "env", "nohup", "setsid", "stdbuf", "nice", "ionice", "chrt", "taskset", "timeout", "time",
        "xargs", "parallel", "watch", "script", "unbuffer", "busybox", "toybox", "chroot",
        "unshare", "nsenter", "start-stop-daemon", "systemd-run", "batch", "flock", "ltrace",
        "strace", "cmdkey", "forfiles", "rundll32", "wmic", "mshta", "conhost",
    }
)  # fmt: skip
#: Programs that ask for another user's rights.
PRIVILEGE = frozenset({"sudo", "doas", "su", "pkexec", "runas", "gsudo", "sudoedit"})
SHELLS = re.compile(r"(?:ba|da|z|k|mk|a|c|tc|fi)?sh|rbash")
POWERSHELL = re.compile(r"powershell|pwsh")
ENDINGS = re.compile(r"(?i)\.(?:exe|com|bat|cmd)$")


@dataclass(frozen=True)
class Interpreter:
    """How a program finds its script: `evals` take code as text instead; `modules` name code that
    is no file of ours; `values` are options followed by a value; `files` name the script. A plain
    word is the script when it ends in one of `endings`; without those every plain word is."""

    evals: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    endings: tuple[str, ...] = ("",)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


INTERPRETERS: tuple[tuple[re.Pattern[str], Interpreter], ...] = (
    (
        re.compile(r"(?:pythonw?|pypy)[0-9.]*|py"),
        Interpreter(_words("-c"), _words("-m"), _words("-W -X --check-hash-based-pycs")),
    ),
    (SHELLS, Interpreter(_words("-c"), values=_words("-o +o -O +O --rcfile --init-file"))),
    (
        re.compile(r"node|nodejs"),
        Interpreter(
            _words("-e --eval -p --print -pe"),
            values=_words("-r --require --import --loader --experimental-loader -C --conditions"),
        ),
    ),
    (re.compile(r"perl[0-9.]*"), Interpreter(_words("-e -E"), values=_words("-I -M -m"))),
    (re.compile(r"ruby[0-9.]*"), Interpreter(_words("-e"), values=_words("-I -r -C"))),
    (
        re.compile(r"php[0-9.]*"),
        Interpreter(_words("-r -B -R -E"), values=_words("-d -c"), files=_words("-f -F")),
    ),
    (re.compile(r"Rscript"), Interpreter(_words("-e"))),
    (re.compile(r"lua[0-9.]*"), Interpreter(_words("-e"), values=_words("-l"))),
    (re.compile(r"osascript"), Interpreter(_words("-e"), values=_words("-l -s"))),
    (
        POWERSHELL,
        Interpreter(
            _words("-command -c -encodedcommand -e -ec -enc"),
            values=_words("-executionpolicy -ep -ex -outputformat -inputformat -windowstyle"),
            files=_words("-file -f"),
        ),
    ),
    (re.compile(r"[cw]script"), Interpreter()),
    (
        re.compile(r"java"),
        Interpreter(
            values=_words("-cp -classpath --class-path -p --module-path"),
            modules=_words("-m --module"),
            files=_words("-jar"),
            endings=(".java",),
        ),
    ),
)


@dataclass
class Pinned:
    """A file by its content. `path` is how it was found, `real` where it is; `fd` is open and
    belongs to this object. `mark` tells whether the file was touched since it was hashed."""

    path: str
    real: str
    sha256: str
    size: int
    fd: int
    mark: tuple[int, ...]
    is_script: bool = False

    def is_same(self) -> bool:
        """Is what `path` leads to still the file that was hashed, untouched?"""
        try:
            return self.mark == mark_of(os.fstat(self.fd)) == mark_of(Path(self.path).stat())
        except OSError:
            return False

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def program_name(path: str) -> str:
    """What a program is called, whatever the system adds."""
    return ENDINGS.sub("", re.split(r"[/\\]", path)[-1])


def find(name: str, cwd: str, places: Sequence[str], system: str = sys.platform) -> str:
    """Where the program `name` is: a path as it is (a relative one from `cwd`), a bare name in
    `places` only. Refused(`command-not-found`)."""
    if system == "win32" and name.lower().endswith((".bat", ".cmd")):
        raise Refused("command-wrapper", program=name[:200])  # cmd would read its arguments anew
    endings = ("", ".exe", ".com") if system == "win32" else ("",)
    has_folder = "/" in name or (system == "win32" and "\\" in name)
    folders = [cwd] if has_folder else places
    for folder in folders:
        for ending in endings:
            candidate = os.path.join(folder, name + ending)  # noqa: PTH118 - keeps links as they are
            if os.path.isfile(candidate) and os.access(candidate, os.X_OK):  # noqa: PTH113
                return os.path.normpath(candidate) if not has_folder else candidate
    raise Refused("command-not-found", program=name[:200])


def pin(path: str) -> Pinned:
    """The file at `path`, opened and hashed. Refused(`command-not-found`, `command-unreadable`,
    `command-too-large`)."""
    try:
        fd = open_held(path)
    except FileNotFoundError:
        raise Refused("command-not-found", program=path) from None
    except OSError as error:
        raise Refused("command-unreadable", path=path, why=type(error).__name__) from error
    try:
        return _hashed(path, fd)
    except BaseException:
        os.close(fd)
        raise


def mark_of(found: os.stat_result) -> tuple[int, ...]:
    """Changes whenever a file is replaced or written to."""
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def operand_at(argv: Sequence[str]) -> int | None:
    """Where the script file of an interpreter stands in `argv`; None when there is none.
    Refused(`command-operand`) when that cannot be told for sure."""
    program = program_name(argv[0])
    for pattern, interpreter in INTERPRETERS:
        if pattern.fullmatch(program if program == "Rscript" else program.lower()):
            return _operand(argv, interpreter, is_powershell=pattern is POWERSHELL)
    return None


def check_program(argv: Sequence[str]) -> None:
    """Refused(`command-wrapper`) for a program that would start another one in our stead."""
    program = program_name(argv[0]).lower()
    if program in WRAPPERS and len(argv) > 1:
        raise Refused("command-wrapper", program=program)


def asks_privilege(argv: Sequence[str], exe: Pinned) -> bool:
    """Does it run with other rights than ours?"""
    mode = os.fstat(exe.fd).st_mode
    has_bits = sys.platform != "win32" and bool(mode & (stat.S_ISUID | stat.S_ISGID))
    return has_bits or program_name(argv[0]).lower() in PRIVILEGE


def _operand(argv: Sequence[str], how: Interpreter, *, is_powershell: bool) -> int | None:
    """The first argument that is no option, unless the code is given in another way."""
    at = 1
    while at < len(argv):
        word = argv[at].lower() if is_powershell else argv[at]
        option = word.partition("=")[0] if word.startswith("--") else word
        if option in how.modules or word == "-":
            return None
        if option in how.files:
            return _named(argv, at + 1)
        if option in how.values:
            at += 1 if "=" in word else 2
        elif option in how.evals or (not is_powershell and _is_glued(option, how)):
            _check_evaluated(argv, at)
            return None
        elif word == "--":
            return _named(argv, at + 1)
        elif word.startswith(("-", "+", "//")):
            at += 1
        elif is_powershell:  # one edition takes it for a file, the other for code
            raise Refused("command-operand", program=program_name(argv[0]))
        else:
            return at if word.endswith(how.endings) else None
    return None


def _is_glued(option: str, how: Interpreter) -> bool:
    """Short options in one word that hold one for code: `-xc`, `-lc`, `-ne`."""
    letters = {each[1] for each in how.evals if len(each) == len("-c")}
    is_short = option.startswith("-") and not option.startswith("--") and option.isascii()
    is_group = option[1:].isalpha() and len(option) <= len("-") + 4
    return is_short and is_group and bool(letters & set(option[1:]))


def _check_evaluated(argv: Sequence[str], at: int) -> None:
    """Code in the arguments, with its text and plain words behind it; no file may stand there,
    because nobody could tell which of the two is the program."""
    for word in argv[at + 2 :]:
        if re.search(r"[/\\]|\.\w{1,4}$", word):
            raise Refused("command-operand", program=program_name(argv[0]))


def _named(argv: Sequence[str], at: int) -> int | None:
    if at >= len(argv):
        raise Refused("command-operand", program=program_name(argv[0]))
    return at


def _hashed(path: str, fd: int) -> Pinned:
    before = os.fstat(fd)
    if not stat.S_ISREG(before.st_mode):
        raise Refused("command-unreadable", path=path, why="special")
    if before.st_size > MOST_BYTES:
        raise Refused("command-too-large", path=path, most=MOST_BYTES)
    total, sha256, begin = 0, hashlib.sha256(), b""
    os.lseek(fd, 0, os.SEEK_SET)
    while chunk := os.read(fd, CHUNK):
        begin = begin or chunk[:2]
        sha256.update(chunk)
        total += len(chunk)
    after = os.fstat(fd)
    if mark_of(before) != mark_of(after):
        raise Refused("command-changed", path=path)
    real = os.path.realpath(path)
    return Pinned(path, real, sha256.hexdigest(), total, fd, mark_of(after), begin == b"#!")


if sys.platform == "win32":
    from core.execution.run_windows_calls import open_held

else:

    def open_held(path: str) -> int:
        """A descriptor to read `path`; a pipe in its place does not make us wait."""
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
