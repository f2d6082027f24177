"""/stop of everything makes the permissions of before worthless at every machine."""

import pytest

from core.runs.exchange_epochs import epoch_of
from core.runs.exchange_nodes import Nodes
from tests.integration.handlers_house import Chat


@pytest.fixture
def chat(database, clock):
    return Chat(database, clock)


def test_stop_raises_the_epoch_of_every_machine_each_time(chat):
    nodes = Nodes(chat.house.db, chat.house.clock)
    with chat.house.db.write() as tx:
        for name in ("laptop", "pc"):
            nodes.register(tx, name, "ab" * 32, "cd" * 32, is_mine=True)
    for times in (1, 2):
        chat.say("/stop")
        with chat.house.db.read() as tx:
            assert [epoch_of(tx, name) for name in ("laptop", "pc")] == [times, times]
