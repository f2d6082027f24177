"""Listing, reading in portions, searching and fetching."""

from __future__ import annotations

import hashlib
import os

import pytest

from core.execution import file_search, file_steps
from core.execution.file_contents import BlobContents
from core.execution.file_fakes import MemoryContents
from core.execution.file_portions import TOKENS
from core.execution.file_steps import FetchFile, ListFiles, ReadFile, SearchFiles
from core.execution.walk import PosixFolder
from core.memory.measure import tokens_of
from core.runs.blobs import Blobs
from core.runs.model import Label
from tests.integration.files_world import World, code, make_world


@pytest.fixture
def world(tmp_path, sqlite_database, clock) -> World:
    return make_world(tmp_path, sqlite_database, clock)


def read(world: World, path: str, **more):
    return world.do(file_steps.read_file, ReadFile(path, **more))


def search(world: World, words: str, **more):
    return world.do(file_steps.search_files, SearchFiles(words, **more))


def test_a_folder_comes_in_pages_folders_first(world) -> None:
    for number in range(50):
        (world.sandbox / f"f{number:02}").write_text("x" * number)
    (world.sandbox / "zoo").mkdir()
    (world.sandbox / "a-link").symlink_to("/etc")
    seen = world.do(file_steps.list_files, ListFiles())
    assert seen.text.split("\n")[:3] == [
        "zoo/",
        "a-link (link, not followed)",
        f"f00  0 bytes  {seen.facts['entries'][2]['at'][:16].replace('T', ' ')}",
    ]
    assert (seen.facts["total"], seen.facts["pages"]) == (52, 2)
    assert "page=2" in seen.more
    rest = world.do(file_steps.list_files, ListFiles(page=2))
    assert rest.more == ""
    assert len(seen.facts["entries"]) + len(rest.facts["entries"]) == 52


def test_a_name_that_no_text_holds_is_listed(world) -> None:
    path = os.fsencode(world.sandbox) + b"/bad\xff"
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
    seen = world.do(file_steps.list_files, ListFiles())
    assert seen.text.startswith("bad�  ")


def test_a_long_file_is_read_to_its_end_in_portions(world) -> None:
    text = "".join(f"{number} লাইন {'x' * (number % 90)}\n" for number in range(1, 900))
    (world.sandbox / "long").write_text(text, "utf-8")
    line, letter, lines, rounds = 1, 0, [], 0
    while line:
        seen = read(world, "long", line=line, letter=letter)
        assert tokens_of(seen.text) <= TOKENS
        assert seen.facts["lines"] == 899
        lines += seen.text.split("\n")
        line, letter = seen.facts.get("next_line"), seen.facts.get("next_letter", 0)
        assert bool(line) == bool(seen.more)
        rounds += 1
    assert lines == text.split("\n")[:-1]
    assert rounds > 5


def test_one_endless_line_is_read_by_letters(world) -> None:
    (world.sandbox / "json").write_text("ab" * 300_000)
    first = read(world, "json")
    assert first.facts["next_line"] == 1
    later = read(world, "json", letter=500_001)
    assert later.text[:4] == "baba"
    assert later.facts["next_letter"] == 500_001 + len(later.text)
    assert read(world, "json", letter=599_990).more == ""
    assert code(lambda: read(world, "json", letter=600_001)) == "file-ends-before"


def test_the_end_of_a_log_is_read_from_the_end(world) -> None:
    (world.sandbox / "log").write_text("".join(f"{number}\n" for number in range(100_000)))
    assert read(world, "log", line=-2).text == "99998\n99999"
    assert read(world, "log", line=99_999).text == "99998\n99999"
    assert code(lambda: read(world, "log", line=100_001)) == "file-ends-before"


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")],
)
def test_marked_encodings_are_read(world, encoding, mark) -> None:
    (world.sandbox / "f").write_bytes(mark + "মাস্ক\r\nقناع\r\n".encode(encoding))
    seen = read(world, "f")
    assert seen.text == "মাস্ক\nقناع"
    assert seen.facts["encoding"] == f"{encoding} with mark"


def test_a_binary_file_is_only_described(world) -> None:
    (world.sandbox / "p.png").write_bytes(b"\x89PNG\0" + bytes(2000))
    seen = read(world, "p.png")
    assert seen.text == "A binary file (image/png, 2.0 KB), not a text."
    assert seen.facts["is_binary"]


def test_an_empty_file_is_empty(world) -> None:
    (world.sandbox / "e").touch()
    assert read(world, "e").text == ""


@pytest.mark.parametrize(
    ("path", "said"),
    [("missing", "file-missing"), ("folder", "file-is-folder"), ("link", "path-has-link")],
)
def test_what_cannot_be_read_says_why(world, path, said) -> None:
    (world.sandbox / "folder").mkdir()
    (world.sandbox / "link").symlink_to("folder")
    assert code(lambda: read(world, path)) == said


def test_names_and_words_are_found_in_any_case_and_spelling(world) -> None:
    (world.sandbox / "a/b").mkdir(parents=True)
    (world.sandbox / "a/Report.TXT").write_text("nothing")
    (world.sandbox / "a/b/n.md").write_text("one\nThe REPORT is due\n")
    (world.sandbox / "a/b/bn.md").write_text("সময\u09bc হয়েছে\n", "utf-8")
    assert search(world, "report").text.split("\n") == [
        "a/Report.TXT",
        "a/b/n.md:2: The REPORT is due",
    ]
    assert search(world, "*.md", where="names").text.split("\n") == ["a/b/bn.md", "a/b/n.md"]
    assert search(world, "সম\u09df").text == "a/b/bn.md:1: সময\u09bc হয়েছে"
    assert search(world, "absent").text == "(nothing found)"
    assert code(lambda: search(world, " ")) == "search-empty"


def test_a_search_goes_on_where_it_stopped(world) -> None:
    for number in range(100):
        (world.sandbox / f"hit{number:03}").touch()
    after, found = "", []
    for _ in range(10):
        seen = search(world, "hit", after=after)
        found += [hit["path"] for hit in seen.facts["hits"]]
        after = seen.facts.get("after", "")
        if not seen.more:
            break
    assert found == [f"hit{number:03}" for number in range(100)]


def test_a_search_ends_in_time(world, monkeypatch) -> None:
    for number in range(20):
        (world.sandbox / f"f{number:02}").touch()
    real = PosixFolder.facts

    def slow(self, name):
        world.clock.advance(1)
        return real(self, name)

    monkeypatch.setattr(PosixFolder, "facts", slow)
    seen = search(world, "nothing")
    assert seen.facts["is_whole"] is False
    assert seen.facts["files"] <= file_search.SECONDS + 1


def test_a_search_with_stars_cannot_hang(world) -> None:
    (world.sandbox / ("a" * 200)).touch()
    assert search(world, "a*" * 60 + "b").text == "(nothing found)"


def test_a_search_enters_no_link_and_no_large_file(world, monkeypatch) -> None:
    (world.docs / "secret").write_text("word")
    (world.sandbox / "link").symlink_to(world.docs)
    monkeypatch.setattr(file_search, "LARGEST", 10)
    (world.sandbox / "large").write_text("word" * 10)
    seen = search(world, "word")
    assert seen.text == "(nothing found)"
    assert seen.facts["unread"] == 1


@pytest.fixture(params=["memory", "blobs"])
def contents(request, world):
    """The fake and the real store pass the same tests."""
    if request.param == "memory":
        return MemoryContents()
    return BlobContents(Blobs(world.db, world.clock, "here"), world.db)


def test_content_is_kept_by_its_digest(contents) -> None:
    data = os.urandom(200_000)
    reference = contents.keep(data, Label.PRIVATE, "image/png")
    assert reference["sha256"] == hashlib.sha256(data).hexdigest()
    assert (reference["size"], reference["label"]) == (200_000, "private")
    assert contents.content(reference) == data
    missing = {**reference, "sha256": "0" * 64}
    assert code(lambda: contents.content(missing)) == "blob-missing"
    assert code(lambda: contents.content({"sha256": "x"})) == "blob-reference"


def test_a_fetched_file_is_a_blob_with_its_label(world) -> None:
    (world.docs / "p.bin").write_bytes(b"\0\1")
    seen = world.do(file_steps.fetch_file, FetchFile("docs:/p.bin"))
    assert seen.blob is not None
    assert seen.blob["label"] == "private"
    assert world.contents.content(seen.blob) == b"\0\1"
    assert seen.facts["name"] == "p.bin"


def test_a_file_that_is_too_large_is_not_fetched(world, monkeypatch) -> None:
    from core.execution import files

    monkeypatch.setattr(files, "MOST_BLOB_BYTES", 10)
    (world.sandbox / "f").write_bytes(bytes(11))
    assert code(lambda: world.do(file_steps.fetch_file, FetchFile("f"))) == "file-too-large"
