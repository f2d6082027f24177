"""A command line means the same on every system."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.execution.command_line import join, split


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('echo "a b"', ["echo", "a b"]),
        (r"dir C:\Users\me\docs", ["dir", r"C:\Users\me\docs"]),
        (r'type "C:\Program Files\a.txt"', ["type", r"C:\Program Files\a.txt"]),
        (r'dir "C:\with space\"', ["dir", "C:\\with space\\"]),
        ("echo 'a b' c", ["echo", "a b", "c"]),
        ("say don't stop", ["say", "don't", "stop"]),
        ("git commit --message='two words'", ["git", "commit", "--message=two words"]),
        ('x --name="two words"y', ["x", "--name=two wordsy"]),
        ('echo ""', ["echo", ""]),
        ('echo "she said ""no"""', ["echo", 'she said "no"']),
        ("echo \u201ca b\u201d", ["echo", "a b"]),
        ("  echo \t hallo \n", ["echo", "hallo"]),
        ("echo $HOME *.txt | cat ; rm", ["echo", "$HOME", "*.txt", "|", "cat", ";", "rm"]),
        ('echo "আমার বই" كتاب', ["echo", "আমার বই", "كتاب"]),
        ("", []),
    ],
)
def test_a_line_is_split_as_it_looks(line: str, words: list[str]) -> None:
    assert split(line) == words


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
def test_what_was_joined_is_split_into_the_same_words(words: list[str]) -> None:
    assert split(join(words)) == words


@given(st.text(max_size=200))
def test_every_line_is_split_or_refused(line: str) -> None:
    with contextlib.suppress(Refused):
        words = split(line)
        assert split(join(words)) == words


@pytest.mark.parametrize("line", ['echo "a', "echo 'a", "echo \u201ca", 'echo """'])
def test_an_open_quote_is_refused(line: str) -> None:
    with pytest.raises(Refused, match="command-quote"):
        split(line)
