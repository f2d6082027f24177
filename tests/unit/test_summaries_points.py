"""Key points: what a model wrote, line by line, with what each comes from."""

from datetime import UTC, datetime

from core.memory import points
from core.memory.search_model import ItemKind
from core.memory.summary_model import Original, Point
from core.runs.model import Label

AT = datetime(2025, 11, 3, 9, tzinfo=UTC)
FIRST, SECOND, THIRD = ((ItemKind.MESSAGE, f"m{number}") for number in (1, 2, 3))


def originals(*texts):
    return [
        Original(ItemKind.MESSAGE, f"m{at}", at, text, Label.OPEN, "interaction", AT)
        for at, text in enumerate(texts, 1)
    ]


TALK = originals("The car is a Toyota", "রহিমের ফোন ০১৭১২-৩৪৫৬৭৮", "موعد الطبيب في ٣ مايو")


def test_a_line_is_a_point_with_the_originals_it_names():
    reply = "- Toyota car [1]\n* রহিমের ফোন ০১৭১২-৩৪৫৬৭৮ [২]\n3. موعد الطبيب [٣]"
    assert points.parsed(reply, TALK) == (
        Point("Toyota car", (FIRST,)),
        Point("রহিমের ফোন ০১৭১২-৩৪৫৬৭৮", (SECOND,)),
        Point("موعد الطبيب", (THIRD,)),
    )


def test_several_numbers_and_ranges_are_understood():
    (point,) = points.parsed("- all of it [1, 2-3] [1]", TALK)
    assert point == Point("all of it", (FIRST, SECOND, THIRD))


def test_a_number_that_no_original_has_is_left_out():
    (point,) = points.parsed("- Toyota [1, 99, 0]", TALK)
    assert point.sources == (FIRST,)


def test_a_line_without_numbers_gets_the_original_that_is_nearest():
    (point,) = points.parsed("- রহিমের ফোন ০১৭১২-৩৪৫৬৭৮", TALK)
    assert point.sources == (SECOND,)


def test_a_line_about_nothing_that_was_said_is_dropped():
    assert points.parsed("- The weather was lovely\nHere are the points:", TALK) == ()


def test_thoughts_headings_and_emphasis_are_taken_off():
    reply = "<think>\n- secret plan [1]\n</think>\n# **Toyota** car [1]"
    assert points.parsed(reply, TALK) == (Point("Toyota car", (FIRST,)),)


def test_the_text_is_the_points_a_line_each():
    assert points.text_of([Point("a", ()), Point("b", ())]) == "a\nb"


def test_the_owners_own_lines_stay_also_without_a_source():
    found = points.attributed("- The car is a Toyota\n\nSomething else entirely", TALK)
    assert found == (Point("The car is a Toyota", (FIRST,)), Point("Something else entirely", ()))
