"""Errors as sentences: three families, no secrets, no traces."""

import pytest
from structlog.testing import capture_logs

from bot import errors
from bot.render.translate import LANGUAGES, translator
from core.errors import Broken, Refused, Unavailable

FAMILIES = [
    Refused("thread-missing"),
    Unavailable("no-model", retry_after=30),
    Broken("illegal-move", what="run", old="done", new="ready"),
    ZeroDivisionError("division by zero"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("error", FAMILIES, ids=lambda error: type(error).__name__)
def test_every_family_has_a_sentence_without_a_trace(language, error):
    text = errors.sentence(error, translator(language), "abcd1234")
    assert text
    assert "Traceback" not in text
    assert "ZeroDivision" not in text


def test_what_is_broken_carries_the_id_of_its_log_line():
    with capture_logs() as lines:
        error_id = errors.note(ValueError("123456:ABCDEFGHIJKLMNOPQRSTUVWXYZ said no"), what="tap")
    assert lines[0]["id"] == error_id
    assert "ABCDEFGHIJ" not in lines[0]["error"]
    assert error_id in errors.sentence(ValueError("x"), translator("en"), error_id)


def test_a_word_for_a_tap_fits_into_telegrams_limit():
    assert len(errors.word("x" * 500)) == errors.MOST_WORD
    assert errors.word("short") == "short"
