"""Which language is answered in."""

import pytest

from core.conversation import language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("আজ কী করতে পারো?", "bn"),
        ("ما الطقس اليوم؟", "ar"),
        ("What can you do today?", "en"),
        ("এই error টা fix করে দাও please", "bn"),
        ("শুধু `print('hello world')` চালাও", "bn"),
        ("What does “কেমন আছো” mean?", "en"),
        ("```python\nprint('x')\n```\nএটা কী করে?", "bn"),
        ("https://example.org/a/b/c দেখো", "bn"),
        ("لماذا فشل docker compose هنا؟", "ar"),
        ("`ls -la`", "en"),
        ("12345 👍", None),
        ("", None),
    ],
)
def test_the_script_of_the_text_tells_the_language(text, expected):
    assert language.of_text(text) == expected


def test_a_saved_choice_beats_the_script():
    assert language.choose(saved="ar", text="আজ কী বার?", language_code="en") == "ar"


def test_the_script_beats_the_language_of_the_app():
    assert language.choose(saved=None, text="আজ কী বার?", language_code="en") == "bn"


def test_the_app_decides_when_the_text_has_no_letters():
    assert language.choose(saved=None, text="🙂 42", language_code="ar-EG") == "ar"


def test_bengali_is_the_last_resort():
    assert language.choose(saved=None, text=None, language_code="fr") == "bn"
    assert language.choose(saved=None, text=None, language_code=None) == "bn"
