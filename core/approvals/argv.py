"""Reading an argument list: which programs it names, openly or behind others.

Decides nothing. `commands` gives every command that can be seen in a list: the list itself, what
stands behind a wrapper (`env`, `sudo`, `timeout`, ...), and the commands of a script that a shell
is given. It sees too much rather than too little.

What it is not: a shell. Variables, substitutions, aliases, functions, files that are sourced and
whatever a program builds from its input are not followed, and no list of programs is complete. So
it only ever closes or raises; what a command may reach is bounded by the runner's sandbox, and
everything that is not plainly contained is asked.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

Command = tuple[str, ...]

SHELLS = frozenset(
    {
        "sh", "bash", "rbash", "zsh", "dash", "ash", "ksh", "mksh", "fish", "csh", "tcsh", "nu",
        "busybox", "toybox", "cmd", "command", "powershell", "pwsh", "wsl", "git-bash",
    }
)  # fmt: skip
#: Run whatever they are given as a text or a file.
INTERPRETERS = frozenset(
    {
        "python", "pythonw", "py", "pypy", "ipython", "perl", "ruby", "irb", "node", "nodejs",
        "deno", "bun", "php", "lua", "luajit", "tclsh", "expect", "osascript", "awk", "gawk",
        "mawk", "nawk", "wscript", "cscript", "mshta", "rundll32", "regsvr32", "groovy", "jshell",
        "rscript", "julia", "guile", "emacs", "vim", "vi", "ed", "ex", "gdb", "make", "gmake",
        "nmake", "cmake", "npm", "npx", "yarn", "pnpm", "uv", "uvx", "pipx", "cargo", "go",
    }
)  # fmt: skip
#: Run the command that follows them.
WRAPPERS = frozenset(
    {
        "env", "nohup", "nice", "ionice", "chrt", "taskset", "timeout", "gtimeout", "time",
        "stdbuf", "setsid", "script", "xargs", "parallel", "find", "fd", "watch", "flock", "strace",
        "ltrace", "chroot", "unshare", "nsenter", "systemd-run", "bwrap", "firejail", "proot",
        "fakeroot", "setarch", "prlimit", "catchsegv", "caffeinate", "ssh", "docker", "podman",
        "start", "call", "forfiles", "start-process", "invoke-expression", "iex", "saps",
    }
)  # fmt: skip
#: Run the command that follows them as somebody with more rights.
RAISERS = frozenset(
    {"sudo", "sudoedit", "doas", "pkexec", "su", "runuser", "runas", "gsudo", "kdesu", "gksudo"}
)
#: Words of a shell's own after which a command follows.
KEYWORDS = frozenset(
    {
        "if", "then", "elif", "else", "while", "until", "do", "!", "exec", "builtin", "eval",
        "coproc", "source", ".", "&", "noglob", "nocorrect",
    }
)  # fmt: skip

#: Words of a command behind a wrapper that are looked at; without a bound, long lists cost squares.
MOST_BEHIND = 64
#: Behind these the rest of the list is a command again.
OPEN = SHELLS | WRAPPERS | RAISERS | KEYWORDS
#: Set variables for what follows, or for the rest of a shell's script.
SETTERS = frozenset({"env", "export", "set", "setx", "declare", "typeset", "setenv"}) | RAISERS

_ENDING = re.compile(r"\.(?:exe|com|cmd|bat|ps1)$")
_VERSION = re.compile(r"(?<=[a-z])-?\d[\d.]*$")
_SPLIT = re.compile(r"\$\(|[;&|\n\r(){}`]")
_SPACES = re.compile(r"\$\{?IFS\}?|[<>]+")
_CONTINUED = re.compile(r"[\\`^]\r?\n")
_QUOTES = str.maketrans("", "", "'\"^")
_ASSIGNED = re.compile(r"(?:\$env:)?([A-Za-z_][A-Za-z0-9_]*)=")
_ENCODED = re.compile(r"[-/]e(?:c|n|nc|nco|ncod|ncode|ncoded|ncodedcommand)?", re.IGNORECASE)
#: A word that holds more than one word, or another command.
_WHOLE = re.compile(r"[\s;&|(){}`<>]")


@lru_cache(maxsize=4096)
def name_of(program: str) -> str:
    """A program's name without folders, ending and version: `/usr/bin/python3.11` is `python`."""
    base = re.split(r"[\\/]", program.translate(_QUOTES).strip())[-1].casefold()
    return _VERSION.sub("", _ENDING.sub("", base.rstrip(". ")))


def is_runner(program: str) -> bool:
    """Does it run something else that the name does not tell: shell, interpreter, wrapper?"""
    return name_of(program) in SHELLS | INTERPRETERS | WRAPPERS | RAISERS


def commands(argv: Sequence[str], script: str | None = None) -> Iterator[Command]:
    """Every command that can be seen, the list itself first; never an empty one."""
    yield from _opened(tuple(argv))
    if script is not None:
        yield from _of_script(script)


def lists(argv: Sequence[str], script: str | None = None) -> Iterator[Command]:
    """The list and the commands of its scripts: every word that can be seen, few of them twice."""
    yield tuple(argv)
    texts = [word for word in argv[1:] if _WHOLE.search(word)] if name_of(argv[0]) in OPEN else []
    for text in [*texts, *([] if script is None else [script])]:
        yield from words_of(text)


def assigned(argv: Sequence[str], script: str | None = None) -> Iterator[str]:
    """Names of environment variables that a command sets for another, or for its shell."""
    for command in commands(argv, script):
        is_setter = name_of(command[0]) in SETTERS
        for word in command[1:] if is_setter else command:
            found = _ASSIGNED.match(word)
            if found:
                yield found[1]
            elif not is_setter:
                break


def words_of(script: str) -> Iterator[Command]:
    """A script's commands as bare words, in order; the files of redirections are words too."""
    spaced = _SPACES.sub(" ", _CONTINUED.sub(" ", script))
    for piece in _SPLIT.split(spaced):
        words = tuple(word.translate(_QUOTES) for word in piece.split())
        if words:
            yield words


def _opened(command: Command) -> Iterator[Command]:
    """The command, and behind a program that runs others every word as if it were the program:
    which of a wrapper's words are values of its options is not known here."""
    if not command:
        return
    yield command
    if name_of(command[0]) not in OPEN and not _ASSIGNED.match(command[0]):
        return
    for at, word in enumerate(command[1:], start=1):
        if _ENCODED.fullmatch(word) and at + 1 < len(command):
            yield from _of_script(_decoded(command[at + 1]))
        if _WHOLE.search(word):
            for text in _told(word):
                yield from _of_script(text)
        if not word.startswith("-"):
            yield command[at : at + MOST_BEHIND]


def _told(word: str) -> Iterator[str]:
    """A text to run, and as the value of an option: `-Stext`, `--split-string=text`."""
    yield word
    if word.startswith("-"):
        yield word.partition("=")[2]
        yield word[2:]


def _of_script(script: str) -> Iterator[Command]:
    """Ends: each step leaves fewer characters that split."""
    for command in words_of(script):
        yield from _opened(command)


def _decoded(word: str) -> str:
    """The text of PowerShell's -EncodedCommand; empty when it is none."""
    try:
        return base64.b64decode(word, validate=True).decode("utf-16-le")
    except (binascii.Error, ValueError):
        return ""
