"""What the cards about models and costs say in each language, to the letter; and what a picture is
made of. The golden files are written by `MASK_GOLDEN=write` and read by a person.
"""

from __future__ import annotations

import asyncio
import os
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot import posting
from bot.pacing import Lane
from bot.render.html import strip
from bot.render.model import Part
from bot.render.registry import render
from bot.render.translate import LANGUAGES, translator
from bot.render.writer import units
from bot.sender import Pass
from core.monitor import pictures
from core.runs import actions
from core.runs.notices import Notice
from tests.unit.card_samples import params as params_of
from tests.unit.card_samples import shown
from tests.unit.models_samples import COST, MODELS, NAMED, OPENED, STATES

GOLDEN = Path(__file__).parent / "golden"
IS_WRITING = os.environ.get("MASK_GOLDEN") == "write"
PNG = b"\x89PNG\r\n\x1a\n"


def drawn(kind, params, language="en"):
    row = shown(Notice(kind, params, key="x:1"))
    return render(row, translator(language))


def told(kind, params, language="en"):
    """Words and buttons, as a person reads them."""
    rendered = drawn(kind, params, language)
    texts = [part.text for part in rendered.parts]
    rows = [" | ".join(f"[{b.label}]({b.verb})" for b in line) for line in rendered.buttons]
    return "\n".join([*texts, *rows])


def verbs(kind, params):
    return [button.verb for line in drawn(kind, params).buttons for button in line]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_about_models_looks_as_it_did(language):
    shown = "\n".join(f"=== {name}\n{told(*facts, language)}" for name, facts in NAMED.items())
    file = GOLDEN / f"models_{language}.txt"
    if IS_WRITING:
        file.write_text(shown + "\n", encoding="utf-8")
    assert shown + "\n" == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_state_is_told_in_other_words(language):
    said = {told("model", {**OPENED, "state": state}, language) for state in STATES}
    assert len(said) == len(STATES)


def test_a_picture_has_a_short_caption_and_the_buttons_hang_on_the_file_behind_it():
    for language in LANGUAGES:
        for kind, params in MODELS:
            for part in drawn(kind, params, language).parts:
                if part.is_photo:
                    assert part.blob
                    assert units(strip(part.text)) <= 1024
    first, second = drawn(*NAMED["a check"]).parts
    assert (first.is_photo, second.is_photo) == (True, False)
    assert b'"success_rate": 50.0' in second.file_bytes


def test_what_is_paused_can_be_used_again_and_what_is_pinned_let_go():
    is_on = {
        button.verb: button.params.get("on")
        for line in drawn("model", {**OPENED, "state": "paused"}).buttons
        for button in line
    }
    assert is_on["models.pause"] is False
    assert is_on["models.pin"] is False
    assert is_on["models.prefer"] is False


def test_a_model_that_no_row_is_about_cannot_be_paused_or_removed():
    found = verbs("model", {**OPENED, "is_own": False})
    assert not {"models.pause", "models.remove", "models.prefer", "models.pin"} & set(found)


def test_removing_takes_a_second_tap():
    first = drawn("model", OPENED).buttons
    second = drawn("model", {**OPENED, "sure": True}).buttons
    assert [b.params.get("sure") for line in first for b in line if b.verb == "models.remove"] == [
        None
    ]
    assert [b.params.get("sure") for line in second for b in line if b.verb == "models.remove"] == [
        True
    ]


def test_alerts_about_budgets_and_keys_carry_their_remedy():
    assert "cost.raise" in verbs(*NAMED["a budget nearly spent"])
    assert "models.service" in verbs(*NAMED["a key revoked"])
    assert verbs(*NAMED["the cloud back"]) == []


def test_amounts_below_a_cent_show_more_places():
    assert "$0.0023" in told("cost", COST)
    assert "$0.41" in told("cost", COST)


def test_pictures_are_drawn_of_any_figures_and_any_names():
    first = date(2026, 1, 1)
    days = [(first + timedelta(days=at), at * 10_000) for at in range(30)]
    models = [("openai/$x$_{নাম}", 5), ("b" * 90, 0)]
    assert pictures.costs(days, models, 10_000_000).startswith(PNG)
    assert pictures.costs(days[:1], [("a", 0)]).startswith(PNG)
    bars = [pictures.Bar("groq/x", 300), pictures.Bar("بطيء", failure="$bad^")]
    assert pictures.checks(bars).startswith(PNG)
    assert pictures.checks([pictures.Bar(f"m{at}", at) for at in range(120)]).startswith(PNG)


def pulling(language="en", **more):
    """The card that asks before a model is fetched."""
    preview = {"size_bytes": 9_276_198_565, "free_bytes": 5 * 10**9, "memory_bytes": 8 * 2**30,
               "fits": False}  # fmt: skip
    action = actions.make(
        "model_pull", "home", undo="none", preview=preview, model="qwen3:14b",
        source="registry.ollama.ai/library", digest="ab" * 32, size=9_276_198_565,
        **{"replaces": None, **more},
    )  # fmt: skip
    facts = params_of(actions.read(action.canonical), preview=preview)
    return strip(told("approval", facts, language))


def test_the_card_of_a_download_names_the_model_its_size_and_what_room_there_is():
    card = pulling()
    for word in ("registry.ollama.ai/library/qwen3:14b", "8.6 GB", "4.7 GB free", "hardly fits"):
        assert word in card
    assert "second name" not in card
    assert "second name" in pulling(replaces="cd" * 32)
    assert "ab" * 32 in card


class Recorder:
    """A bot that takes pictures and files."""

    def __init__(self):
        self.calls = []

    async def send_photo(self, chat_id, file, **more):
        self.calls.append(("photo", more["caption"]))
        return SimpleNamespace(message_id=1)

    async def send_document(self, chat_id, file, **more):
        self.calls.append(("document", more["caption"]))
        return SimpleNamespace(message_id=2)


def test_a_picture_is_sent_as_a_photo_and_a_file_as_a_document():
    bot, wish = Recorder(), Pass(Lane.ANSWER, 0)
    photo = Part("<b>x</b>", html=True, file_name="a.png", file_bytes=PNG, is_photo=True)
    asyncio.run(posting.send(bot, 1, photo, wish))
    asyncio.run(posting.send(bot, 1, Part("y", file_name="a.json", file_bytes=b"{}"), wish))
    assert bot.calls == [("photo", "<b>x</b>"), ("document", "y")]
