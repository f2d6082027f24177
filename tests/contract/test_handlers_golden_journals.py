"""Golden journals: what runs of this version have written must fit the code for ever.

A file that does not fit any more means that waiting runs would become stale: raise the workflow's
`version`, and keep the old file only if the old version still runs.
"""

import json
from pathlib import Path

import pytest

from core.approvals import rule_keeping, rule_steps
from core.conversation import carry_out, remembering, summary, turn
from core.conversation import steps as conversation_steps
from core.execution import file_steps
from core.llm import adding, ollama_steps, ollama_work
from core.llm import steps as llm_steps
from core.monitor import cost_chart, model_check, probe, switching
from core.runs.codec import decode, digest
from core.runs.model import Kind, StepRow, StepState
from core.runs.replay import Finished, Replay, Stale, Write
from core.runs.steps import Step
from core.upkeep import (
    archiving,
    carrying,
    embedding,
    fact_steps,
    facts,
    forgetting,
    forgetting_here,
    indexing,
    integrity,
    old_talk,
    old_talk_steps,
    rekeying,
)
from core.upkeep import mirror as mirroring

GOLDEN = Path(__file__).parent / "golden"
FILES = sorted(GOLDEN.glob("journal_*.json"))
#: Written before arguments got further fields: such runs may still be waiting.
FORMER = sorted((GOLDEN / "former").glob("journal_*.json"))
WORKFLOWS = {
    each.name: each
    for each in (
        adding.add_model,
        carry_out.carry_out,
        cost_chart.cost_chart,
        carrying.export_memory,
        carrying.import_memory,
        facts.extract_facts,
        forgetting.forget,
        model_check.check_all_models,
        switching.switching_test,
        turn.chat_turn,
        summary.summarise_thread,
        probe.probe_models,
        rule_keeping.keep_rule,
        rule_keeping.drop_rule,
        archiving.archive_summary,
        old_talk.summarise_old,
        embedding.embed_items,
        indexing.rebuild_index,
        integrity.check_memory,
        mirroring.refresh_mirror,
        rekeying.rekey_database,
        *ollama_work.WORKFLOWS,
    )
}
SPECS = {
    item.spec.name: item.spec
    for module in (
        adding,
        archiving,
        carry_out,
        carrying,
        conversation_steps,
        cost_chart,
        fact_steps,
        file_steps,
        forgetting,
        forgetting_here,
        summary,
        llm_steps,
        embedding,
        indexing,
        integrity,
        mirroring,
        rekeying,
        model_check,
        old_talk_steps,
        ollama_steps,
        ollama_work,
        probe,
        remembering,
        rule_keeping,
        rule_steps,
        switching,
    )
    for item in vars(module).values()
    if isinstance(item, Step)
}


def row(step):
    spec = SPECS[step["name"]]
    return StepRow(
        run_id="r",
        position=step["position"],
        name=step["name"],
        version=step["version"],
        kind=Kind(spec.kind),
        place=step["place"],
        state=StepState.DONE,
        inputs=step["inputs"],
        digest=digest(step["inputs"]),
        outcome=step["outcome"],
        key=step.get("key"),
    )


def next_move(golden, upto):
    replay = Replay(WORKFLOWS[golden["workflow"]], golden["args"], SPECS.get)
    return replay.next({step["position"]: row(step) for step in golden["steps"][:upto]})


def test_every_workflow_of_the_conversation_has_a_golden_journal():
    found = {json.loads(path.read_text("utf-8"))["workflow"] for path in FILES}
    assert found == set(WORKFLOWS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_golden_journal_fits_step_by_step_to_its_end(path):
    golden = json.loads(path.read_text("utf-8"))
    assert WORKFLOWS[golden["workflow"]].version == golden["version"]
    ahead = iter(golden["steps"])
    done = 0
    while done < len(golden["steps"]):
        move = next_move(golden, done)
        assert isinstance(move, Write), move
        for planned, step in zip(move.steps, ahead, strict=False):
            asked = (planned.position, planned.spec.name, planned.spec.version, planned.place)
            assert asked == (step["position"], step["name"], step["version"], step["place"])
            assert planned.inputs == step["inputs"]
        done += len(move.steps)
    assert isinstance(next_move(golden, len(golden["steps"])), Finished)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_stored_inputs_and_outcomes_can_still_be_read(path):
    golden = json.loads(path.read_text("utf-8"))
    for step in golden["steps"]:
        spec = SPECS[step["name"]]
        decode(spec.args, step["inputs"])
        decode(spec.result, step["outcome"])


@pytest.mark.parametrize("path", FORMER, ids=lambda path: path.stem)
def test_a_journal_from_before_further_fields_still_goes_on_to_its_end(path):
    golden = json.loads(path.read_text("utf-8"))
    assert WORKFLOWS[golden["workflow"]].version == golden["version"]
    for index, step in enumerate(golden["steps"]):
        (planned,) = next_move(golden, index).steps
        assert (planned.position, planned.spec.name) == (step["position"], step["name"])
        decode(planned.spec.args, step["inputs"])
        decode(planned.spec.result, step["outcome"])
    assert isinstance(next_move(golden, len(golden["steps"])), Finished)


def test_a_journal_with_another_step_in_the_way_is_stale():
    golden = json.loads(FILES[0].read_text("utf-8"))
    other = next(name for name in SPECS if name != golden["steps"][0]["name"])
    golden["steps"][0]["name"] = other
    assert isinstance(next_move(golden, 1), Stale)
