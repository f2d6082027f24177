"""What can be a path, and what a root's settings may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import SettingsError, load
from core.errors import Refused
from core.execution.file_paths import can_be_named, parse, shown


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", (None, ())),
        (".", (None, ())),
        ("sandbox:/", ("sandbox", ())),
        ("sandbox:", ("sandbox", ())),
        ("docs:/a/b.txt", ("docs", ("a", "b.txt"))),
        ("./a//b/./c/", (None, ("a", "b", "c"))),
        ("আমার নোট/হিসাব ২০২৬.txt", (None, ("আমার নোট", "হিসাব ২০২৬.txt"))),
        ("ملاحظات/يوم\u200f.txt", (None, ("ملاحظات", "يوم\u200f.txt"))),
        ("ক্‍ষ/র‌্যাব", (None, ("ক্‍ষ", "র‌্যাব"))),
        ("a b/-rf/--/#x", (None, ("a b", "-rf", "--", "#x"))),
        ("..a/b../...", (None, ("..a", "b..", "..."))),
        ("10:30 talk", (None, ("10:30 talk",))),
    ],
)
def test_a_path_is_taken_letter_by_letter(text, meant) -> None:
    assert parse(text, windows=False) == meant


def test_windows_paths_may_use_its_own_slash() -> None:
    assert parse("a\\b c\\ঘ.txt", windows=True) == (None, ("a", "b c", "ঘ.txt"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("../x", "up"),
        ("a/../b", "up"),
        ("/etc/passwd", "absolute"),
        ("sandbox://x", "absolute"),
        ("C:\\x", "absolute"),
        ("\\\\server\\x", "absolute"),
        ("a\\b", "backslash"),
        ("~/x", "home"),
        ("Docs:/x", "root"),
        ("c:/x", "root"),
        ("a\0b", "control"),
        ("a\nb", "control"),
        ("a\ud800", "control"),
        ("a\u202eb", "direction"),
        ("x" * 256, "long"),
        ("a/" * 101, "deep"),
    ],
)
def test_every_refusal_has_one_code_and_names_its_rule(text, why) -> None:
    with pytest.raises(Refused) as caught:
        parse(text, windows=False)
    assert (caught.value.code, caught.value.params) == ("path-refused", {"why": why})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a:b", "stream"),
        ("a/f.txt::$DATA", "stream"),
        ("CON", "device"),
        ("a/nul.txt", "device"),
        ("COM¹", "device"),
        ("aux .txt", "device"),
        ("a.", "dot"),
        ("a /b", "dot"),
        ("a?b", "letter"),
    ],
)
def test_windows_has_more_rules(text, why) -> None:
    parse(text, windows=False)
    with pytest.raises(Refused) as caught:
        parse(text, windows=True)
    assert caught.value.params == {"why": why}


def test_names_that_no_text_holds_are_shown_and_not_named() -> None:
    assert shown("a\udcff.txt") == "a�.txt"
    assert not can_be_named("a\udcff.txt")
    assert can_be_named("আ")


def test_roots_are_named_in_the_settings() -> None:
    found = load(MASK_HOME="/h", SANDBOX_DIR="box", MASK_ROOTS=" docs = /d ; pic=/p q ;").roots()
    assert found == {"sandbox": Path("/h/box"), "docs": Path("/d"), "pic": Path("/p q")}
    assert next(iter(found)) == "sandbox"


@pytest.mark.parametrize(
    "wrong", ["docs", "=x", "docs=", "a=/x", "D=/x", "sandbox=/x", "d1=/x;d1=/y"]
)
def test_a_wrong_root_stops_the_start_with_its_name(wrong) -> None:
    with pytest.raises(SettingsError, match=r"MASK_ROOTS: .+\. Correct it"):
        load(MASK_ROOTS=wrong)
