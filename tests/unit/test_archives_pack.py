"""Packs of archives: what comes out is what went in, or it is said that it is not."""

import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Broken
from core.memory import archive_pack
from core.memory.search_model import ItemKind
from core.memory.summary_model import MOST_ARCHIVE_BYTES, Archived

ENTRY = Archived(ItemKind.MESSAGE, "m1", "আমার \u2028 কথা\n\r\x85 next", {"b": [1, None], "a": "é"})


def opened(pack, **changed):
    given_ = {"codec": pack.codec, "data": pack.data, "size": pack.size, "sha256": pack.sha256}
    return archive_pack.unpacked("x", **{**given_, **changed})


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=200), max_size=8))
def test_whatever_went_in_comes_out(texts):
    entries = tuple(
        Archived(ItemKind.RECORD, f"r{at}", text, {"t": text}) for at, text in enumerate(texts)
    )
    assert opened(archive_pack.packed(entries)) == entries


def test_lines_and_separators_inside_a_text_do_not_end_it():
    assert opened(archive_pack.packed([ENTRY, ENTRY])) == (ENTRY, ENTRY)


def test_packs_are_small_and_keep_the_order():
    entries = [Archived(ItemKind.MESSAGE, f"m{at}", f"{at} " + "ক" * 4000, {}) for at in range(30)]
    found = list(archive_pack.packs(entries))
    assert [each for pack in found for each in pack.entries] == entries
    assert len(found) > 1
    assert all(pack.size <= MOST_ARCHIVE_BYTES for pack in found)


def test_an_original_longer_than_a_pack_lies_alone():
    long = Archived(ItemKind.RECORD, "r", "x" * (MOST_ARCHIVE_BYTES + 1), {})
    found = list(archive_pack.packs([ENTRY, long, ENTRY]))
    assert [pack.entries for pack in found] == [(ENTRY,), (long,), (ENTRY,)]


def damaged(pack):
    return pack.data[:-8] + bytes(8)


@pytest.mark.parametrize(
    "changed",
    [
        lambda pack: {"sha256": "0" * 64},
        lambda pack: {"data": damaged(pack)},
        lambda pack: {"data": b"no zlib at all"},
        lambda pack: {"data": pack.data[:10]},
        lambda pack: {"size": pack.size - 1},
        lambda pack: {"codec": "lzma"},
        lambda pack: {"data": zlib.compress(bytes(50_000_000))},  # grows without end
    ],
)
def test_a_damaged_archive_says_so(changed):
    pack = archive_pack.packed([ENTRY])
    with pytest.raises(Broken, match="archive-damaged"):
        opened(pack, **changed(pack))


def test_a_pack_that_grows_without_end_is_not_opened_further_than_it_may():
    pack = archive_pack.packed([ENTRY])
    bomb = zlib.compress(bytes(50_000_000))
    tracemalloc.start()
    with pytest.raises(Broken, match="archive-damaged"):
        opened(pack, data=bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000
