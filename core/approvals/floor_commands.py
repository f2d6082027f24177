"""What no command may be, whoever says yes: by programs, words and paths that can be seen in it.

Gives the names of `core.approvals.floor`. Looks through wrappers and into scripts as far as
`core.approvals.argv` can see, and says there what that is not. A program that deletes, formats or
reads by itself, without its words telling, is held by the sandbox, and is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from types import MappingProxyType
from typing import Any

from core.approvals.argv import OPEN, Command, assigned, name_of
from core.approvals.floor_paths import (
    DEVICE,
    Parts,
    candidates,
    is_top,
    is_within,
    parts_of,
)

#: Letters of a whole argument list: what Windows' CreateProcess takes, the least of the three.
MOST_LETTERS = 32_767
MOST_ARGUMENTS = 4_096
#: Reading a device's facts, mounting: named devices are no danger there.
DEVICE_READERS = frozenset(
    {
        "lsblk", "df", "blkid", "smartctl", "findmnt", "udevadm", "file", "ls", "stat", "du",
        "mount", "umount", "udisksctl", "eject", "nvme-list", "get-disk", "get-volume",
    }
)  # fmt: skip
FORMATTERS = re.compile(
    r"mkfs.*|mke2fs|mkswap|newfs.*|wipefs|blkdiscard|fdisk|sfdisk|cfdisk|gdisk|sgdisk|parted"
    r"|cryptsetup|format|dd|dcfldd|ddrescue|diskutil|asr|hdiutil|zpool|mdadm|vgremove|lvremove"
)
#: Nothing else is to be done with them.
ALWAYS_FORMAT = frozenset(
    {
        "diskpart", "format-volume", "clear-disk", "initialize-disk", "remove-partition",
        "reset-physicaldisk", "new-partition", "resize-partition", "cipher-wipe",
    }
)  # fmt: skip
#: A drive, a macOS disk, or a name that only the shell will know.
DRIVE = re.compile(r"[a-z]:[\\/]?|r?disk\d\w*|.*[$%].*", re.IGNORECASE)
DISKUTIL_READS = frozenset({"list", "info", "activity", "listfilesystems", "mount", "unmount"})

DELETERS = frozenset(
    {"rm", "rmdir", "unlink", "shred", "srm", "del", "erase", "rd", "deltree", "remove-item", "ri"}
)
#: Words that make `find` delete.
FIND_DELETES = DELETERS | {"-delete"}
#: Options of `del`, `rd`: a slash and few letters.
SLASHED = re.compile(r"/[a-z](?::[a-z-]+)?", re.IGNORECASE)

#: Programs that hand out keys, with the words that make them do it; none: always.
KEY_READERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "security": frozenset(
            {"dump-keychain", "find-generic-password", "find-internet-password", "export"}
        ),
        "secret-tool": frozenset({"lookup", "search"}),
        "gpg": frozenset(
            {"--export-secret-keys", "--export-secret-subkeys", "--export-secret-key"}
        ),
        "reg": frozenset(
            {"hklm\\sam", "hklm\\security", "hklm\\system", "hkey_local_machine\\sam"}
        ),
        "cmdkey": frozenset({"/list"}),
        "vaultcmd": frozenset(),
        "mimikatz": frozenset(),
        "ntdsutil": frozenset(),
        "kwallet-query": frozenset(),
        "unshadow": frozenset(),
    }
)

STOPPERS = frozenset(
    {
        "systemctl", "service", "initctl", "launchctl", "schtasks", "sc", "net", "taskkill",
        "pkill", "killall", "kill", "stop-service", "set-service", "stop-process", "spps",
        "remove-service", "disable-scheduledtask", "unregister-scheduledtask", "crontab", "nssm",
    }
)  # fmt: skip
#: They tell about a service and change nothing.
TELLING = frozenset(
    {"status", "show", "list", "cat", "is-active", "is-enabled", "list-units", "query", "/query",
     "print", "start", "/fo"}
)  # fmt: skip
SELF = re.compile(
    r"\bthe[-_ .]?mask\b|\bmask[-_.](?:node|home|bot|beat|worker)|\bops (?:up|node)\b"
)

#: Refused even when approved (`reliability.md` 4.4): they make a program run something else.
FORBIDDEN_NAMES = re.compile(
    r"(?:LD|DYLD)_.*|PYTHON.*|NODE_OPTIONS|BASH_ENV|ENV|PROMPT_COMMAND|GIT_EXTERNAL_DIFF"
    r"|GIT_SSH_COMMAND|PERL5OPT|RUBYOPT"
)


def is_malformed(argv: Any) -> bool:
    """No list of texts that every system can start as it stands."""
    if (
        not isinstance(argv, list | tuple)
        or not argv
        or not isinstance(argv[0], str)
        or not argv[0]
    ):
        return True
    texts = [word for word in argv if isinstance(word, str) and "\0" not in word]
    return len(texts) != len(argv) or len(argv) > MOST_ARGUMENTS or _letters(texts) > MOST_LETTERS


def _letters(words: Sequence[str]) -> int:
    return sum(len(word) + 1 for word in words)


def is_forbidden_name(name: str) -> bool:
    """May nobody set this environment variable? Windows knows one name in all cases."""
    return FORBIDDEN_NAMES.fullmatch(name.upper()) is not None


def sets_forbidden(argv: Sequence[str], script: str | None, env: Mapping[str, Any]) -> bool:
    """Also through `env`, `sudo` or a script."""
    return any(is_forbidden_name(name) for name in [*env, *assigned(argv, script)])


def formats(command: Command) -> bool:
    """Makes a file system, changes partitions, or writes to a device."""
    name, rest = name_of(command[0]), command[1:]
    if name in ALWAYS_FORMAT:
        return True
    if name == "diskutil" and rest and rest[0].casefold() in DISKUTIL_READS:
        return False
    if FORMATTERS.fullmatch(name) and any(DRIVE.fullmatch(_value(word)) for word in rest):
        return True
    return (
        name not in DEVICE_READERS | OPEN
        and "=" not in command[0]
        and any(DEVICE.search(word) for word in rest)
    )


def redirects_to_device(script: str) -> bool:
    """`> /dev/sda`, also where nothing else tells that it writes."""
    targets = [after.lstrip(" |&\t").split() for after in script.split(">")[1:]]
    return any(DEVICE.search(words[0].strip("'\";)")) for words in targets if words)


def _value(word: str) -> str:
    """`of=disk2` is about disk2."""
    return word.partition("=")[2] or word


def hands_out_keys(command: Command) -> bool:
    """A program whose purpose here is to show keys."""
    words = KEY_READERS.get(name_of(command[0]))
    return words is not None and (
        not words or any(word.casefold().strip("\"'") in words for word in command[1:])
    )


def stops_us(command: Command) -> bool:
    """Stops, disables or removes The Mask's own services."""
    if name_of(command[0]) not in STOPPERS:
        return False
    words = [word.casefold() for word in command[1:]]
    return bool(SELF.search(" ".join(words))) and not TELLING & set(words)


def paths_in(command: Command, cwd: str) -> Iterator[Parts]:
    """Every path that its words may name, from the top."""
    for word in command:
        for text in candidates(word):
            if not DEVICE.search(text) and len(text) <= MOST_LETTERS:
                yield parts_of(text, cwd)


def deletes_too_much(command: Command, cwd: str, areas: Sequence[Parts]) -> str | None:
    """`root` for one of the `areas` itself or a whole disk, `outside` for what is in none."""
    name = name_of(command[0])
    for target in _deleted(name, command[1:], cwd):
        if name != "find" and (is_top(target) or target in areas):
            return "root"
        if not any(is_within(target, area) for area in areas):
            return "outside"
    return None


def areas(cwd: str, writes: Sequence[str], roots: Sequence[str]) -> list[Parts]:
    """Where a command may delete: its folder, the folders it names, the roots."""
    return [parts for path in (cwd, *writes, *roots) if (parts := parts_of(path))]


def _deleted(name: str, words: Sequence[str], cwd: str) -> Iterator[Parts]:
    """What a deleting program is told to delete; nothing for other programs."""
    if name == "find" and not FIND_DELETES.isdisjoint(name_of(word) for word in words):
        words = list(takewhile(lambda word: not word.startswith("-"), words))
    elif name not in DELETERS:
        return
    slashed = name in {"del", "erase", "rd", "rmdir"}
    for word in words:
        if not word.startswith("-") and not (slashed and SLASHED.fullmatch(word)):
            yield parts_of(word, cwd)
