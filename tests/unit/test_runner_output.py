"""What a command printed is bounded, harmless and without secrets."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.execution import output
from core.execution.output import END_BYTES, MOST_FACTS, WHOLE_BYTES, Output, neutral, shortened
from core.logs import Redaction

SECRET = "gsk_" + "a1B2" * 8


def plain(text: str) -> str:
    return text


def test_a_short_output_is_told_whole() -> None:
    collected = Output(plain)

    assert collected.feed(b"one\n")
    assert collected.feed("দুই\n".encode())

    printed = collected.finish()
    assert printed.text == "one\nদুই\n"
    assert (printed.total, printed.whole, printed.is_whole) == (
        4 + len("দুই\n".encode()),
        None,
        True,
    )


def test_a_longer_output_is_told_by_its_ends_and_kept_whole() -> None:
    collected = Output(plain)
    lines = "".join(f"line {n}\n" for n in range(20_000))
    collected.feed(lines.encode())

    printed = collected.finish()

    assert printed.whole == lines
    assert printed.text.startswith("line 0\n")
    assert printed.text.endswith("line 19999\n")
    assert re.search(r"\n\[\.\.\. \d+ letters left out \.\.\.\]\n", printed.text)
    assert len(printed.text) <= output.TEXT_LETTERS + 100


def test_of_a_huge_output_both_ends_are_kept_and_everything_is_counted() -> None:
    collected = Output(plain)
    collected.feed(b"first\n")
    many = 0
    while collected.total <= WHOLE_BYTES:
        many += 1
        assert collected.feed(b"x" * 1023 + b"\n")
    collected.feed(b"last\n")

    printed = collected.finish()

    assert printed.total == many * 1024 + 11
    assert not printed.is_whole
    assert printed.whole is not None
    assert len(printed.whole) <= 2 * END_BYTES + 200
    assert printed.text.startswith("first\n")
    assert printed.text.endswith("last\n")


def test_more_than_may_be_printed_is_said_at_once() -> None:
    collected = Output(plain, most=100)

    assert collected.feed(b"x" * 100)
    assert not collected.feed(b"x")


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]never closed\nstill here", "never closed\nstill here"),
        ("good\rbad", "good\nbad"),
        ("a\x08b\x07", "a\\bb\\x07"),
        ("abc\u202egpj.exe", "abc\\u{202e}gpj.exe"),
        ("zero\u200bwidth", "zero\\u{200b}width"),
        ("\x9b31mcsi", "csi"),
        ("dos\r\nline\r\n", "dos\nline\n"),
        ("tab\there", "tab\there"),
        ("ক্\u200dষ ن\u200cا", "ক্\u200dষ ن\u200cا"),
        ("nul\0", "nul\\x00"),
    ],
)
def test_nothing_in_it_is_obeyed(printed: str, shown: str) -> None:
    assert neutral(printed) == shown


@given(st.text())
def test_what_is_neutral_has_no_controls_and_stays_as_it_is(text: str) -> None:
    once = neutral(text)

    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", once)
    assert neutral(once) == once


def test_bytes_that_are_no_text_become_the_replacement_letter() -> None:
    assert output.decoded(b"a\xff\xfeb") == "a\ufffd\ufffdb"
    assert output.decoded("grün".encode("utf-16")) == "grün"
    assert output.decoded(b"\xef\xbb\xbfmarked") == "marked"


@pytest.mark.parametrize("before", [0, 1, 7_990, 8_000, 65_530, 65_536, 131_000])
def test_no_cut_leaves_a_part_of_a_secret(before: int) -> None:
    collected = Output(Redaction([SECRET]))
    collected.feed(b"x " * (before // 2) + f" key {SECRET} \n".encode() + b"y\n" * 70_000)

    printed = collected.finish()

    for text in (printed.text, printed.whole or "", collected.live()):
        assert SECRET[:12] not in text
        assert SECRET[-12:] not in text


def test_a_secret_at_the_cut_of_a_huge_output_is_gone_too() -> None:
    collected = Output(Redaction([SECRET]))
    filler = b"z" * 99 + b"\n"
    line = f"token={SECRET}\n".encode()
    collected.feed(filler * ((END_BYTES - 20) // 100) + b"z" * ((END_BYTES - 20) % 100) + line)
    while collected.total <= WHOLE_BYTES:
        collected.feed(filler * 100)
    collected.feed(line + b"q" * (END_BYTES - len(line) + 12))

    printed = collected.finish()

    assert SECRET[:12] not in (printed.whole or "")
    assert SECRET[-12:] not in (printed.whole or "")


def test_colours_do_not_hide_a_secret() -> None:
    collected = Output(Redaction([SECRET]))
    collected.feed(f"{SECRET[:9]}\x1b[0m{SECRET[9:]}\n".encode())

    assert SECRET[:9] not in collected.finish().text


def test_the_live_tail_is_shown_at_most_once_a_second_and_by_whole_lines() -> None:
    now, seen = [0.0], []
    collected = Output(plain, seen.append, lambda: now[0])
    for tenth in range(31):
        now[0] = tenth / 10
        collected.feed(f"line {tenth}\n".encode() + b"open" * (tenth == 30))
        collected.tick()

    assert len(seen) == 3
    assert seen[-1].endswith("line 30")
    collected.tick()
    now[0] = 9.0
    collected.tick()
    assert len(seen) == 3, "nothing new, nothing shown"


def test_the_live_tail_shows_no_half_of_a_secret() -> None:
    now, seen = [0.0], []
    collected = Output(Redaction([SECRET]), seen.append, lambda: now[0])
    collected.feed(f"ready\nkey {SECRET[:20]}".encode())
    now[0] = 2.0
    collected.tick()

    assert seen == ["ready"]


def test_values_are_found_by_their_names() -> None:
    found = output.facts(
        'version=1.2.3 state="up and running"\nTotal size: 42 MB\nমোট: ৭ টি\n'
        "ls: cannot open: Permission denied\nhttp://a/?b=c\n"
    )

    assert found == {
        "version": "1.2.3",
        "state": "up and running",
        "Total size": "42 MB",
        "মোট": "৭ টি",
    }


def test_only_the_first_values_are_kept() -> None:
    assert len(output.facts("".join(f"a{n}={n}\n" for n in range(50)))) == MOST_FACTS


@given(st.text(), st.integers(10, 500))
def test_a_shortened_text_keeps_both_ends_and_its_bound(text: str, most: int) -> None:
    short = shortened(text, most)

    assert len(short) <= most + 60
    assert short == text or "left out" in short
