"""Portions of texts, encodings, and the diff that a card shows."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.execution import file_text
from core.execution.file_portions import window
from core.execution.file_text import Form, decode, diff, portion, sniff


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"plain\n", Form()),
        ("বাংলা\n".encode(), Form()),
        (b"\xef\xbb\xbfx\r\n", Form("utf-8", b"\xef\xbb\xbf", "\r\n")),
        ("\ufeffআ\n".encode("utf-16-le"), Form("utf-16-le", b"\xff\xfe")),
        ("\ufeffآ\r\n".encode("utf-16-be"), Form("utf-16-be", b"\xfe\xff", "\r\n")),
        (b"mixed\r\nends\n", Form()),
        (b"", Form()),
        (b"\x00", None),
        (b"\xff\x00\x01", None),
        (b"caf\xe9", None),
        (b"\xff\xfe\x00", None),
    ],
)
def test_the_form_of_a_text_is_seen(content, form) -> None:
    assert sniff(content, is_whole=True) == form


def test_a_letter_cut_at_the_end_of_what_was_sniffed_is_no_binary() -> None:
    assert sniff("বাংলা".encode()[:-1], is_whole=False) == Form()
    assert sniff("বাংলা".encode()[:-1], is_whole=True) is None


@given(st.binary(max_size=80) | st.text(max_size=60).map(str.encode))
def test_what_is_decoded_encodes_to_the_same_bytes(content) -> None:
    known = decode(content)
    if known is not None:
        text, form = known
        assert form.encode(text) == content


@given(
    st.lists(st.text(alphabet="ab আ", max_size=40), min_size=1, max_size=30),
    st.integers(5, 60),
)
def test_portions_together_are_the_whole(lines, budget) -> None:
    line, letter, read = 1, 0, ""
    for _ in range(2000):
        found = portion(lines[line - 1 :], line, letter, budget)
        is_same_line = found.next_line == found.last and found.next_letter
        read += found.text
        if found.next_line is None:
            break
        read += "" if is_same_line else "\n"
        assert (found.next_line, found.next_letter) > (line, letter)
        line, letter = found.next_line, found.next_letter
    assert read == "\n".join(lines)


@given(st.text(alphabet="a\n", max_size=200), st.integers(1, 20), st.integers(1, 9))
def test_a_window_begins_where_it_is_asked_for(text, line, size) -> None:
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    ends = text.count("\n")
    if line - 1 > ends:
        with pytest.raises(Refused, match="file-ends-before"):
            window(pieces, line, 0, 1000)
    else:
        found, goes_on = window(pieces, line, 0, 1000)
        assert found == "".join(text.splitlines(keepends=True)[line - 1 :])
        assert not goes_on


def test_a_letter_beyond_its_line_is_refused() -> None:
    with pytest.raises(Refused, match="file-ends-before"):
        window(["ab\ncd"], 1, 5, 10)
    assert window(["ab", "cd\nx"], 1, 3, 10) == ("d\nx", False)


def test_a_window_does_not_read_on_for_ever() -> None:
    def endless():
        while True:
            yield "x" * 1000

    assert window(endless(), 1, 500, 100) == ("x" * 100, True)


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
def test_a_diff_is_what_the_standard_one_says(old, new) -> None:
    before = "".join(f"{line}\n" for line in old)
    after = "".join(f"{line}\n" for line in new)
    found = diff(before, after)
    removed = [line[1:] for line in found.text.split("\n") if line.startswith("-")]
    added = [line[1:] for line in found.text.split("\n") if line.startswith("+")]
    assert len(old) - len(removed) + len(added) == len(new)
    assert (found.added, found.removed) == (len(added), len(removed))
    assert (found.text == "") == (old == new)
    patched = difflib.unified_diff(old, new, lineterm="", n=3)
    assert bool(list(patched)) == bool(found.text)


def test_a_line_end_that_goes_is_seen() -> None:
    assert "No newline at end of file" in diff("a\n", "a").text


def test_line_numbers_are_those_of_the_file() -> None:
    before = "".join(f"{number}\n" for number in range(1, 101))
    found = diff(before, before.replace("50\n", "fifty\n", 1))
    assert found.text.startswith("@@ -47,7 +47,7 @@")


def test_a_long_diff_is_cut_and_counted_whole() -> None:
    found = diff("", "x\n" * 5000)
    assert found.is_cut
    assert found.added == 5000
    assert len(found.text.split("\n")) <= file_text.DIFF_LINES


def test_a_large_middle_is_not_compared_line_by_line() -> None:
    before = "".join(f"{number}\n" for number in range(5000))
    after = "".join(f"{number}\n" for number in range(5000, 0, -1))
    found = diff(before, after)
    assert found.removed == found.added == 5000
