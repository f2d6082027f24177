"""Secrets are found by their shape, in three languages, and ordinary words stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.redaction import HIDDEN, Redaction, Secret, find

TOKEN = "123456789:" + "A" * 35
PEM = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n-----END OPENSSH PRIVATE KEY-----"
SECRETS = [
    (TOKEN, Secret.KEY),
    ("gsk_" + "a1B2" * 12, Secret.KEY),
    ("sk-proj-" + "x9" * 20, Secret.KEY),
    ("ghp_" + "Z" * 36, Secret.KEY),
    ("AKIA" + "ABCD1234EFGH5678", Secret.KEY),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijk", Secret.KEY),
    (
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n-----END OPENSSH PRIVATE KEY-----",
        Secret.KEY,
    ),
    ("4111 1111 1111 1111", Secret.CARD),
    ("5500-0000-0000-0004", Secret.CARD),
]
PASSWORDS = [
    ("my password is hunter22", "hunter22"),
    ("DB_PASSWORD=swordfish", "swordfish"),
    ('"api_key": "abcd1234"', "abcd1234"),
    ("আমার পাসওয়ার্ড হলো মেঘ১২৩৪", "মেঘ১২৩৪"),
    ("كلمة السر هي قمر1234", "قمر1234"),
]
HARMLESS = [
    "The meeting is at 14:30, room 4111.",
    "Call me on 01711 000000 tomorrow.",
    "sha256 of the file: " + "ab12" * 16,
    "password reset is described in the manual",
    "Put GROQ_API_KEY=... into the file .env",
    "1234 5678 9012 3456",  # no valid check digit
    "https://example.org/a/b?x=1",
    "আজ আবহাওয়া ভালো",
    "كيف حالك اليوم",
]


@pytest.mark.parametrize(("secret", "kind"), SECRETS)
def test_a_secret_is_found_by_its_shape_wherever_it_stands(secret: str, kind: Secret) -> None:
    for text in (secret, f"before {secret} after", f"ключ ({secret})", f"চাবি: {secret}।"):
        assert [each.kind for each in find(text)] == [kind], text
        assert secret not in Redaction()(text)
        assert HIDDEN in Redaction()(text)


@pytest.mark.parametrize(("text", "value"), PASSWORDS)
def test_the_value_after_a_word_for_password_is_hidden_and_the_word_stays(
    text: str, value: str
) -> None:
    assert [each.kind for each in find(text)] == [Secret.PASSWORD]
    assert Redaction()(text) == text.replace(value, HIDDEN)


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_words_stay(text: str) -> None:
    assert Redaction()(text) == text


def test_known_secrets_go_even_when_they_look_like_nothing() -> None:
    redact = Redaction(["correct horse", "corr"])
    assert redact("the correct horse, corr") == f"the {HIDDEN}, corr"
    assert redact.own(f"correct horse {TOKEN}") == f"{HIDDEN} {TOKEN}"


def test_texts_inside_data_are_redacted_and_names_and_numbers_stay() -> None:
    data = {"a": [TOKEN, 7, None, {"b": f"x {TOKEN}"}], "c": True}
    assert Redaction().through(data) == {"a": [HIDDEN, 7, None, {"b": f"x {HIDDEN}"}], "c": True}


@given(st.text(max_size=300), st.sampled_from([secret for secret, _ in SECRETS]), st.text())
def test_no_neighbourhood_hides_a_known_secret(before: str, secret: str, after: str) -> None:
    assert secret not in Redaction([secret])(before + secret + after).replace(HIDDEN, "")


@given(st.text(max_size=2000))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = Redaction()(text)
    assert Redaction()(once) == once


def test_a_key_that_came_later_is_hidden_too():
    redact = Redaction(["first-secret-word"])
    key = "abcdefgh1234plainword"
    assert key in redact(f"with {key} in it")
    redact.learn(key)
    redact.learn(key)
    assert redact(f"with {key} in it, and first-secret-word") == (
        f"with {HIDDEN} in it, and {HIDDEN}"
    )
    redact.learn("abc")
    assert "abc" in redact("abc")
