"""A message is private by what it says, in three languages."""

from __future__ import annotations

import pytest

from core.conversation.private import ALWAYS, PrivateKind, detect, kinds_in_force

EVERY = frozenset(PrivateKind)
SAID = [
    ("my password is hunter22", PrivateKind.PASSWORD),
    ("আমার পাসওয়ার্ড হলো মেঘ১২৩৪", PrivateKind.PASSWORD),
    ("كلمة السر هي قمر1234", PrivateKind.PASSWORD),
    ("pay with 4111 1111 1111 1111", PrivateKind.CARD),
    ("use gsk_" + "a1B2" * 12, PrivateKind.KEY),
    ("keep this between us: I am leaving", PrivateKind.WORD),
    ("এটা গোপন রাখবে", PrivateKind.WORD),
    ("এই কথা কাউকে বলবে না", PrivateKind.WORD),
    ("هذا الكلام بيني وبينك", PrivateKind.WORD),
    ("call +880 1711 123456", PrivateKind.PHONE),
    ("আমার নম্বর ০১৭১১১২৩৪৫৬", PrivateKind.PHONE),
    ("رقمي ٠٥٠١٢٣٤٥٦٧", PrivateKind.PHONE),
    ("I live at 221 Baker Street", PrivateKind.ADDRESS),
    ("বাড়ি নং ১২, ধানমন্ডি", PrivateKind.ADDRESS),
    ("أسكن في شارع الملك فهد 12", PrivateKind.ADDRESS),
    ("look into /mnt/taxes/2025.pdf", PrivateKind.PATH),
    (r"look into C:\Users\me\taxes.pdf", PrivateKind.PATH),
]
HARMLESS = [
    "What is the capital of France?",
    "In 2024 there were 8,100,000,000 people",
    "আজকের তারিখ ২০ নভেম্বর ২০২৬",
    "اليوم 20 نوفمبر 2026",
    "Explain https://example.org/home/page?id=123456789",
    "the road to success",
    "3.14159265358979",
    "private school prices",
]


@pytest.mark.parametrize(("text", "kind"), SAID)
def test_what_is_private_is_found(text: str, kind: PrivateKind) -> None:
    assert kind in detect(text, EVERY)
    assert kind not in detect(text, EVERY - {kind})


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_questions_stay_open(text: str) -> None:
    assert detect(text, EVERY) == frozenset()


def test_personal_facts_count_only_where_a_model_of_the_owners_can_answer() -> None:
    assert kinds_in_force({}, has_local_model=False) == ALWAYS
    assert kinds_in_force({}, has_local_model=True) == EVERY


def test_the_owners_switch_beats_the_usual() -> None:
    switches = {"phone": True, "word": False}
    assert PrivateKind.PHONE in kinds_in_force(switches, has_local_model=False)
    assert PrivateKind.WORD not in kinds_in_force(switches, has_local_model=True)


def test_a_secret_at_the_end_of_a_long_text_is_found() -> None:
    assert detect("word " * 50_000 + "password: hunter22") == {PrivateKind.PASSWORD}
