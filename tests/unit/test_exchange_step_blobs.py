"""A step at a node begins once everything that its inputs name is there."""

import pytest

from core.errors import Refused
from core.runs.exchange_bodies import StepOrder
from core.runs.exchange_steps import blobs_of

REF = {"sha256": "a" * 64, "size": 3, "label": "private", "media": "text/plain", "place": "home"}


def order(inputs=None, inputs_blob=None):
    return StepOrder(
        "r1", "0", "files.put", 1, "b" * 64, "private", 1, inputs=inputs, inputs_blob=inputs_blob
    )


@pytest.mark.parametrize("inputs", [None, "text", [], {}, {"blob": None}, {"blob": "x"}])
def test_a_step_that_names_no_content_waits_for_none(inputs):
    assert blobs_of(order(inputs)) == []


def test_content_of_home_that_the_inputs_name_is_waited_for():
    assert [ref.sha256 for ref in blobs_of(order({"path": "x", "blob": REF}))] == ["a" * 64]


def test_content_of_another_place_is_not_asked_of_home():
    assert blobs_of(order({"blob": {**REF, "place": "pc"}})) == []


def test_inputs_too_large_for_the_message_and_named_content_are_both_waited_for():
    other = {**REF, "sha256": "c" * 64}
    assert [ref.sha256[0] for ref in blobs_of(order({"blob": REF}, other))] == ["c", "a"]


def test_a_reference_that_makes_no_sense_is_refused():
    with pytest.raises(Refused, match="blob-reference"):
        blobs_of(order({"blob": {**REF, "sha256": "../x"}}))
