"""The doctor names each illness with its remedy, and tells no secret."""

from __future__ import annotations

import http.server
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import config, schema, wiring
from ops import organs
from ops.commands import doctor
from ops.organs import Patient

TOKEN = "123456:SECRET-SECRET-SECRET-SECRET-SECRET1"


class BotApi(http.server.BaseHTTPRequestHandler):
    """Knows one token."""

    def do_GET(self) -> None:
        known = self.path == f"/bot{TOKEN}/getMe"
        answer = {"ok": known, "result": {"username": "mask_bot"}}
        self.send_response(200 if known else 401)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def bot_api() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), BotApi)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Patient:
    for name in list(os.environ):
        if name.startswith(("MASK_", "GROQ_", "OPENAI_", "OLLAMA_", "DB_PATH")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MASK_HOME", str(tmp_path))
    return Patient(config.load(_env_file=None), {"OLLAMA_PORT": "1"})


def with_settings(patient: Patient, monkeypatch: pytest.MonkeyPatch, **values: str) -> Patient:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return Patient(config.load(_env_file=None), patient.env)


def test_a_known_token_shows_the_bots_name(
    patient: Patient, bot_api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = with_settings(
        patient, monkeypatch, MASK_TELEGRAM_TOKEN=TOKEN, MASK_TELEGRAM_API=bot_api
    )

    finding = organs.telegram(given)

    assert finding.text.startswith("@mask_bot")
    assert not finding.is_ill


def test_a_wrong_token_is_ill_and_is_not_shown(
    patient: Patient,
    bot_api: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    wrong = "123456:WRONG-WRONG-WRONG-WRONG-WRONG-WRONG"
    given = with_settings(
        patient, monkeypatch, MASK_TELEGRAM_TOKEN=wrong, MASK_TELEGRAM_API=bot_api
    )

    finding = doctor.show("telegram", organs.telegram, given)

    shown = capsys.readouterr().out
    assert finding.is_ill
    assert "token-wrong.md" in shown
    assert wrong not in shown


def test_a_telegram_that_is_away_is_ill_and_the_token_stays_inside(
    patient: Patient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = with_settings(
        patient, monkeypatch, MASK_TELEGRAM_TOKEN=TOKEN, MASK_TELEGRAM_API="http://127.0.0.1:1"
    )

    assert doctor.show("telegram", organs.telegram, given).is_ill
    assert TOKEN not in capsys.readouterr().out


def test_a_fresh_place_is_well(patient: Patient) -> None:
    assert not organs.place(patient).is_ill
    assert not organs.database(patient).is_ill
    assert not organs.redis(patient).is_ill


def test_a_database_at_head_is_well_and_one_behind_is_noted(patient: Patient) -> None:
    master = wiring.open_master(patient.settings)
    db = schema.open_database(patient.settings, master)
    db.engine.connect().close()
    assert "migrate" in organs.database(patient).remedy

    schema.ensure_schema(db)
    db.close()

    assert organs.database(patient).text == f"opens, at revision {schema.head()}"


def test_a_database_of_another_key_is_ill(patient: Patient, tmp_path: Path) -> None:
    db = schema.open_database(patient.settings, wiring.open_master(patient.settings))
    schema.ensure_schema(db)
    db.close()
    for path in tmp_path.rglob("master"):
        path.chmod(0o600)
        path.write_bytes(bytes(32))

    assert doctor.show("database", organs.database, patient).is_ill


def test_a_redis_that_is_away_is_ill(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    given = with_settings(patient, monkeypatch, MASK_REDIS_URL="redis://127.0.0.1:1/0")

    assert organs.redis(given).remedy == "ops/runbooks/broker-down.md"
    assert organs.redis(given).is_ill


def test_a_readable_master_key_is_ill(patient: Patient, tmp_path: Path) -> None:
    key = tmp_path / "keys" / "master"
    key.parent.mkdir(exist_ok=True)
    key.write_bytes(bytes(32))
    key.chmod(0o644)

    assert organs.place(patient).is_ill


def test_wrong_settings_are_named_and_nothing_else_is_looked_at(
    patient: Patient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MASK_PLACE", "moon")

    assert doctor.examine({"MASK_PLACE": "moon"}) == 1
    assert "MASK_PLACE" in capsys.readouterr().out


def test_an_organ_that_raises_does_not_hide_the_others(
    patient: Patient, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_patient: Patient) -> organs.Finding:
        raise RuntimeError("no pulse")

    assert doctor.show("heart", broken, patient).is_ill
    assert "no pulse" in capsys.readouterr().out
