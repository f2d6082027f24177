"""`carry_out` with engine and files: what is told, and what its card tells instead."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from core.conversation import carry_out, changes_made
from core.conversation.carry_out import Brought, HandsRoom, Wish, bring
from core.errors import Broken, Unavailable
from core.execution import file_steps
from core.execution.file_contents import BlobContents
from core.execution.file_rooms import file_room
from core.execution.roots import Roots
from core.execution.trash import Trash
from core.runs.blobs import BlobRef, Blobs
from core.runs.endings import Endings
from core.runs.engine import Engine
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.gate_fakes import ScriptedAsking, ScriptedGuard
from core.runs.leases import LeaseKeeper
from core.runs.model import Gate, Label, RunState
from core.runs.parts import Parts
from core.runs.ports import NoLiveText, NoWake
from core.runs.registry import Registry
from core.runs.runs import Runs
from core.runs.steps import bind

READS = {"list_files": Gate.AUTO, "read_file": Gate.AUTO, "search_files": Gate.AUTO}
CHAT = 1001


class Home:
    """A home with a sandbox, an owner who answers, and a mailbox that keeps."""

    def __init__(self, db, clock, folder) -> None:
        self.db, self.clock, self.told = db, clock, []
        self.sandbox = folder / "home" / "sandbox"
        roots = Roots({"sandbox": self.sandbox}, folder / "home")
        trash = Trash(folder / "home" / "trash", bytes(32), db, clock, roots)
        contents = BlobContents(Blobs(db, clock, HOME), db)
        room = file_room(HOME, roots, trash, contents, clock, lambda _root: Label.PRIVATE)
        self.guard, self.asking = ScriptedGuard(clock, HOME, READS), ScriptedAsking(db, clock)
        registry = Registry(
            [*bind(file_steps, room), *bind(carry_out, HandsRoom(db))], [carry_out.carry_out]
        )
        put = lambda _tx, notice: self.told.append(notice)  # noqa: E731
        nothing = lambda *_: None  # noqa: E731
        ends = Endings(registry, clock, NoWake(), put, nothing, self.asking)
        self.runs = Runs(clock, NoWake())
        nodes = Nodes(db, clock)
        self.keeper = LeaseKeeper(db, clock)
        self.engine = Engine(
            Parts(
                db=db, clock=clock, registry=registry, guard=self.guard, asking=self.asking,
                wake=NoWake(), live=NoLiveText(), places=nodes, ends=ends, send=nothing,
            ),
            self.keeper,
        )  # fmt: skip

    def wish(self, step, show="", **inputs):
        """Start it and take it as far as it goes; the run."""
        with self.db.write() as tx:
            wish = Wish(step, inputs, HOME, "a title", "bn", CHAT, 7, show)
            run_id = carry_out.start(self, tx, wish)
        return self.go(run_id)

    def go(self, run_id):
        self.engine.advance(run_id)
        with self.db.read() as tx:
            return self.runs.get(tx, run_id)

    def decide(self, run, *, yes):
        with self.db.write() as tx:
            (question,) = self.asking.pending(tx)
            self.asking.decide(tx, question.id, yes=yes)
        return self.go(run.id)

    def kinds(self):
        return [notice.kind for notice in self.told]


@pytest.fixture
def home(sqlite_database, clock, tmp_path):
    home = Home(sqlite_database, clock, tmp_path)
    (home.sandbox / "list.txt").write_text("milk\n", "utf-8")
    yield home
    home.keeper.stop()


def test_a_listing_comes_as_the_next_revision_of_its_screen(home):
    run = home.wish("files.list", show="screen:x", path="")
    (notice,) = home.told
    assert run.state is RunState.DONE
    assert (notice.kind, notice.key, notice.chat_id) == ("files-folder", "screen:x", CHAT)
    assert [each["name"] for each in notice.params["value"]["facts"]["entries"]] == ["list.txt"]
    assert notice.label is Label.PRIVATE


def test_a_read_that_fails_shows_the_reason_on_its_screen(home):
    home.wish("files.read", show="screen:x", path="nothing.txt")
    (notice,) = home.told
    assert (notice.kind, notice.key) == ("files-file", "screen:x")
    assert notice.params["error"]["code"] == "file-missing"


def test_a_file_comes_as_a_document_with_its_content_kept_at_home(home):
    home.wish("files.fetch", path="list.txt")
    (notice,) = home.told
    assert notice.kind == "files-document"
    sha256 = notice.params["value"]["blob"]["sha256"]
    assert Blobs(home.db, home.clock, HOME).content(sha256) == b"milk\n"


def test_an_effect_that_needed_no_yes_is_told_with_what_takes_it_back(home):
    home.guard.gates["edit"] = Gate.AUTO
    home.wish("files.edit", path="list.txt", old="milk", new="tea")
    (notice,) = home.told
    assert notice.kind == "files-effect"
    with home.db.read() as tx:
        (change,) = changes_made.recent(tx, home.clock.now(), 9)
    assert notice.params["value"]["change_id"] == change.id
    assert (change.kind, change.what) == ("edit", "sandbox:/list.txt")


def test_what_was_asked_about_is_told_by_its_card_alone(home):
    run = home.wish("files.delete", path="list.txt")
    assert (run.state, home.told) == (RunState.WAITING, [])
    run = home.decide(run, yes=True)
    assert (run.state, run.result, home.told) == (RunState.DONE, {"state": "done"}, [])
    assert not (home.sandbox / "list.txt").exists()


def test_the_owners_no_needs_no_second_message(home):
    run = home.decide(home.wish("files.delete", path="list.txt"), yes=False)
    assert (run.state, run.result, home.told) == (RunState.DONE, {"state": "refused"}, [])
    assert (home.sandbox / "list.txt").exists()


def test_a_read_that_was_asked_about_still_brings_what_it_read(home):
    home.guard.gates["read_file"] = Gate.ASK
    home.decide(home.wish("files.read", show="screen:x", path="list.txt"), yes=True)
    assert home.kinds() == ["files-file"]


def test_what_cannot_even_be_prepared_is_told_in_words(home):
    home.wish("files.delete", path="nothing.txt")
    (notice,) = home.told
    assert (notice.kind, notice.params["key"], notice.reply_to) == ("text", "err-file-missing", 7)


def test_what_a_rule_forbids_is_told_in_words(home):
    home.guard.gates["delete_file"] = Gate.DENY
    home.wish("files.delete", path="list.txt")
    (notice,) = home.told
    assert notice.kind == "text"
    assert (home.sandbox / "list.txt").exists()


def test_undo_goes_the_same_way(home):
    home.guard.gates |= {"edit": Gate.AUTO, "undo": Gate.AUTO}
    home.wish("files.edit", path="list.txt", old="milk", new="tea")
    change_id = home.told[0].params["value"]["change_id"]
    home.wish("files.undo", change_id=change_id)
    assert (home.sandbox / "list.txt").read_text("utf-8") == "milk\n"
    with home.db.read() as tx:
        undo, change = changes_made.recent(tx, home.clock.now(), 9)
    assert (undo.kind, undo.can_be_meant) == ("undo", False)
    assert (change.id, change.is_undone) == (change_id, True)


def test_a_stopped_wish_says_so_once(home):
    with home.db.write() as tx:
        wish = Wish("files.list", {"path": ""}, HOME, "t", "bn", CHAT)
        run_id = carry_out.start(home, tx, wish)
        home.runs.cancel(tx, run_id)
    assert home.go(run_id).state is RunState.CANCELLED
    assert [notice.params["key"] for notice in home.told] == ["turn-stopped"]


def test_a_stopped_wish_whose_card_is_open_leaves_the_words_to_the_card(home):
    run = home.wish("files.delete", path="list.txt")
    with home.db.write() as tx:
        home.runs.cancel(tx, run.id)
    assert home.go(run.id).state is RunState.CANCELLED
    assert home.told == []


@pytest.mark.parametrize("step", ["llm.generate", "node.facts", "hands.tell", "nonsense", ""])
def test_only_the_steps_of_hands_may_be_asked_for(home, step):
    with home.db.write() as tx, pytest.raises(Broken, match="wish-not-allowed"):
        carry_out.start(home, tx, Wish(step, {}, HOME, "t", "bn"))


def test_a_wish_whose_arguments_make_no_sense_starts_nothing(home):
    with home.db.write() as tx, pytest.raises(Broken, match="value-not-readable"):
        carry_out.start(home, tx, Wish("files.read", {"path": 7}, HOME, "t", "bn"))


class Carrier:
    """Content that comes at the third look."""

    def __init__(self) -> None:
        self.looks = 0

    def want(self, _tx, ref, place):
        assert ref.place == place
        self.looks += 1
        return self.looks >= 3


def test_content_of_another_machine_is_waited_for_until_it_is_here(home):
    carrier = Carrier()
    room = HandsRoom(home.db, carrier)
    ref = BlobRef("ab" * 32, 5, Label.PRIVATE, "text/plain", "pc")
    for _ in range(2):
        with pytest.raises(Unavailable, match="blob-on-its-way"):
            bring.handler(room, SimpleNamespace(), Brought(ref.to_json()))
    bring.handler(room, SimpleNamespace(), Brought(ref.to_json()))
    assert carrier.looks == 3
