"""Key facts: what must survive in a summary, in three languages and three scripts of digits."""

from datetime import UTC, datetime, timedelta

import pytest

from core.memory import key_facts
from core.memory.key_fact_reading import Day, read
from core.memory.search_model import ItemKind
from core.memory.summary_model import KeyFact, KeyFactKind, Original
from core.runs.model import Label

AT = datetime(2025, 11, 3, 9, tzinfo=UTC)


def said(*texts, role="owner"):
    """Originals in the owner's words, a day apart."""
    kind = ItemKind.MESSAGE if role == "owner" else ItemKind.ANSWER
    return [
        Original(
            kind, f"m{at}", at, text, Label.OPEN, "interaction", AT + timedelta(days=at), "t", role
        )
        for at, text in enumerate(texts)
    ]


def missing(originals, text):
    return [fact.value for fact in key_facts.checked(originals, text).missing]


def invented(originals, text):
    return [fact.value for fact in key_facts.checked(originals, text).invented]


@pytest.mark.parametrize(
    "text",
    [
        "it ends on 15 March 2026",
        "it ends on March 15th, 2026",
        "it ends on 2026-03-15",
        "it ends on 15/3/2026",
        "it ends on 15.03.2026",
        "শেষ হবে ১৫ই মার্চ ২০২৬",
        "শেষ হবে ১৫ মার্চ, ২০২৬",
        "১৫/০৩/২০২৬ তারিখে শেষ",
        "ينتهي في ١٥ مارس ٢٠٢٦",
        "ينتهي في 15 آذار 2026",
        "ينتهي في ۱۵/۳/۲۰۲۶",
    ],
)
def test_a_date_is_one_date_in_every_script_and_spelling(text):
    assert read(text).days == (Day("2026", "03", "15"),)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("it cost 12,500 taka", "12500"),
        ("১২,৫০০ টাকা লাগল", "12500"),
        ("دفعت ١٢٬٥٠٠ ريال", "12500"),
        ("মোট ১,২০,০০০ টাকা", "120000"),
        ("about 1.50 litres", "1.5"),
        ("৫ লাখ টাকা", "500000"),
        ("5 lakh", "500000"),
        ("٣ ملايين", "3000000"),
        ("2 crore", "20000000"),
        ("at 3 pm", "15:00"),
        ("at 15:00", "15:00"),
        ("সকাল ১০:৩০ টায়", "10:30"),
        ("call 01712-345678", "01712345678"),
        ("policy AB-1234", "ab1234"),
        ("write to a.b@example.com", "a.b@example.com"),
    ],
)
def test_a_number_is_compared_by_its_value(text, value):
    assert list(read(text).numbers) == [value]


def test_code_links_and_list_numbers_are_no_facts():
    found = read("1. first\n2. second\n```\nx = 42\n```\nsee https://example.com/99")
    assert not found.numbers


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I met Zubair at the bank", "Zubair"),
        ("rahim called", "rahim"),
        ("Zubair Qadri called me", "Qadri"),
        ("the card of BRTA is lost", "BRTA"),
        ("গতকাল রহিমের সাথে কথা হলো", "রহিমের"),
        ("জনাব তালেবুর ফোন করেছিলেন", "তালেবুর"),
        ("বশির সাহেব আসবেন", "বশির"),
        ("اتصل السيد حمدان أمس", "حمدان"),
        ("سافرت إلى الرياض", "الرياض"),
    ],
)
def test_a_name_is_seen_where_its_language_shows_it(text, name):
    found = read(text)
    assert name in {**found.known, **found.names}.values()


def test_what_only_begins_a_sentence_or_is_shouted_is_no_name():
    found = read("Insurance ends soon. Remember it. THIS IS VERY URGENT PLEASE HURRY NOW")
    assert not found.names
    assert not found.known


def test_a_summary_that_keeps_every_fact_is_good():
    originals = said(
        "My car insurance with Delta ends on 15 March 2026, policy AB-1234, 12,500 taka",
        "করিম সাহেবকে ৫ লাখ টাকা দিতে হবে",
        "عيد ميلاد يوسف في ٣ مايو",
    )
    text = (
        "Delta car insurance until 2026-03-15, policy AB-1234, 12500 taka\n"
        "করিমকে ৫,০০,০০০ টাকা দিতে হবে\n"
        "ميلاد يوسف 3 مايو"
    )
    checked = key_facts.checked(originals, text)
    assert checked.is_good, checked


@pytest.mark.parametrize(
    ("original", "summary", "lacks"),
    [
        ("It ends on 15 March 2026", "It ends in March 2026", "2026-03-15"),
        ("It ends on 15 March 2026", "It ends on 15 March", "2026-03-15"),
        ("বেতন ৪৫,০০০ টাকা", "বেতন ৫৪,০০০ টাকা", "45000"),
        ("الموعد مع السيد حمدان", "الموعد مع السيد", "حمدان"),
        ("আমার ডাক্তারের নাম তালেবুর", "ডাক্তারের নাম", "তালেবুর"),
        ("The code is QX-77", "There is a code", "qx-77"),
        ("meet at 10:30", "meet at 11:30", "10:30"),
    ],
)
def test_a_fact_that_is_left_out_or_changed_is_missing(original, summary, lacks):
    assert lacks in missing(said(original), summary)


@pytest.mark.parametrize(
    ("original", "summary", "made_up"),
    [
        ("The insurance ends soon", "The insurance ends on 15 March 2026", "2026-03-15"),
        ("He owes me money", "He owes me 500 taka", "500"),
        ("আমি ডাক্তার দেখাবো", "রহিম ডাক্তার দেখাবে", "রহিম"),
        ("سأزور الطبيب", "سيزور الطبيب في الرياض", "الرياض"),
        ("I called the bank", "The owner called Zubair at the bank", "Zubair"),
        ("on 15 March", "on 15 March 2019", "2019-03-15"),
    ],
)
def test_a_fact_that_no_original_has_is_invented(original, summary, made_up):
    assert made_up in invented(said(original), summary)


def test_the_day_on_which_it_was_said_may_stand_in_the_summary():
    assert not invented(said("I called the bank"), "On 2025-11-03, in 2025, the owner called it")


def test_a_number_may_be_written_in_words_in_either():
    assert not missing(said("We have 2 daughters"), "The owner has two daughters")
    assert not invented(said("আমার দুই মেয়ে"), "মালিকের 2 মেয়ে")
    assert not invented(said("পাঁচ লাখ টাকা"), "৫ লাখ টাকা")


def test_a_year_that_was_spoken_of_may_be_put_to_a_date():
    assert not invented(said("In 2019 we moved", "it was on 15 March"), "Moved on 15 March 2019")


def test_one_in_ten_facts_that_were_said_once_may_be_left_out():
    texts = [f"room {number} is free" for number in range(101, 121)]
    whole = " ".join(texts)
    two_less = " ".join(texts[:-2])
    three_less = " ".join(texts[:-3])
    assert missing(said(*texts), whole) == []
    assert missing(said(*texts), two_less) == []
    assert sorted(missing(said(*texts), three_less)) == ["118", "119", "120"]


def test_what_was_said_twice_must_stay():
    texts = [f"room {number} is free" for number in range(101, 121)]
    originals = said(*texts, "room 120 again")
    assert missing(originals, " ".join(texts[:-1])) == ["120"]


def test_what_only_the_assistant_said_once_is_not_asked_for():
    originals = said("I live in Dhaka") + said("Bangladesh has 64 districts", role="assistant")
    assert missing(originals, "The owner lives in Dhaka") == []
    twice = originals + said("yes, all 64 of them")
    assert missing(twice, "The owner lives in Dhaka") == ["64"]


def test_the_most_said_comes_first_with_how_often():
    found = key_facts.required(said("room 7", "room 7", "room 9"))
    assert found == (
        KeyFact(KeyFactKind.NUMBER, "7", 2),
        KeyFact(KeyFactKind.NUMBER, "9", 1),
    )


def test_dates_are_written_and_read_back():
    for day in (
        Day("2026", "03", "15"),
        Day("", "03", "15"),
        Day("2026", "03", ""),
        Day("", "b01", "01"),
    ):
        assert Day.of(str(day)) == day
