"""Errors survive the journal, whatever subclass raised them."""

from __future__ import annotations

import pytest

from core.errors import Broken, Refused, Unavailable, from_json
from core.llm.model import Failure
from core.llm.ports import ModelFailed
from core.runs.cancel import Cancelled


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Refused("no", why="because"), Refused),
        (Cancelled(), Refused),
        (Unavailable("away", retry_after=3.0, who="groq"), Unavailable),
        (Broken("wrong"), Broken),
        (ModelFailed(Failure.LIMITED, detail="slow down"), Broken),
    ],
)
def test_an_error_comes_back_from_json_in_its_family(error, kind):
    back = from_json(error.to_json())
    assert type(back) is kind
    assert (back.code, back.params) == (error.code, error.params)
