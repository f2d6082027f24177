"""Five hundred strings that try to be a path to somewhere else, in named families.

Generated, the same each time. Each is to be read with `{root}` as the absolute path of the root,
`{outside}` of a folder beside it with `canary.txt` in it, and with the links of `plant` in the
root. Pure but for `plant`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

OUT = "outside/canary.txt"
#: Folders above the root that have a canary beside the way.
LEVELS = 4
#: Names of links that `plant` puts into a root, and what they point to.
LINKS = {
    "to-folder": "{outside}",
    "to-file": "{outside}/canary.txt",
    "relative": "../outside",
    "chain": "to-folder",
    "up": "..",
    "self": ".",
    "top": "/",
    "process": "/proc/self/root",
    "here": "/proc/self/cwd",
    "dangling": "{outside}/new-by-link.txt",
}


def plant(root: Path, outside: Path) -> None:
    """The folders and links that the strings speak of, and a canary in each folder above."""
    (root / "real/deep").mkdir(parents=True)
    (root / "real/file.txt").write_text("inside\n")
    for name, target in LINKS.items():
        (root / name).symlink_to(target.format(outside=outside))
    (root / "real/deep/out").symlink_to(outside)
    for above in list(root.parents)[:LEVELS]:
        (above / "outside/folder").mkdir(parents=True)
        (above / OUT).write_text("CANARY\n")
        (above / "outside/folder/other.txt").write_text("CANARY\n")


def corpus(root: Path, outside: Path) -> list[tuple[str, str]]:
    """Family and string, each string once."""
    seen: dict[str, str] = {}
    for family, make in FAMILIES.items():
        for text in make():
            told = text.replace("{root}", str(root)).replace("{outside}", str(outside))
            seen.setdefault(told, family)
    return [(family, text) for text, family in seen.items()]


def _up() -> Iterator[str]:
    starts = ("", "./", "real/", "real/deep/", "missing/", "sandbox:/", "sandbox:/real/", "real//")
    for start, ups, slash in itertools.product(starts, range(1, 6), ("/", "//", "/./")):
        yield start + slash.join([".."] * ups) + slash + OUT
    yield from (
        "..",
        "../",
        "real/..",
        "real/../..",
        "./..",
        "sandbox:/..",
        "../..",
        "real/deep/../",
    )


def _absolute() -> Iterator[str]:
    for place in ("{outside}/canary.txt", "{outside}", "{outside}/folder/other.txt", "/etc/passwd"):
        for start in ("", "/", "//", "sandbox:/", "sandbox://", "file://", "file:", "./", " "):
            yield start + place
    yield from ("/", "//", "/.", "/proc/self/environ", "/proc/self/cwd/etc/passwd", "/dev/zero")
    yield from ("sandbox:/" + "{root}/../outside/canary.txt", "{root}/../outside/canary.txt")


def _links() -> Iterator[str]:
    ends = ("", "/canary.txt", "/folder/other.txt", "/outside/canary.txt", "/../outside/canary.txt")
    for name, end in itertools.product(LINKS, ends):
        yield name + end
        yield f"sandbox:/./{name}{end}"
    for name in ("up/up/up/outside/canary.txt", "self/self/up/outside/canary.txt"):
        yield name
    yield from ("real/deep/out", "real/deep/out/canary.txt", "real/deep/out/new.txt")
    yield from ("top{outside}/canary.txt", "process{outside}/canary.txt", "here/../etc/passwd")


def _escaped() -> Iterator[str]:
    dots = ("%2e%2e", "%252e%252e", "%c0%ae%c0%ae", "&#46;&#46;", "\\u002e\\u002e", "..%00")
    for dot, slash in itertools.product(dots, ("/", "%2f", "%5c", "%255c", "&#47;")):
        yield f"{dot}{slash}{dot}{slash}outside{slash}canary.txt"
    yield from ("$HOME/x", "${HOME}/x", "`pwd`/x", "$(pwd)/x", "%USERPROFILE%/x", "~", "~/x")
    yield from ("~root/.ssh/id_rsa", "~/../x", "*", "real/*", "{a,b}/x", "[a-z]", "?")


def _letters() -> Iterator[str]:
    look_alikes = ("\uff0e\uff0e", "\u2024\u2024", "\u2025", "\u2026", "\u3002\u3002", ".\u200d.")
    slashes = ("/", "\u2215", "\u2044", "\uff0f", "\u29f8")
    for dot, slash in itertools.product(look_alikes, slashes):
        yield f"{dot}{slash}outside{slash}canary.txt"
    for odd in "\0\1\a\b\t\n\r\x1b\x7f\x85\u2028\u2029\u202a\u202d\u202e\u2066\u2067\u2068\ud800":
        yield f"real/file.txt{odd}"
        yield f"real/{odd}../../{OUT}"
        yield f"{odd}/{OUT}"
    yield from ("real/file.txt\0.png", "../outside/canary.txt\0real", "real\0/../../outside")
    yield from ("a" * 256, "ক" * 90, "a/" * 200 + "x", "x" * 5000, "../" * 2000 + "etc/passwd")


def _windows() -> Iterator[str]:
    target = "outside\\canary.txt"
    for start in ("..\\", "..\\..\\", "real\\..\\..\\", ".\\..\\", "sandbox:/..\\", "real/..\\../"):
        yield start + target
    prefixes = (
        "\\\\?\\",
        "\\\\.\\",
        "\\??\\",
        "\\\\?\\UNC\\",
        "\\\\server\\share\\",
        "//server/s/",
    )
    for prefix, rest in itertools.product(
        prefixes, ("C:\\Windows\\win.ini", "C:", "GLOBALROOT", "x")
    ):
        yield prefix + rest
    yield from ("C:", "C:\\", "C:/", "c:/x", "C:x", "Z:\\x", "sandbox:/C:\\x", "C:..\\x")
    devices = (
        "CON",
        "con.txt",
        "PRN",
        "AUX",
        "NUL",
        "nul.tar.gz",
        "COM1",
        "COM¹",
        "LPT9",
        "CONIN$",
    )
    for device in devices:
        yield device
        yield f"real/{device}"
    for tail in (
        ".",
        " ",
        "...",
        ". .",
        "::$DATA",
        ":stream",
        ":$I30:$INDEX_ALLOCATION",
        "::$INDEX",
    ):
        yield f"real/file.txt{tail}"
        yield f"real{tail}/file.txt"
    yield from ("PROGRA~1", "real/FILE~1.TXT", 'a"b', "a<b", "a>b", "a|b", "a?b", "a*b")


def _roots() -> Iterator[str]:
    for name in ("other", "SANDBOX", "sandbox ", " sandbox", "", ".", "..", "sand/box", "s", "১"):
        yield f"{name}:/real/file.txt"
        yield f"{name}:/../outside/canary.txt"
    yield from ("sandbox:sandbox:/..", "sandbox:/sandbox:/../../x", ":/x", "::", ":", "sandbox:\\x")
    yield from ("sandbox:/", "sandbox:/.", "sandbox://", "", ".", "./", "./.", "sandbox:")


def _shapes() -> Iterator[str]:
    """The system's own folders, special files and odd shapes of right paths."""
    yield from ("../keys/master", "../memory.db", "../trash", "../.env", "real/../../keys/master")
    yield from ("real/file.txt/", "real/file.txt/x", "real/file.txt/..", "real/file.txt/../../..")
    for count in range(1, 40):
        yield "/".join(["real", *["."] * count, *[".."] * (count + 2), OUT])


FAMILIES = {
    "up": _up,
    "absolute": _absolute,
    "links": _links,
    "escaped": _escaped,
    "letters": _letters,
    "windows": _windows,
    "roots": _roots,
    "shapes": _shapes,
}
