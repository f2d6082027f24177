"""What no rule opens and no tap grants, in the spellings of three systems; and what is no harm."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.approvals.floor import NAMES, Floor
from core.approvals.model import Facts, Rule, Scope
from core.approvals.policy import Policy, judge
from core.config import Settings
from core.runs.model import Gate
from tests.security.floor_corpus import CWD, FINE, FLOOR, FORBIDDEN, command, file

NOW = datetime(2026, 11, 20, tzinfo=UTC)
POLICY = Policy.load(None, FLOOR)

CASES = [
    pytest.param(name, fields, id=f"{name}-{at}")
    for name, cases in FORBIDDEN.items()
    for at, fields in enumerate(cases)
]


@pytest.mark.parametrize(("name", "fields"), CASES)
def test_no_tap_grants_this(name: str, fields: dict[str, Any]) -> None:
    judgement = judge(POLICY, fields, Facts(place="pc", now=NOW, roots=tuple(FLOOR.roots)))

    assert judgement.gate is Gate.DENY
    assert judgement.rule == f"floor:{name}"
    assert judgement.error is not None
    assert judgement.error["code"] == f"floor-{name}"


@pytest.mark.parametrize(("name", "fields"), CASES)
def test_no_rule_of_the_owner_opens_the_floor(name: str, fields: dict[str, Any]) -> None:
    argv = fields.get("argv")
    words = tuple(word for word in argv if isinstance(word, str)) if isinstance(argv, list) else ()
    scopes = [Scope(root=str(fields.get("root"))), Scope(), Scope(argv=words, folder=CWD)]
    rules = tuple(
        Rule(f"r{at}", fields["kind"], "pc", scope, Gate.AUTO, NOW, "telegram:1")
        for at, scope in enumerate(scopes)
    )

    judgement = judge(POLICY, fields, Facts(place="pc", now=NOW, rules=rules, has_backup=True))

    assert judgement.gate is Gate.DENY
    assert judgement.rule.startswith("floor:"), name


@pytest.mark.parametrize("fields", FINE, ids=range(len(FINE)))
def test_ordinary_work_is_not_mistaken_for_it(fields: dict[str, Any]) -> None:
    judgement = judge(POLICY, fields, Facts(place="pc", now=NOW, roots=tuple(FLOOR.roots)))

    assert judgement.gate is not Gate.DENY, judgement.rule


def test_every_name_of_the_floor_is_tried() -> None:
    assert set(FORBIDDEN) == set(NAMES)


def test_home_knows_nothing_of_a_nodes_folders_but_all_of_its_spellings() -> None:
    at_home = Floor(place="home", own=("/srv/mask",))
    policy = Policy.load(None, at_home)
    facts = Facts(place="home", now=NOW)

    other_folder = judge(policy, command("cat", "/srv/mask/x"), facts)
    other_root = file("read_file", "a.txt", root="only-at-pc", undo="nothing-changes")
    assert judge(policy, other_root, replace(facts, roots=("sandbox",))).gate is Gate.AUTO
    key_store = judge(policy, command("type", "C:\\Users\\me\\.ssh\\id_rsa"), facts)

    assert other_folder.gate is Gate.ASK
    assert key_store.rule == "floor:keys"


def test_a_long_list_is_judged_in_no_time() -> None:
    fields = command("env", *["A=1"] * 2000, *["xargs"] * 2000, "ls")

    assert judge(POLICY, fields, Facts(place="pc", now=NOW)).gate is Gate.ASK


def test_the_settings_make_a_floor_that_keeps_its_own_data_and_frees_its_roots(
    tmp_path: Path,
) -> None:
    settings = Settings(_env_file=None).model_copy(update={"home": tmp_path / "data"})
    scratch = str(tmp_path / "data" / "scratch")
    floor = Floor.of(settings, place="pc", free=(scratch,))

    for name in ("keys/master", "memory.db", "memory.db-wal", "trash/x"):
        assert floor.forbids(command("cat", str(tmp_path / "data" / name), cwd=scratch)) == "own"
    assert floor.forbids(command("cat", str(tmp_path / "data" / "project_folder" / "a"))) is None
    assert floor.forbids(command("cat", "a", cwd=scratch)) is None
    assert floor.forbids(file("read_file", "a", root="sandbox")) is None
    assert floor.forbids(file("read_file", "a", root="other")) == "outside"
