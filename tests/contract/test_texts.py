"""The bot's own texts are complete, alike and in one language each."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as fluent
from fluent.syntax.visitor import Visitor

from bot.render.cards.tour import GROUPS
from bot.render.translate import LANGUAGES, LOCALES, translator
from core.llm.model import Failure
from core.runs.model import RunState, Waiting
from core.runs.notices import Level

ROOT = LOCALES.parent.parent
ROOMS = ("bot", "core", "workers")
ERRORS = {"Refused", "Unavailable", "Broken"}
COMMANDS = (
    "start", "help", "stop", "jobs", "status", "why", "settings", "language", "threads",
    "pending", "run", "files", "undo", "rules", "models", "cost", "nodes", "audit", "private",
    "urgent", "selftest", "memory", "remember", "summarize",
)  # fmt: skip
#: Said in all three languages at once, because nothing is known of a stranger.
MULTILINGUAL = {"reply-stranger", "cmd-language"}
#: Names that are Latin in every language.
NAMES = re.compile(
    r"python3 -m ops (?:doctor|restore(?: --repair| --from-mirror)?)|memory_backup\.json"
    r"|GROQ_API_KEY|Ollama|\.env|UTC|https?://\S+|/[a-z]+|\b[A-Z][A-Z_]+\b"
)
KEY = re.compile(r"[a-z]+(?:-[a-z0-9_]+)+")
SENTENCE = re.compile(r"\"((?:reply|turn|error|answer)-[a-z-]+[a-z])\"")
#: Texts whose label a phone shows on a button.
MOST_LABEL = 18


class _Variables(Visitor):
    def __init__(self) -> None:
        self.found: set[str] = set()
        self.references: set[str] = set()

    def visit_VariableReference(self, node: fluent.VariableReference) -> None:  # noqa: N802
        self.found.add(node.id.name)

    def visit_MessageReference(self, node: fluent.MessageReference) -> None:  # noqa: N802
        self.references.add(node.id.name)


class _Words(Visitor):
    def __init__(self) -> None:
        self.text: list[str] = []

    def visit_TextElement(self, node: fluent.TextElement) -> None:  # noqa: N802
        self.text.append(node.value)


@cache
def messages(language: str) -> dict[str, fluent.Message]:
    found: dict[str, fluent.Message] = {}
    for file in sorted((LOCALES / language).glob("*.ftl")):
        for entry in FluentParser().parse(file.read_text(encoding="utf-8")).body:
            assert not isinstance(entry, fluent.Junk), f"{file.name}: {entry.content[:80]}"
            if isinstance(entry, fluent.Message):
                assert entry.id.name not in found, f"{entry.id.name} twice in {language}"
                found[entry.id.name] = entry
    return found


def variables(message: fluent.Message) -> set[str]:
    visitor = _Variables()
    visitor.visit(message)
    return visitor.found


def words(message: fluent.Message) -> str:
    visitor = _Words()
    visitor.visit(message)
    return " ".join(visitor.text)


@cache
def calls() -> tuple[ast.Call, ...]:
    found = []
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            found += [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return tuple(found)


def name_of(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def literal(node: ast.AST | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def error_codes() -> Iterator[str]:
    for call in calls():
        if name_of(call) in ERRORS and call.args and (code := literal(call.args[0])):
            yield code
    for file in sorted((ROOT / "core").rglob("*.py")) + sorted((ROOT / "bot").rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        yield from re.findall(r"super\(\).__init__\(\s*\"([a-z0-9-]+)\"", text)


def alert_codes() -> Iterator[str]:
    for call in calls():
        if name_of(call) == "alert" and len(call.args) > 2 and (code := literal(call.args[2])):
            yield code


def said_keys() -> Iterator[str]:
    """Keys of sentences: what is given to a translator, to `say`, or stands in the bot's tables."""
    for call in calls():
        inner = call.func.func if isinstance(call.func, ast.Call) else None
        speaks = {name_of(call), getattr(inner, "id", "")} & {
            "t",
            "texts",
            "translator",
            "say",
            "Word",
        }
        values = [literal(arg) for arg in call.args] if speaks else []
        yield from (said for said in values if said and KEY.fullmatch(said))
    for file in sorted((ROOT / "bot").rglob("*.py")) + sorted((ROOT / "core").rglob("*.py")):
        yield from SENTENCE.findall(file.read_text(encoding="utf-8"))


def test_the_three_languages_have_the_same_keys() -> None:
    keys = {language: set(messages(language)) for language in LANGUAGES}
    assert keys["bn"] == keys["en"], keys["bn"] ^ keys["en"]
    assert keys["ar"] == keys["en"], keys["ar"] ^ keys["en"]
    assert len(keys["en"]) > 200


def test_every_text_has_the_same_variables_in_all_languages() -> None:
    for key, message in messages("en").items():
        for language in LANGUAGES:
            other = variables(messages(language)[key])
            if key.startswith("span-") and language == "ar":
                assert other <= variables(message)  # one and two are words of their own
            else:
                assert other == variables(message), (key, language)


def test_every_text_can_be_said() -> None:
    for language in LANGUAGES:
        texts = translator(language)
        for key, message in messages(language).items():
            said = texts(key, **dict.fromkeys(variables(message), 3))
            assert said.strip(), (key, language)
            assert "{" not in said, (key, language)


def test_the_guard_sees_codes_at_all() -> None:
    assert {"illegal-move", "cancelled"} <= set(error_codes())


def test_every_error_code_has_its_sentence() -> None:
    codes = set(error_codes()) | {f"model-{failure.value}" for failure in Failure}
    missing = sorted(code for code in codes if f"err-{code}" not in messages("en"))
    assert missing == []


def test_every_alert_has_its_sentence() -> None:
    known = messages("en")
    missing = [c for c in alert_codes() if f"err-{c}" not in known and f"alert-{c}" not in known]
    assert missing == []


def test_every_sentence_that_is_sent_exists() -> None:
    assert sorted(set(said_keys()) - set(messages("en"))) == []


def test_every_command_is_described_in_every_language() -> None:
    shown = {name for _, names in GROUPS for name in names}
    assert shown == set(COMMANDS)
    for language in LANGUAGES:
        for name in COMMANDS:
            assert 3 <= len(translator(language)(f"cmd-{name}")) <= 256
    described = {key[4:] for key in messages("en") if key.startswith("cmd-")}
    assert described == set(COMMANDS)


def test_every_state_level_and_failure_has_a_name() -> None:
    wanted = [f"jobs-state-{state}" for state in RunState if state is not RunState.WAITING]
    wanted += [f"jobs-waiting-{waiting}" for waiting in Waiting]
    wanted += [f"alert-level-{level}" for level in Level]
    wanted += [f"why-failure-{failure}" for failure in Failure]
    assert [key for key in wanted if key not in messages("en")] == []


@pytest.mark.parametrize(
    ("language", "script"), [("bn", "[\u0980-\u09ff]"), ("ar", "[\u0600-\u06ff]")]
)
def test_no_foreign_sentence_is_left(language: str, script: str) -> None:
    for key, message in messages(language).items():
        said = NAMES.sub(" ", words(message))
        if key in MULTILINGUAL or key.startswith("err-not-yet-") or not re.search(r"\w", said):
            continue
        assert re.search(script, said), (key, said)
        assert re.findall(r"[A-Za-z]{2,}", said) == [], (key, said)


def test_english_texts_hold_no_other_script() -> None:
    for key, message in messages("en").items():
        if key not in MULTILINGUAL:
            assert not re.search("[\u0600-\u06ff\u0980-\u09ff]", words(message)), key


def test_button_labels_fit_the_phone() -> None:
    for language in LANGUAGES:
        for key in messages(language):
            if key.startswith("button-"):
                assert len(translator(language)(key, number=10)) <= MOST_LABEL, (key, language)


def test_every_error_tells_a_next_step() -> None:
    """Cause and remedy: at least two clauses."""
    for language in LANGUAGES:
        for key, message in messages(language).items():
            if key.startswith("err-") and not key.startswith("err-not-yet-"):
                assert len(re.findall(r"[.।؟?!;:،,](?:\s|$)", words(message))) >= 2, (key, language)


def test_locale_files_lie_where_the_loader_looks() -> None:
    assert {path.name for path in Path(LOCALES).iterdir() if path.is_dir()} == set(LANGUAGES)
