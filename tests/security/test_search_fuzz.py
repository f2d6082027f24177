"""What is typed into a search is data: wild words are no error, at a small dose."""

import sys

import pytest

from core.memory.search_ports import Match
from core.memory.search_postgres import quoted as quoted_in_postgres
from core.memory.search_words import expression
from ops.proofs.rig import memory_fuzz
from ops.proofs.rig.report import Dose


@pytest.mark.skipif(sys.platform == "win32", reason="the rig removes a folder that is open")
def test_wild_queries_are_no_errors_and_the_control_sees_some():
    verdict = memory_fuzz.prove(Dose(0.01))

    assert verdict.broken == []


def test_a_word_cannot_leave_its_quotation_marks():
    match = Match((('a"b', "c"),), ('d" OR e',))

    assert expression(match) == '("a""b" OR "c") AND "d"" OR e"'
    assert quoted_in_postgres("a'b\\") == "'a''b\\\\'"
