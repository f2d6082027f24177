"""Paths as the floor looks at them: folders and names, spelled alike for every system. Pure.

Decides whether a path names a key store, a device, or lies below a folder. A path is taken apart
by letters: nothing is opened, so links are not followed (that is the file room's root handle and
the runner's sandbox). Compared without case, blanks or dots at the end of a name, letters that are
not shown, and Windows' streams, because some system ignores each of them.
"""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

Parts = tuple[str, ...]

#: Folders and files that hold keys, as runs of names anywhere in a path; what is below counts too.
KEY_STORES: tuple[Parts, ...] = tuple(
    tuple(run.split("/"))
    for run in (
        # programs' own
        ".gnupg", ".password-store", ".aws/credentials", ".aws/sso", ".azure", ".kube/config",
        ".config/gcloud", ".config/gh/hosts.yml", ".docker/config.json", ".netrc", "_netrc",
        ".git-credentials", ".pgpass", ".pypirc", ".vault-token", ".config/rclone/rclone.conf",
        ".local/share/keyrings", ".local/share/kwalletd", "telegram desktop/tdata",
        ".local/share/telegramdesktop", ".bitcoin", ".electrum", ".config/bitwarden",
        # Linux
        "etc/shadow", "etc/shadow-", "etc/gshadow", "etc/gshadow-", "etc/krb5.keytab",
        "etc/ssl/private",
        # macOS
        "library/keychains", "var/db/dslocal", "library/application support/com.apple.tcc",
        # Windows
        "system32/config/sam", "system32/config/security", "system32/config/system",
        "system32/config/regback", "windows/repair/sam", "ntds/ntds.dit", "windows/ntds",
        "microsoft/credentials", "microsoft/protect", "microsoft/vault", "microsoft/crypto",
        "microsoft/systemcertificates/my",
        # browsers
        "logins.json", "key4.db", "key3.db", "signons.sqlite",
    )
)  # fmt: skip
#: Files of a browser's profile that hold passwords or sessions, where a browser's folder precedes.
BROWSERS = frozenset(
    {
        "google-chrome", "google", "chrome", "chromium", "microsoft-edge", "edge",
        "microsoft edge", "bravesoftware", "brave-browser", "opera", "opera software", "vivaldi",
        "yandexbrowser", ".mozilla", "mozilla", "firefox", "arc", "safari",
    }
)  # fmt: skip
BROWSER_FILES = frozenset(
    {
        "login data", "login data for account", "cookies", "cookies.sqlite", "web data",
        "local state", "cookies.binarycookies",
    }
)  # fmt: skip
#: Of ~/.ssh these may be seen.
SSH_OPEN = frozenset({"known_hosts", "known_hosts.old", "config"})
KEY_FILE = re.compile(r"id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|.*\.(?:kdbx?|p12|pfx|ppk|keychain-db)")
#: What the system starts The Mask from (`ops/pc`).
SERVICE = re.compile(r"(?:org\.)?the-mask[\w.-]*\.(?:service|timer|plist|xml)")
#: What the kernel tells of a process or of memory.
PROC = re.compile(r"environ|mem|maps|auxv|fd|root|cwd")

#: A device that holds a file system, or memory; a path to it stands at the end of a word.
DEVICE = re.compile(
    r"(?:^|(?<=[=:@>,'\"]))(?:"
    r"/dev/(?:r?disk\d|[shv]d[a-z]|xvd[a-z]|nvme\d|mmcblk\d|md\d|dm-\d|mapper/|loop\d|nbd\d"
    r"|zd\d|sr\d|fd\d|mem$|kmem$|kcore$|block/|disk/)"
    r"|[\\/]{2}[.?][\\/](?:physicaldrive|harddisk|volume\{|[a-z]:$|globalroot)"
    r")[^\s]*$",
    re.IGNORECASE,
)

PATTERN = re.compile(r"[*?\[\]]")
#: Letters that a pattern must say before it means a certain name.
LEAST_MEANT = 2
_SCHEME = re.compile(r"file:(?://(?:localhost)?)?(?=/)", re.IGNORECASE)
_DRIVE = re.compile(r"([A-Za-z]):")
_LONG = re.compile(r"^[\\/]{2}[?.][\\/](?:UNC[\\/])?", re.IGNORECASE)
_HOMES = re.compile(
    r"^(?:~[\w.-]*|\$\{?HOME\}?|%USERPROFILE%|%HOMEPATH%|\$env:USERPROFILE)(?=[\\/]|$)",
    re.IGNORECASE,
)
#: Put first where a path begins at somebody's home folder, wherever that is.
AT_HOME = "~"


@lru_cache(maxsize=4096)
def parts_of(path: str, below: str = "") -> Parts:
    """The names of a path from the top, `..` taken back; a relative one is put under `below`.

    A drive is a name (`c:`); a home folder is `~`.
    """
    text = _LONG.sub("", _SCHEME.sub("", path.strip()))
    home = _HOMES.match(text)
    if home:
        return _collapsed([AT_HOME, *_names(text[home.end() :])])
    if text.startswith(("/", "\\")):
        return _collapsed(_names(text))
    drive = _DRIVE.match(text)
    if drive and len(drive[1]) == 1:
        return _collapsed([f"{drive[1].casefold()}:", *_names(text[drive.end() :])])
    above = list(parts_of(below)) if below else []
    return _collapsed([*above, *_names(text)])


def is_absolute(path: str) -> bool:
    """Does it begin at a top: a slash, a drive, a share, or a home folder?"""
    text = _SCHEME.sub("", path.strip())
    drive = _DRIVE.match(text)
    return bool(
        text.startswith(("/", "\\")) or _HOMES.match(text) or (drive and len(drive[1]) == 1)
    )


def is_within(inner: Sequence[str], outer: Sequence[str]) -> bool:
    """Is `inner` the folder `outer`, or below it?"""
    return len(inner) >= len(outer) and tuple(inner[: len(outer)]) == tuple(outer)


def is_top(parts: Sequence[str]) -> bool:
    """A file system's top, a drive, or somebody's home folder."""
    return len(parts) == 0 or (len(parts) == 1 and (parts[0] == AT_HOME or parts[0][-1:] == ":"))


@lru_cache(maxsize=4096)
def holds_keys(parts: Parts) -> bool:
    """Is this a key store, or in one?"""
    if _in_ssh(parts) or _in_browser(parts) or _in_proc(parts):
        return True
    if parts and KEY_FILE.fullmatch(parts[-1]):
        return True
    return any(_has_run(parts, run) for run in KEY_STORES)


def candidates(word: str) -> Iterator[str]:
    """The paths that an argument may hold: itself, and what follows `=`, `@`, `:` or `,`."""
    yield word
    for mark in ("=", "@", ":", ","):
        before, found, after = word.partition(mark)
        if found and after and not (mark == ":" and len(before) == 1):
            yield after
    if word.startswith("-") and len(word) > 2:  # noqa: PLR2004 - `-f` and its value in one word
        yield word[2:]


def _names(text: str) -> list[str]:
    return [name for raw in re.split(r"[\\/]+", text) if (name := _plain(raw))]


def _plain(name: str) -> str:
    """A name as no system can tell it from others: see the module's docstring."""
    text = name.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKC", name).casefold()
        text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    if text in {".", ".."}:
        return text if text == ".." else ""
    return text.partition(":")[0].rstrip(". ") if text.strip(". ") else text.strip()


def _collapsed(names: list[str]) -> Parts:
    kept: list[str] = []
    for name in names:
        if name != "..":
            kept.append(name)
        elif kept and not kept[-1].endswith(":") and kept[-1] != AT_HOME:
            kept.pop()
    return tuple(kept)


def _matches(name: str, known: str) -> bool:
    """Also by a pattern that a shell would expand, when it says enough to mean this one."""
    if name == known:
        return True
    if not PATTERN.search(name) or len(PATTERN.sub("", name)) < LEAST_MEANT:
        return False
    return fnmatch.fnmatchcase(known, name)


def _has_run(parts: Parts, run: Parts) -> bool:
    for at, first in enumerate(parts[: len(parts) - len(run) + 1]):
        if _matches(first, run[0]):
            inner = zip(parts[at + 1 :], run[1:], strict=False)
            if all(_matches(part, known) for part, known in inner):
                return True
    return False


def _in_ssh(parts: Parts) -> bool:
    for at, name in enumerate(parts):
        if _matches(name, ".ssh"):
            inner = parts[at + 1 :]
            return not inner or not (inner[0] in SSH_OPEN or inner[0].endswith(".pub"))
    return False


def _in_browser(parts: Parts) -> bool:
    if not parts or not any(_matches(parts[-1], known) for known in BROWSER_FILES):
        return False
    return any(part in BROWSERS for part in parts[:-1])


def _in_proc(parts: Parts) -> bool:
    is_process = len(parts) > 2 and parts[0] == "proc"  # noqa: PLR2004 - /proc/<pid>/<name>
    return (is_process and bool(PROC.fullmatch(parts[2]))) or parts[:2] == ("proc", "kcore")
