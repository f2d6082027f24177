"""One message that is no message, or a queue that is no list: a worker goes on, and it is counted.

A plain Celery worker ends at the first of them (measured): whoever can write to Redis could keep
home and every node down with one push each.
"""

from __future__ import annotations

import pytest
import redis

from core import broker, seal
from core.runs.exchange_pairing import accept_pairing, make_pairing, register_card
from core.runs.exchange_tampering import FIELD
from tests.integration.test_exchange_node import (
    NODE,
    Home,
    NodeProcess,
    PrivateRedis,
    redis_binary,
    wait_for,
)

QUEUE = f"{broker.KEY_PREFIX}{broker.node_queue(NODE)}"
HEAD = (
    b'{"headers": {"task": "os.system"}, "body": "W10=", '
    b'"properties": {"delivery_tag": "1", "delivery_info": {}}, '
)
WILD = (
    b"",
    b"not json",
    b"[]",
    b"null",
    b"7",
    b'"x"',
    b"\xff\xfe",
    b"[" * 5000,
    b'{"body": 1}',
    b'{"headers": {"task": []}, "body": "", "properties": {}}',
    HEAD + b'"content-type": "application/x-python-serialize"}',
    HEAD + b'"content-type": "application/json", "content-encoding": "no-such"}',
    b'{"headers": {"task": "os.system", "compression": "application/x-gzip"}, "body": "W10=",'
    + HEAD.partition(b'"body": "W10=",')[2]
    + b'"content-type": "application/json", "content-encoding": "utf-8"}',
)


@pytest.fixture
def place(tmp_path):
    if redis_binary() is None:
        pytest.skip("this machine has no Redis server")
    (tmp_path / "home").mkdir()
    (tmp_path / "node").mkdir()
    server = PrivateRedis(tmp_path)
    home = Home(tmp_path / "home", server.url)
    folder = tmp_path / "node"
    pairing = make_pairing(NODE, home.identity, server.url)
    card = accept_pairing(folder, pairing, seal.open_identity(folder, seal.open_master(folder)))
    with home.db.write() as tx:
        register_card(tx, home.nodes, card, is_mine=True)
    node = NodeProcess(folder, server.url)
    yield server, home, node
    node.stop()
    home.close()
    server.kill()


def counted(home) -> int:
    with home.db.read() as tx:
        load = home.nodes.peer(tx, NODE).load
    return int((load.get(FIELD) or {}).get("count", 0))


def test_a_worker_outlives_wild_bytes_and_tells_how_many_there_were(place):
    server, home, node = place
    wait_for(lambda: home.nodes.is_present(NODE), what="the first hello")
    client = redis.Redis.from_url(server.url)
    for number, wild in enumerate(WILD):
        client.lpush(QUEUE, wild)
        home.ask(f"run{number}")
        wait_for(lambda number=number: home.results.get(f"run{number}"), 40, f"work after {wild!r}")
    client.set(QUEUE, "no list", px=300)
    home.ask("after")
    wait_for(lambda: home.results.get("after"), 60, "work after a queue that is no list")
    assert node.process.poll() is None
    wait_for(lambda: counted(home) >= len(WILD) // 2, 60, "the count in a hello")
    client.close()
