"""What a command finds in its environment is ours to say."""

from __future__ import annotations

import pytest

from core.errors import Refused
from core.execution import environment

FORBIDDEN = [
    "LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "PYTHONPATH", "PYTHONSTARTUP",
    "NODE_OPTIONS", "BASH_ENV", "ENV", "PROMPT_COMMAND", "GIT_EXTERNAL_DIFF", "GIT_SSH_COMMAND",
    "PERL5OPT", "RUBYOPT", "PATH", "HOME", "IFS", "GIT_CONFIG_GLOBAL", "JAVA_TOOL_OPTIONS",
    "http_proxy", "Ld_Preload", "pythonpath", "MASK_KEY", "GROQ_API_KEY", "BASH_FUNC_ls%%",
    "SHELLOPTS", "EDITOR", "PSModulePath", "ComSpec", "PAGER", "GIT_PAGER", "SSH_AUTH_SOCK",
]  # fmt: skip


@pytest.mark.parametrize("name", [*FORBIDDEN, "", "A=B", "A B", "1A", "é", "A\0"])
def test_nobody_may_set_what_makes_a_program_run_something_else(name: str) -> None:
    with pytest.raises(Refused, match="command-environment"):
        environment.made("linux", "/scratch", {name: "x"})


@pytest.mark.parametrize("name", ["DEBUG", "GIT_AUTHOR_NAME", "TZ", "COLUMNS", "my_setting"])
def test_the_owner_may_set_an_ordinary_name(name: str) -> None:
    assert environment.made("linux", "/scratch", {name: "x"})[name] == "x"


def test_values_and_their_number_are_bounded() -> None:
    for more in ({"A": "x" * 5000}, {"A": "a\0b"}, {f"A{n}": "x" for n in range(33)}):
        with pytest.raises(Refused, match="command-environment"):
            environment.check(more)


def test_nothing_of_our_own_environment_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMETHING_OF_OURS", "secret")
    for system in ("linux", "darwin", "win32"):
        made = environment.made(system, "/scratch", {})

        assert "SOMETHING_OF_OURS" not in made
        assert made["HOME"] == "/scratch"
        assert set(made) <= {
            "PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TERM", "SYSTEMROOT", "WINDIR",
            "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "USERPROFILE", "TEMP", "TMP",
        }  # fmt: skip


def test_programs_are_looked_for_in_fixed_places_of_each_system() -> None:
    assert environment.made("linux", "/s", {})["PATH"].split(":")[1] == "/usr/bin"
    assert environment.made("win32", "C:\\s", {})["PATH"].startswith("C:\\Windows\\System32;")
    assert environment.made("linux", "/s", {}, ("/a", "/b"))["PATH"] == "/a:/b"
