"""The command menu: who sees what, in which language."""

import pytest

from bot import menu
from bot.handlers.commands import COMMANDS, MENU, STATUS
from bot.render.cards.tour import GROUPS
from bot.render.translate import LANGUAGES

#: For phones without buttons, where the cards say how they are typed; and /threads' short name.
TYPED = {"approve", "deny", "thread"}


def test_the_menu_holds_exactly_the_commands_that_are_obeyed():
    assert set(MENU) == {*COMMANDS, STATUS} - TYPED


def test_help_lists_every_command():
    assert {name for _, names in GROUPS for name in names} == set(MENU)


def test_strangers_see_start_only_in_their_apps_language():
    wanted = [entry for entry in menu.plan(None, with_owner=True) if not entry[0]]
    assert wanted == [
        (False, None, "bn"),
        (False, "bn", "bn"),
        (False, "ar", "ar"),
        (False, "en", "en"),
    ]
    assert menu.FOR_STRANGERS == ("start",)


def test_a_chosen_language_holds_in_every_app():
    wanted = [language for is_owner, _, language in menu.plan("ar", with_owner=True) if is_owner]
    assert wanted == ["ar"] * 4


def test_without_an_owner_nothing_is_published_for_one():
    assert not any(is_owner for is_owner, _, _ in menu.plan(None, with_owner=False))


@pytest.mark.parametrize("language", LANGUAGES)
def test_descriptions_keep_telegrams_limits(language):
    for command in menu.described(MENU, language):
        assert 1 <= len(command.description) <= 256
        assert command.command.isascii()
        assert command.command.islower()
