"""The judges of the router's proofs find what is there, and nothing else."""

from __future__ import annotations

import pytest

from core.errors import Refused
from core.llm.model import Label
from ops.emulator.models.lab_script import Dialect, Fake, Quota, Trouble
from ops.proofs.rig import router_findings as findings
from ops.proofs.rig import router_scenes as scenes
from ops.proofs.rig.router_accounts import Money, is_close
from ops.proofs.rig.router_load import asked

FAKES = {
    fake.name: fake
    for fake in (
        Fake("cloud-a", Dialect.PLAIN, "a", quota=Quota(rpm=60)),
        Fake("cloud-b", Dialect.PLAIN, "b", quota=Quota(rpm=60)),
        Fake("ill", Dialect.PLAIN, "c", troubles={Trouble.BROKEN: 0.5}),
        Fake("own", Dialect.OLLAMA, "d", is_mine=True),
    )
}


def call(endpoint="cloud-a", at=0.0, status=200, *, is_early=False, told_s=None):
    return {
        "endpoint": endpoint, "at": at, "status": status, "is_early": is_early, "told_s": told_s,
    }  # fmt: skip


def look(*calls, heard=None):
    return findings.look(calls, heard or {}, FAKES)


def test_a_canary_in_the_cloud_is_a_leak_and_one_at_home_is_not():
    found = look(heard={"cloud-a": ["canary-1"], "own": ["canary-1", "canary-2"]})
    assert found.leaked == ("canary-1",)
    assert found.kept == 2


def test_calls_in_a_told_cool_down_are_counted():
    assert look(call(is_early=True), call()).early == 1


@pytest.mark.parametrize(("after_s", "many"), [(0.8, 0), (1.4, 1), (2.5, 0)])
def test_coming_back_right_after_a_failure_is_hurried(after_s, many):
    assert look(call(status=503), call(at=after_s)).hurried == many


def test_a_wait_that_was_named_may_be_short():
    assert look(call(status=429, told_s=0.1), call(at=1.4)).hurried == 0


def test_the_owners_machines_may_be_asked_again_at_once():
    assert look(call("own", status=503), call("own", at=1.4)).hurried == 0


def test_a_refused_key_is_not_used_again():
    calls = [call(status=401), call(at=0.1, status=401), call(at=5.0, status=401)]
    assert look(*calls).after_refusal == 1


def test_a_healthy_endpoint_that_its_equals_leave_nothing_is_starved():
    assert look(*[call()] * 20).starved == ("cloud-b",)
    assert look(*[call()] * 14, *[call("cloud-b")] * 6).starved == ()
    assert look(*[call()] * 3).starved == (), "too few calls to tell"


def test_every_private_question_has_its_own_canary():
    requests = list(asked(400, 4))
    private = [each for each in requests if each.label is Label.PRIVATE]
    said = [each.messages[-1].content for each in private]
    assert 20 < len(private) < 90
    assert len({text.split(", ")[1] for text in said}) == len(private)
    assert requests == list(asked(400, 4))


def test_a_failed_scene_of_three_brings_the_rate_to_two_thirds_and_fails_the_gate(monkeypatch):
    def fail():
        raise Refused("no-model")

    monkeypatch.setattr(scenes, "SCENES", {"a": lambda: None, "b": fail, "c": lambda: None})
    found = scenes.report([scenes.played(kind) for kind in "abc"])
    assert found["success_rate"] == 66.67
    assert not scenes.is_passed(found)
    failed = found["tests"][1]
    assert (failed["type"], failed["error_type"]) == ("b", "Refused")
    assert {*failed} == {"type", "success", "time_taken", "error_type"}
    assert scenes.is_passed(scenes.report([scenes.played("a")]))


def test_a_call_that_came_before_its_reservation_is_found():
    calls = [call(at=10.0), call(at=11.0), call("cloud-b", at=10.0)]
    reserved = {"cloud-a": [9.9, 10.9], "cloud-b": [9.9]}
    assert findings.unreserved(calls, reserved) == 0
    assert findings.unreserved(calls, {**reserved, "cloud-a": [9.9, 11.1]}) == 1
    assert findings.unreserved(calls, {"cloud-a": [9.9, 10.9]}) == 1


@pytest.mark.parametrize(("owed", "holds"), [(100, True), (130, True), (131, False), (99, False)])
def test_a_bill_lies_between_what_is_settled_and_the_marked_reserves(owed, holds):
    money = Money(exact=100, estimated=0, marked=30, reserved=0)
    assert money.is_within_marks(owed, 0.05) is holds


@pytest.mark.parametrize(("booked", "holds"), [(1000, True), (1050, True), (949, False)])
def test_a_ledger_is_close_to_a_bill_or_it_is_not(booked, holds):
    assert is_close(booked, 1000, 0.05) is holds
