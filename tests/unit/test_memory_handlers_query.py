"""What buttons of memory carry, and days as the owner types them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handlers.memory_dates import lately, span_of
from bot.handlers.memory_query import Wanted, filed, kind_of, of_json, page_of
from core.errors import Refused
from core.memory.search_model import ItemKind, Query
from core.runs.model import Label

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
NAMES = ("words", "category", "since", "until", "thread_id", "origin", "label", "archived", "x")


def read(reader, value):
    """What a button's value means; None where it is refused as an old one."""
    found = []

    def reading():
        found.append(reader(value))
        raise Refused("stale-button")

    with pytest.raises(Refused, match="stale-button"):
        reading()
    return found[0] if found else None


def day(year, month=1, number=1):
    return datetime(year, month, number, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "since", "until"),
    [
        ("2025", day(2025), day(2026)),
        ("২০২৫", day(2025), day(2026)),
        ("٢٠٢٥", day(2025), day(2026)),
        ("2025-11", day(2025, 11), day(2025, 12)),
        ("12/2025", day(2025, 12), day(2026)),
        ("2025-12-31", day(2025, 12, 31), day(2026)),
        ("31.12.2025", day(2025, 12, 31), day(2026)),
        ("March 2025", day(2025, 3), day(2025, 4)),
        ("মার্চ ২০২৫", day(2025, 3), day(2025, 4)),
        ("مارس 2025", day(2025, 3), day(2025, 4)),
        ("5 march 2025", day(2025, 3, 5), day(2025, 3, 6)),
        ("2025-11 .. 2026-02", day(2025, 11), day(2026, 3)),
        ("2024 to 2025", day(2024), day(2026)),
        ("২০২৪ থেকে ২০২৫", day(2024), day(2026)),
        ("من 2024 إلى 2025", day(2024), day(2026)),
        ("2024 – 2025", day(2024), day(2026)),
        ("from 2024-01-01 until 2024-01-02", day(2024), day(2024, 1, 3)),
    ],
)
def test_days_are_read_in_three_scripts_and_hold_their_last_one(typed, since, until):
    assert span_of(typed) == (since, until)


@pytest.mark.parametrize(
    "typed",
    ["", "insurance", "2025-13", "2025-02-30", "30.02.2025", "2025 .. 2024", "0000", "9999999",
     "may", "1 2 3", "2024 .. 2025 .. 2026", "x" * 200, "12 bananas 2025", "٠٠٠٠"],
)  # fmt: skip
def test_what_is_no_span_of_days_is_looked_for_as_words(typed):
    assert span_of(typed) is None


@given(st.text(max_size=80))
def test_any_text_is_a_span_or_none_and_never_an_error(typed):
    span = span_of(typed)
    assert span is None or span[0] < span[1]


def test_the_buttons_of_time_reach_back_from_now():
    now = day(2026, 11, 20)
    assert lately("week", now) == (now - timedelta(days=7), None)
    assert lately("older", now) == (None, now - timedelta(days=365))
    assert lately("tomorrow", now) is None


@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING) | ANYTHING)
def test_any_data_of_a_button_is_a_query_or_an_old_button(data):
    wanted = read(of_json, data)
    if wanted is None:
        return
    assert of_json(wanted.to_json()) == wanted
    query = wanted.query()
    assert isinstance(query, Query)
    assert query.reader is Label.PRIVATE


@given(ANYTHING)
def test_a_page_is_never_below_the_first(value):
    assert page_of(value) >= 0


@given(ANYTHING)
def test_a_kind_or_category_that_is_none_is_an_old_button(value):
    read(kind_of, value)
    read(filed, value)


def test_views_of_other_tables_choose_by_kind_and_are_no_category_to_file_under():
    assert Wanted(category="interaction").query().kinds == (ItemKind.MESSAGE, ItemKind.ANSWER)
    assert Wanted(category="summary").query().kinds == (ItemKind.SUMMARY,)
    assert Wanted(category="archived").query().is_archived is True
    assert Wanted(category="note").query().categories == ("note",)
    for view in ("interaction", "summary", "archived"):
        with pytest.raises(Refused, match="stale-button"):
            filed(view)


def test_without_anything_to_look_for_records_are_listed_and_not_every_message():
    assert Wanted().query().kinds == (ItemKind.RECORD,)
    assert Wanted(words="tea").query().kinds == ()


def test_a_filter_is_changed_taken_away_and_only_a_known_one():
    wanted = Wanted(words="tea").changed("category", "note").changed("label", "private")
    assert wanted.to_json() == {"words": "tea", "category": "note", "label": "private"}
    assert wanted.changed("category", None).to_json() == {"words": "tea", "label": "private"}
    hostile = [("reader", "open"), ("label", "secret"), ("since", "soon"), ("since", "2025-01-01")]
    for name, value in hostile:
        with pytest.raises(Refused, match="stale-button"):
            wanted.changed(name, value)
