"""`ops models`: out and in again."""

from __future__ import annotations

import pytest

from core import config, schema, wiring
from core.approvals import audit_reading
from core.config import Settings
from core.llm.catalog import catalog
from ops.commands import models
from tests.integration.catalog_world import GROQ


@pytest.fixture
def home(tmp_path, monkeypatch):
    for field in Settings.model_fields.values():
        monkeypatch.delenv(field.validation_alias.choices[0], raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MASK_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("GROQ_API_KEY", GROQ)
    return tmp_path


def rows_and_db():
    settings = config.load()
    db = schema.open_database(settings, wiring.open_master(settings))
    schema.ensure_schema(db)
    return models.rows_of(settings, db), db


def seen(home):
    rows, db = rows_and_db()
    try:
        with db.read() as tx:
            return rows.offered(tx), rows.rows(tx)
    finally:
        db.close()


def changed(home):
    rows, db = rows_and_db()
    with db.write() as tx:
        rows.add(
            tx,
            "mine/llama",
            {
                "model": 'llama "70b"',
                "base_url": "https://gpu.example/v1",
                "price": {"prompt": 123_457, "completion": 1},
                "options": {"temperature": None, "top_k": 5, "nested": {"a b": [1, 2.5, "é\x7f"]}},
                "deadlines": {"total_s": 12.5},
                "languages": ["bn"],
                "roles": ["code", "chat"],
            },
        )  # fmt: skip
        rows.prefer(tx, "mine/llama")
        rows.pause(tx, "groq/gpt-oss-20b")
        rows.change(tx, "groq/gpt-oss-120b", {"limits": {"rpm": 5}})
        rows.remove(tx, "render/cloud_7b")
    db.close()


def test_what_was_changed_goes_out_and_comes_back_the_same(home, capsys):
    changed(home)
    before = seen(home)
    assert models.main(["export", "models.toml"]) == 0
    text = (home / "models.toml").read_text("utf-8")
    assert GROQ not in text
    rows, db = rows_and_db()
    with db.write() as tx:
        for row in rows.rows(tx):
            rows.restore(tx, row.name)
        rows.remove(tx, "mine/llama")
    db.close()
    assert seen(home)[0] != before[0]
    assert models.main(["import", "models.toml"]) == 0
    assert seen(home)[0] == before[0]
    with rows_and_db()[1].read() as tx:
        (row,) = audit_reading.page(tx, 0, 10).rows
    assert (row.kind, row.detail) == ("models-imported", {"count": 4})
    assert capsys.readouterr().out.count("models") >= 2


def test_everything_can_be_written_and_taken_back_without_a_change(home):
    changed(home)
    before = seen(home)
    assert models.main(["export", "--all", "all.toml"]) == 0
    assert models.main(["import", "all.toml"]) == 0
    assert seen(home)[0] == before[0]
    fields = {row.name: row.fields for row in seen(home)[1]}
    assert fields["groq/gpt-oss-20b"] == {}
    assert fields["groq/gpt-oss-120b"].keys() == {"limits"}


def test_prices_in_the_file_are_dollars_per_million_tokens(home, capsys):
    assert models.main(["export", "--all"]) == 0
    text = capsys.readouterr().out
    assert "price = { prompt = 0.4, completion = 1.6 }" in text


def test_a_file_is_taken_wholly_or_not_at_all(home, capsys):
    file = home / "models.toml"
    file.write_text(
        '[[endpoint]]\nname = "mine/a"\nmodel = "a"\nbase_url = "https://a.example"\n'
        '[[endpoint]]\nname = "mine/b"\nmodel = "b"\nbase_url = "http://b.example"\n'
    )
    assert models.main(["import", "models.toml"]) == 1
    said = capsys.readouterr().err
    assert "mine/b" in said
    assert "https" in said
    assert seen(home)[1] == []


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        'key = "gsk_x"',
        "[[endpoint]]\nmodel = 'a'",
        "[[endpoint]]\nname = 'a'\nstate = 'gone'",
        "[[endpoint]]\nname = 'a'\nposition = 3",
        "[[endpoint]]\nname = 'groq/gpt-oss-20b'\nprice = { prompt = -1 }",
        "[[endpoint]]\nname = 'groq/gpt-oss-20b'\nprice = { prompt = nan }",
        "[[endpoint]]\nname = 'groq/gpt-oss-20b'\nprice = 3",
        "[[endpoint]]\nname = 'groq/gpt-oss-20b'\nbase_url = 'https://evil.example'",
        "[[endpoint]]\nname = 'groq/gpt-oss-20b'\nis_mine = true",
        "[[endpoint]]\nname = 'groq/gpt-oss-20b'\ncontext = 2026-01-01",
        "[[endpoint]]\nname = 'groq/gpt-oss-20b'\n[[endpoint]]\nname = 'groq/gpt-oss-20b'",
    ],
)
def test_what_is_no_list_of_models_changes_nothing(home, capsys, text):
    (home / "models.toml").write_text(text)
    assert models.main(["import", "models.toml"]) == 1
    assert "Nothing was changed" in capsys.readouterr().err
    assert seen(home)[0] == catalog(config.load(), {"groq"}, whole=True)


def test_a_missing_file_is_told(home, capsys):
    assert models.main(["import", "nowhere.toml"]) == 1
    assert "nowhere.toml" in capsys.readouterr().err
