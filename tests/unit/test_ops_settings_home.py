"""A relative MASK_HOME means one place, for every process and every path derived from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import config


@pytest.mark.parametrize("given", ["data", "elsewhere/mask", None])
def test_a_relative_home_is_made_absolute_once(
    given: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MASK_HOME", raising=False)
    if given is not None:
        monkeypatch.setenv("MASK_HOME", given)

    settings = config.load(_env_file=None)

    assert settings.home == tmp_path / (given or "data")
    assert settings.under_home(settings.home) == settings.home
    assert settings.under_home(Path("memory.db")) == settings.home / "memory.db"
    assert settings.under_home(settings.home / "run") == settings.home / "run"
