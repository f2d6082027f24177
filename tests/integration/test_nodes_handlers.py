"""/nodes and /audit as the owner uses them, against real tables."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from core.approvals.audit import Audit
from core.approvals.tables import audit, grant_keys
from core.conversation.carry_out import Wish
from core.monitor.places import WaitingPlaces
from core.runs import exchange_relay, journal
from core.runs.exchange_joining_words import Applicant
from core.runs.exchange_nodes import Nodes
from core.runs.exchange_nodes_revoked import RevokedWork
from core.runs.exchange_pairing import parse_pairing
from core.runs.model import RunState, StepState, Waiting
from core.runs.tables import nodes, runs, steps
from core.seal import Identity
from core.wiring.nodes import node_tickers
from tests.integration.handlers_house import OWNER, Chat
from tests.integration.nodes_world import FACTS, GRANT_KEY, Doorway

KEYS = Identity(b"n" * 32, b"N" * 32)


@pytest.fixture
def chat(database, clock, tmp_path):
    made = Chat(database, clock)
    made.house.settings.__dict__["home"] = tmp_path  # frozen: keys of this test go there
    with database.write() as tx:
        tx.execute(sa.insert(grant_keys).values(key=GRANT_KEY, since=clock.now()))
    return made


def register(chat, name="pc", keys=KEYS):
    known = Nodes(chat.house.db, chat.house.clock)
    with chat.house.db.write() as tx:
        known.register(tx, name, keys.public.sign, keys.public.seal, is_mine=True)
        load = {"iat": 1, "offset_s": 44, "busy": 1}
        row = sa.update(nodes).where(nodes.c.name == name)
        tx.execute(row.values(last_hello_at=chat.house.clock.now(), can={}, load=load))
    return known


def params(chat, kind):
    return chat.notices(kind)[-1].notice.params


def test_an_invitation_from_the_chat_is_a_card_with_the_whole_string(chat):
    chat.tap("nodes.invite")
    assert chat.texts()[-1] == "nodes-ask-name"
    chat.say("  PC ")
    card = params(chat, "invitation")
    pairing = parse_pairing(card["line"])
    assert (pairing.name, pairing.owner) == ("pc", f"telegram:{OWNER}")
    assert pairing.grant_keys == (GRANT_KEY,)
    assert card["loopback"] is True
    chat.say("/nodes invite laptop")
    assert params(chat, "invitation")["name"] == "laptop"


def test_a_name_that_cannot_be_is_said_so(chat):
    chat.say("/nodes invite home")
    assert chat.texts()[-1] == "err-node-name"


def test_without_a_grant_key_nobody_is_invited(chat):
    with chat.house.db.write() as tx:
        tx.execute(sa.delete(grant_keys))
    chat.say("/nodes invite pc")
    assert chat.texts()[-1] == "err-grant-key-missing"
    assert chat.notices("invitation") == []


def test_a_tap_on_same_lets_the_machine_in_and_a_second_tap_does_nothing(chat):
    chat.say("/nodes invite pc")
    line = params(chat, "invitation")["line"]
    door = Doorway(chat.house.db, chat.house.clock)
    from core import seal

    home = chat.house.settings.home
    door.exchange.here.__dict__["identity"] = seal.open_identity(home, chat.house.master)
    pc = Applicant(parse_pairing(line), KEYS, "boot1", FACTS)
    assert door.knock(pc) == "asked"
    wanted = params(chat, "invitation")["id"]
    assert "in" in chat.tap("nodes.trust", id=wanted)
    assert door.names() == ["pc"]
    assert "over" in chat.tap("nodes.trust", id=wanted)
    assert "over" in chat.tap("nodes.distrust", id=wanted)
    assert door.names() == ["pc"]


def test_a_tap_by_a_stranger_lets_nobody_in(chat):
    from core.runs.buttons import NewButton

    with chat.house.db.write() as tx:
        new = NewButton(OWNER, 0, "nodes.revoke", {"name": "pc", "sure": True}, None)
        (button_id,) = chat.house.buttons.open(tx, new)
    known = register(chat)
    chat.tap_id(button_id, user_id=666)
    with chat.house.db.read() as tx:
        assert not known.peer(tx, "pc").revoked


def test_the_list_and_one_machine_show_what_is_known(chat):
    register(chat)
    chat.say("/nodes")
    (row,) = params(chat, "nodes")["rows"]
    assert (row["name"], row["online"], row["offset_s"]) == ("pc", True, 44)
    chat.house.clock.advance(3600)
    chat.tap("nodes.open", name="pc")
    assert params(chat, "node")["online"] is False


def test_a_machine_is_renamed_by_the_next_text(chat):
    register(chat)
    chat.tap("nodes.rename", name="pc")
    chat.say("The big   one")
    assert params(chat, "node")["title"] == "The big one"
    chat.say("/nodes")
    assert params(chat, "nodes")["rows"][0]["title"] == "The big one"


def test_revoking_takes_two_taps_and_is_for_good(chat):
    known = register(chat)
    chat.tap("nodes.revoke", name="pc")
    with chat.house.db.read() as tx:
        assert not known.peer(tx, "pc").revoked
    assert params(chat, "node")["sure"] is True
    chat.tap("nodes.revoke", name="pc", sure=True)
    with chat.house.db.read() as tx:
        assert known.find(tx, "pc").revoked
        kinds = list(tx.execute(sa.select(audit.c.kind)).scalars())
    assert kinds[-1] == "node-revoked"
    assert params(chat, "nodes")["rows"] == []
    chat.tap("nodes.open", name="pc")
    assert chat.endings()[-1] == ("aside", "node-revoked")


# -- waiting -------------------------------------------------------------------------------------


def waiting_run(chat, *, label="open", state=StepState.SENT, kind="once", attempts=1):
    """A run of carry_out that waits for pc."""
    from core.conversation import carry_out

    now = chat.house.clock.now()
    wish = Wish("command.run", {"argv": ["ls"]}, "pc", "list", "en", OWNER)
    with chat.house.db.write() as tx:
        run_id = chat.house.runs.start(
            tx, carry_out.carry_out, wish, chat_id=OWNER, title="list it", label=label
        )
        tx.execute(
            sa.update(runs)
            .where(runs.c.id == run_id)
            .values(state=RunState.WAITING, waiting=Waiting.PLACE, waiting_for="pc")
        )
        values = {
            "run_id": run_id, "position": "0", "name": "command.run", "version": 1, "kind": kind,
            "place": "pc", "state": state, "inputs": {"argv": ["ls"]}, "digest": "0" * 64,
            "attempts": attempts, "created_at": now, "updated_at": now,
        }  # fmt: skip
        tx.execute(sa.insert(steps).values(values))
    return run_id


def watch(chat):
    house = chat.house
    known = Nodes(house.db, house.clock)
    return WaitingPlaces(house.db, house.clock, known, house.mailbox.put, lambda _step: True)


def test_a_wait_for_a_sleeping_machine_becomes_a_card_after_a_moment(chat):
    register(chat)
    waiting_run(chat)
    watcher = watch(chat)
    watcher.look()
    assert chat.notices("waiting") == []
    chat.house.clock.advance(6)
    watcher.look()
    watcher.look()
    (row,) = chat.notices("waiting")
    assert row.notice.params["can_home"] is True
    assert row.notice.params["last_seen"] is not None
    assert row.notice.chat_id == OWNER


def test_the_card_ends_when_the_wait_is_over_also_after_a_restart(chat):
    register(chat)
    run_id = waiting_run(chat)
    chat.house.clock.advance(6)
    watch(chat).look()
    with chat.house.db.write() as tx:
        ready = sa.update(runs).where(runs.c.id == run_id)
        tx.execute(ready.values(state=RunState.READY, waiting=None))
    again = watch(chat)
    again.look()
    again.look()
    assert [row.notice.params["state"] for row in chat.notices("waiting")] == ["waits", "over"]


def test_home_looks_after_runs_whose_machine_died_with_their_order(chat, monkeypatch):
    tickers, settled = {}, []
    monkeypatch.setattr(
        exchange_relay, "Ticker", lambda name, _every_s, work: tickers.update({name: work})
    )
    engine = SimpleNamespace(on_result=None, settle=lambda _tx, run_id: settled.append(run_id))
    exchange = Doorway(chat.house.db, chat.house.clock).exchange
    _, close = node_tickers(chat.house, exchange, engine, "redis://127.0.0.1:1/0")
    register(chat)
    run_id = waiting_run(chat)
    with chat.house.db.write() as tx:
        tx.execute(sa.update(runs).values(waiting=Waiting.STEP, waiting_for="command.run"))
    tickers["away"]()
    assert settled == []
    chat.house.clock.advance(66)
    tickers["away"]()
    assert settled == [run_id]
    close()


def test_a_private_wait_is_not_offered_elsewhere_and_refused_there(chat):
    register(chat)
    run_id = waiting_run(chat, label="private")
    chat.house.clock.advance(6)
    watch(chat).look()
    assert params(chat, "waiting")["can_home"] is False
    chat.tap("nodes.elsewhere", run_id=run_id)
    assert len(chat.runs()) == 1


def test_cancel_ends_the_waiting_run(chat):
    register(chat)
    run_id = waiting_run(chat)
    chat.tap("nodes.cancel", run_id=run_id)
    with chat.house.db.read() as tx:
        assert chat.house.runs.get(tx, run_id).cancel


def test_doing_it_here_cancels_the_wait_and_asks_once_for_the_same_step_at_home(chat, monkeypatch):
    from core.conversation import carry_out

    monkeypatch.setattr(carry_out, "_call", lambda wish: wish, raising=False)
    register(chat)
    run_id = waiting_run(chat)
    chat.tap("nodes.elsewhere", run_id=run_id)
    chat.tap("nodes.elsewhere", run_id=run_id)
    other = [run for run in chat.runs() if run.id != run_id]
    assert [(run.args["step"], run.args["place"]) for run in other] == [("command.run", "home")]
    with chat.house.db.read() as tx:
        assert chat.house.runs.get(tx, run_id).cancel


@pytest.mark.parametrize(
    ("state", "kind", "sent", "ends"),
    [
        (StepState.PENDING, "once", 0, "refused"),
        (StepState.SENT, "once", 0, "refused"),
        (StepState.SENT, "once", 1, "unknown"),
        (StepState.SENT, "read", 1, "refused"),
    ],
)
def test_what_a_revoked_machine_was_to_do_ends_with_a_clear_word(chat, state, kind, sent, ends):
    from core.runs import exchange_bodies as bodies
    from core.runs import exchange_store
    from core.runs.exchange_store import OutRow, OutState

    known = register(chat)
    run_id = waiting_run(chat, state=state, kind=kind)
    now, results = chat.house.clock.now(), []
    order = bodies.step_id("pc", run_id, "0", 1)
    with chat.house.db.write() as tx:
        row = OutRow(order, "pc", "step", {"run_id": run_id}, OutState.OPEN, 0, now)
        exchange_store.put(tx, row)
        for _ in range(sent):
            exchange_store.claim(tx, row, now)
    work = RevokedWork(chat.house.db, chat.house.clock, lambda _tx, result: results.append(result))
    assert work.look() == 0
    with chat.house.db.write() as tx:
        known.revoke(tx, "pc")
    assert work.look() == 1
    (result,) = results
    assert (result.state, result.error["code"]) == (ends, "node-revoked")
    with chat.house.db.read() as tx:
        assert exchange_store.find_out(tx, order).state == OutState.DEAD
        assert journal.load_steps(tx, run_id)["0"].state is StepState.SENT


# -- the audit -----------------------------------------------------------------------------------


def test_the_audit_shows_rows_and_how_far_the_chain_holds(chat):
    audits = Audit(chat.house.clock)
    with chat.house.db.write() as tx:
        for number in range(20):
            audits.record(tx, "approved", "telegram:1", digest="ab" * 32, number=number)
    chat.say("/audit")
    shown = params(chat, "audit")
    assert shown["pages"] == 3
    assert shown["rows"][0]["seq"] == 20
    assert shown["rows"][0]["digest8"] == "abababab"
    assert (shown["chain"]["seq"], shown["chain"]["broken_at"]) == (20, None)
    chat.tap("audit.page", page=2)
    assert [row["seq"] for row in params(chat, "audit")["rows"]] == [4, 3, 2, 1]


@pytest.mark.parametrize(
    "changed", [{"actor": "telegram:2"}, {"prev": "0" * 64}, {"hash": "1" * 64}]
)
def test_a_changed_row_shows_as_the_place_where_the_chain_breaks(chat, changed):
    audits = Audit(chat.house.clock)
    with chat.house.db.write() as tx:
        for _ in range(5):
            audits.record(tx, "approved", "telegram:1")
        tx.execute(sa.update(audit).where(audit.c.seq == 3).values(**changed))
    chat.say("/audit")
    assert params(chat, "audit")["chain"]["broken_at"] == 3


def test_a_row_changed_after_it_was_verified_is_found_when_it_was_the_last_one(chat):
    audits = Audit(chat.house.clock)
    with chat.house.db.write() as tx:
        audits.record(tx, "approved", "telegram:1")
    chat.say("/audit")
    with chat.house.db.write() as tx:
        tx.execute(sa.update(audit).values(hash="1" * 64))
    chat.say("/audit")
    assert params(chat, "audit")["chain"]["broken_at"] == 1
