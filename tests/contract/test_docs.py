"""What the documents promise exists, and what exists is in the documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import AliasChoices

from bot.handlers.commands import MENU as BOT_COMMANDS
from core.config import Settings
from ops.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "ops" / "settings.md").read_text(encoding="utf-8")
RUNBOOKS = ROOT / "ops" / "runbooks"
PAGES = sorted(page.name for page in RUNBOOKS.glob("*.md") if page.name != "README.md")
DECISIONS = sorted((ROOT / "ops" / "decisions").glob("[0-9]*.md"))
#: Where Markdown of ours lies.
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "ops").rglob("*.md"))]


def variables() -> list[str]:
    """The name of each setting's environment variable."""
    names = []
    for field in Settings.model_fields.values():
        assert isinstance(field.validation_alias, AliasChoices)
        names.append(str(field.validation_alias.choices[0]))
    return names


def test_the_guards_below_look_at_something() -> None:
    assert len(variables()) >= 30
    assert len(BOT_COMMANDS) >= 9
    assert len(PAGES) >= 10
    assert len(DECISIONS) >= 8


@pytest.mark.parametrize("name", variables())
def test_every_setting_is_explained(name: str) -> None:
    assert re.search(rf"^\| `{name}` \| .+ \| .+ \|$", SETTINGS, re.MULTILINE)


def test_every_explained_setting_exists() -> None:
    explained = re.findall(r"^\| `([A-Z_]+)` \|", SETTINGS, re.MULTILINE)

    assert set(explained) == set(variables())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_console_command_is_in_the_readme(name: str) -> None:
    assert re.search(rf"^\| `{name}\b[^`]*` \|", README, re.MULTILINE)


@pytest.mark.parametrize("name", BOT_COMMANDS)
def test_every_bot_command_is_in_the_readme(name: str) -> None:
    assert f"`/{name}`" in README


def test_the_readme_promises_no_bot_command_that_is_not_there() -> None:
    promised = re.findall(r"^\| `/(\w+)` \|", README, re.MULTILINE)

    assert set(promised) == set(BOT_COMMANDS)


@pytest.mark.parametrize("page", PAGES)
def test_every_runbook_is_listed_and_begins_with_what_is_seen(page: str) -> None:
    text = (RUNBOOKS / page).read_text(encoding="utf-8")

    assert f"({page})" in (RUNBOOKS / "README.md").read_text(encoding="utf-8")
    assert text.split("\n\n")[1].startswith("**")


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_every_decision_names_context_choice_and_price(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert [
        word for word in ("**Context.**", "**Choice.**", "**Price.**") if word not in text
    ] == []
    assert text.startswith(f"# {int(page.name[:4])}. ")
    assert len(text.splitlines()) <= 25


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = re.findall(r"`((?:ops|core|bot|workers|migrations|tests)/[\w./-]+)`", text)
    linked = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)

    missing = [name for name in named if not (ROOT / name).exists()]
    missing += [link for link in linked if not (document.parent / link).exists()]

    assert missing == []


def test_runbooks_named_in_code_exist() -> None:
    code = [
        *(ROOT / "core").rglob("*.py"),
        *(ROOT / "bot").rglob("*.py"),
        *(ROOT / "ops").glob("*.py"),
    ]
    named = {
        name
        for file in code
        for name in re.findall(r"ops/runbooks/([\w-]+\.md)", file.read_text(encoding="utf-8"))
    }

    assert named
    assert named <= set(PAGES)
