"""/files, /run, /undo and documents: which run each of them starts, and what is refused."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace

import pytest

from bot.handlers import media, putting
from bot.handlers.putting import MOST_BYTES, Document
from core.execution.file_steps import PutFile
from core.runs import actions, cards, journal
from core.runs.blobs import Blobs
from core.runs.codec import decode
from core.runs.exchange_nodes import Nodes
from core.runs.model import Kind, Label, StepRow, StepState
from core.runs.notices import Notice
from tests.integration.handlers_house import OWNER, Chat

KEY = "ab" * 32


@pytest.fixture
def chat(sqlite_database, clock):
    chat = Chat(sqlite_database, clock)
    with chat.house.db.write() as tx:
        chat.house.preferences.choose_language(tx, "en")
    return chat


def pair(chat, name="pc"):
    with chat.house.db.write() as tx:
        Nodes(chat.house.db, chat.house.clock).register(tx, name, KEY, KEY, is_mine=True)


def wake(chat, name="pc"):
    nodes, now = Nodes(chat.house.db, chat.house.clock), chat.house.clock.now()
    with chat.house.db.write() as tx:
        nodes.heard(tx, nodes.peer(tx, name), "boot", int(now.timestamp()), {})


def wishes(chat):
    """The wishes of all runs, oldest first."""
    return [run.args for run in reversed(chat.runs(workflows=["carry_out"]))]


def last_wish(chat):
    return wishes(chat)[-1]


# -- /files -------------------------------------------------------------------------------------


def test_files_alone_opens_home_while_no_machine_is_paired(chat):
    chat.say("/files")
    wish = last_wish(chat)
    assert (wish["step"], wish["place"], wish["inputs"]["path"]) == ("files.list", "home", "")
    assert wish["show"].startswith("screen:")


def test_files_alone_asks_which_machine_once_one_is_paired(chat):
    pair(chat)
    chat.say("/files")
    (card,) = chat.notices("files-places")
    assert [row["name"] for row in card.notice.params["rows"]] == ["home", "pc"]
    assert wishes(chat) == []


@pytest.mark.parametrize(
    ("words", "place", "path"),
    [
        ("pc:logs/today", "pc", "logs/today"),
        ("pc: docs:/মায়ের চিঠি", "pc", "docs:/মায়ের চিঠি"),
        ("docs:/letters", "home", "docs:/letters"),
        ("logs", "home", "logs"),
        ("home:", "home", ""),
    ],
)
def test_a_path_may_begin_with_a_machine_that_is_known(chat, words, place, path):
    pair(chat)
    chat.say(f"/files {words}")
    wish = last_wish(chat)
    assert (wish["place"], wish["inputs"]["path"]) == (place, path)


def test_a_tap_on_a_sleeping_machine_says_that_it_sleeps_and_is_kept(chat):
    pair(chat)
    assert "asleep" in chat.tap("files.open", "screen:a", place="pc", path="logs")
    wake(chat)
    assert chat.tap("files.open", "screen:a", place="pc", path="logs") is None
    assert [wish["place"] for wish in wishes(chat)] == ["pc", "pc"]


def test_a_tap_changes_the_tapped_screen_and_pages_are_parts_of_the_steps_pages(chat):
    chat.tap("files.open", "screen:a", place="home", path="logs", page=6)
    wish = last_wish(chat)
    assert wish["show"] == "screen:a"
    assert wish["inputs"] == {"path": "logs", "page": 2}
    assert wish["view"] == {"part": 1, "parts": 5, "rows": 8}


def test_a_file_is_read_fetched_and_deleted_by_its_buttons(chat):
    chat.tap("files.open", "screen:a", place="home", path="a.txt", file=True, line=81, letter=4)
    chat.tap("files.get", place="home", path="a.txt")
    chat.tap("files.delete", place="home", path="a.txt")
    read, get, delete = wishes(chat)
    assert (read["step"], read["inputs"]) == (
        "files.read",
        {"path": "a.txt", "line": 81, "letter": 4},
    )
    assert (get["step"], get["show"]) == ("files.fetch", "")
    assert (delete["step"], delete["inputs"]) == ("files.delete", {"path": "a.txt"})


@pytest.mark.parametrize("params", [{}, {"place": "home"}, {"place": 7, "path": "a"}])
def test_a_button_without_its_place_and_path_does_nothing(chat, params):
    assert "too old" in chat.tap("files.delete", **params)
    assert wishes(chat) == []


def test_the_same_update_twice_starts_one_run(chat):
    said = chat.say("/run echo hi")
    chat.replay(said)
    chat.replay(replace(said, row=said.row))
    assert len(wishes(chat)) == 1


# -- creating and changing ----------------------------------------------------------------------


def test_a_new_file_is_named_written_and_then_proposed(chat):
    chat.tap("files.create", place="home", path="sandbox:/")
    chat.say("notes.txt")
    chat.say("line one\n  line two")
    wish = last_wish(chat)
    assert wish["step"] == "files.write"
    assert wish["inputs"] == {"path": "sandbox:/notes.txt", "text": "line one\n  line two"}


@pytest.mark.parametrize("name", ["a/b", " ", "a\nb"])
def test_a_name_that_cannot_be_one_is_refused_and_asked_for_again(chat, name):
    chat.tap("files.create", place="home", path="")
    chat.say(name)
    assert chat.texts() == ["files-ask-name", "err-file-name"]
    chat.say("good.txt")
    assert chat.texts()[-1] == "files-ask-content"


def test_a_file_is_changed_by_append_and_by_replace(chat):
    chat.tap("files.edit", place="home", path="a.txt", how="append")
    chat.say("one more line")
    assert last_wish(chat)["inputs"] == {"path": "a.txt", "old": "", "new": "one more line"}
    chat.tap("files.edit", place="home", path="a.txt", how="replace")
    chat.say("milk")
    chat.say("tea")
    assert last_wish(chat)["inputs"] == {"path": "a.txt", "old": "milk", "new": "tea"}
    chat.tap("files.edit", place="home", path="a.txt", how="replace")
    chat.say("milk")
    chat.say("-")
    assert last_wish(chat)["inputs"] == {"path": "a.txt", "old": "milk", "new": ""}


def test_a_command_withdraws_the_question(chat):
    chat.tap("files.edit", place="home", path="a.txt", how="append")
    chat.say("/jobs")
    chat.say("this is for the model")
    assert wishes(chat) == []


# -- /run ---------------------------------------------------------------------------------------


def run_inputs(chat):
    return last_wish(chat)["place"], last_wish(chat)["inputs"]


@pytest.mark.parametrize(
    ("text", "place", "inputs"),
    [
        ("/run echo hi", "home", {"argv": ["echo", "hi"]}),
        ('/run pc: echo "a b" C:\\x', "pc", {"argv": ["echo", "a b", "C:\\x"]}),
        ("/run echo a && rm b | c", "home", {"argv": ["echo", "a", "&&", "rm", "b", "|", "c"]}),
        ("/run! cd logs && ls", "home", {"script": "cd logs && ls"}),
        ("/run! pc: a\nb\n", "pc", {"script": "a\nb"}),
        ("/run\n```sh\necho 1\necho 2\n```", "home", {"script": "echo 1\necho 2\n"}),
        (
            '/run --in a --write a --write "b c" --net --time 90 make -j 2',
            "home",
            {
                "path": "a",
                "writes": ["a", "b c"],
                "network": True,
                "timeout_s": 90,
                "argv": ["make", "-j", "2"],
            },
        ),
        ("/run! pc: --write logs rm logs/*", "pc", {"writes": ["logs"], "script": "rm logs/*"}),
        ("/run ls --in", "home", {"argv": ["ls", "--in"]}),
        ("/run@mask_bot c:\\x.exe", "home", {"argv": ["c:\\x.exe"]}),
    ],
)
def test_a_command_is_taken_as_it_is_written(chat, text, place, inputs):
    pair(chat)
    chat.say(text)
    assert run_inputs(chat) == (place, inputs)


def test_a_code_block_of_the_app_is_a_script_letter_by_letter(chat):
    script = "  echo ১\n\techo 2\n"
    chat.say(f"/run {script}", code=script)
    assert run_inputs(chat) == ("home", {"script": script})


def test_run_alone_explains_itself(chat):
    chat.say("/run")
    chat.say("/run!")
    chat.say("/run home:")
    assert len(chat.notices("run-help")) == 3
    assert wishes(chat) == []


def test_a_command_that_makes_no_sense_is_refused_in_words(chat):
    chat.say('/run echo "a')
    chat.say("/run laptop: echo a")
    chat.say("/run! ```\n```")
    chat.say("/run --now echo a")
    chat.say("/run --in")
    assert chat.texts() == [
        "err-command-quote",
        "err-node-unknown",
        "err-command-empty",
        "err-run-option",
        "err-run-option",
    ]
    assert wishes(chat) == []


def test_a_rented_home_lets_the_only_awake_machine_run_what_names_none(chat):
    rented = chat.house.settings.model_copy(update={"place": "rented"})
    chat.house = replace(chat.house, settings=rented)
    pair(chat)
    chat.say("/run echo hi")
    assert last_wish(chat)["place"] == "home"
    wake(chat)
    chat.say("/run echo hi")
    assert last_wish(chat)["place"] == "pc"


# -- documents ----------------------------------------------------------------------------------


def send(chat, name="a.txt", content=b"hello", caption="", **more):
    document = Document(name, "text/plain", len(content), caption)
    putting.take(chat.house, chat.incoming(**more), document, content)


def test_a_document_for_an_open_question_is_put_where_it_was_asked_for(chat):
    chat.tap("files.put", place="home", path="sandbox:/in")
    send(chat)
    wish = last_wish(chat)
    args = decode(PutFile, wish["inputs"])
    assert (wish["step"], args.path) == ("files.put", "sandbox:/in/a.txt")
    with chat.house.db.read() as tx:
        blobs = Blobs(chat.house.db, chat.house.clock, "home")
        assert blobs.read(tx, args.blob["sha256"]) == b"hello"
    assert args.blob["label"] == Label.PRIVATE
    assert [run.label for run in chat.runs(workflows=["carry_out"])] == [Label.PRIVATE]
    chat.say("and now some words for the model")
    assert len(wishes(chat)) == 1


def test_a_document_with_a_machine_in_its_caption_goes_there(chat):
    pair(chat)
    send(chat, caption="pc:docs:/letters")
    assert (last_wish(chat)["place"], last_wish(chat)["inputs"]["path"]) == (
        "pc",
        "docs:/letters/a.txt",
    )


def test_a_document_that_answers_a_folders_screen_goes_into_that_folder(chat):
    card = {"step": "files.list", "place": "home", "inputs": {"path": "logs"}}
    with chat.house.db.write() as tx:
        chat.house.mailbox.put(tx, Notice("files-folder", card, chat_id=OWNER, key="screen:f"))
        cards.record(tx, OWNER, "screen:f", 55, 1, chat.house.clock.now())
    send(chat, replied_to=55)
    assert last_wish(chat)["inputs"]["path"] == "logs/a.txt"


def test_a_document_nobody_asked_for_is_held_until_a_folder_is_chosen(chat):
    send(chat, "a.txt")
    send(chat, "b.txt", b"more")
    shown = chat.notices("files-received")
    assert [row["name"] for row in shown[-1].notice.params["rows"]] == ["a.txt", "b.txt"]
    assert len({card.notice.key for card in shown}) == 1
    assert wishes(chat) == []
    chat.tap("files.put", place="home", path="logs")
    assert [wish["inputs"]["path"] for wish in wishes(chat)] == ["logs/a.txt", "logs/b.txt"]
    chat.tap("files.put", place="home", path="logs")
    assert len(wishes(chat)) == 2
    assert chat.texts()[-1] == "files-ask-document"


def test_what_is_held_is_forgotten_by_its_button_and_after_a_day(chat, clock):
    send(chat)
    assert chat.tap("files.drop", "screen:x") is not None
    with chat.house.db.read() as tx:
        assert Blobs(chat.house.db, clock, "home").find(tx, _sha(b"hello")) is None
    send(chat, content=b"again")
    clock.advance(dt.timedelta(days=1, seconds=1).total_seconds())
    chat.tap("files.put", place="home", path="")
    assert wishes(chat) == []


def _sha(content):
    return hashlib.sha256(content).hexdigest()


def test_what_is_too_large_for_telegram_is_refused_before_it_is_fetched(chat):
    document = Document("film.mkv", "video/x", MOST_BYTES + 1)
    assert document.is_too_large
    putting.refuse_size(chat.house, chat.incoming(), document)
    assert chat.texts() == ["files-too-large"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\boot.ini", "C__boot.ini"),
        ("চিঠি.txt", "চিঠি.txt"),
        ("a\nb\0.txt", "a_b_.txt"),
        ("...", "7.bin"),
        ("", "7.bin"),
        ("x" * 300 + ".txt", "x" * 116 + ".txt"),
    ],
)
def test_a_documents_name_is_one_name_on_every_system(name, kept):
    assert putting.name_of(name, "7.bin") == kept


def test_words_where_a_document_was_asked_for_keep_the_question_open(chat):
    chat.tap("files.put", place="home", path="logs")
    chat.say("here it is")
    assert chat.texts()[-1] == "files-want-document"
    send(chat)
    assert last_wish(chat)["inputs"]["path"] == "logs/a.txt"


def test_other_media_still_get_their_kind_sentence(chat):
    assert media.DOCUMENT == "document"
    chat.send("reply-photo")
    assert chat.texts() == ["reply-photo"]


# -- /undo --------------------------------------------------------------------------------------


def changed(chat, made, step="files.delete", kind="delete_file", place="home", **inputs):
    """A done step that left a change, as the journal has it."""
    now = chat.house.clock.now()
    chat.say("/files logs")
    (run, *_) = chat.runs(workflows=["carry_out"])
    action = actions.make(kind, place, undo="trash", preview={}, root="sandbox", path="logs/old")
    row = StepRow(
        run_id=run.id,
        position="0",
        name=step,
        version=1,
        kind=Kind.ONCE,
        place=place,
        state=StepState.DONE,
        inputs=inputs,
        digest="d",
        outcome={"text": "", "summary": {}, "change_id": made, "blob": None},
        action={"canonical": action.canonical, "digest": action.digest, "preview": {}},
    )
    with chat.house.db.write() as tx:
        journal.write_row(tx, row, now)


def undo_wishes(chat):
    return [wish["inputs"] for wish in wishes(chat) if wish["step"] == "files.undo"]


def test_undo_right_after_an_action_takes_that_one_back(chat):
    changed(chat, "c1")
    chat.say("/undo")
    assert undo_wishes(chat) == [{"change_id": "c1"}]
    assert chat.notices("undo") == []


def test_undo_later_lists_the_changes_with_what_place_and_time(chat, clock):
    changed(chat, "c1", place="pc")
    clock.advance(600)
    changed(chat, "c2", step="command.run", kind="cmd")
    clock.advance(600)
    chat.say("/undo")
    (card,) = chat.notices("undo")
    rows = card.notice.params["rows"]
    assert [(row["id"], row["kind"], row["place"]) for row in rows] == [
        ("c2", "cmd", "home"),
        ("c1", "delete_file", "pc"),
    ]
    assert rows[1]["what"] == "sandbox:/logs/old"
    assert undo_wishes(chat) == []


def test_undo_list_shows_the_list_also_right_after_an_action(chat):
    changed(chat, "c1")
    chat.say("/undo list")
    assert len(chat.notices("undo")) == 1
    assert undo_wishes(chat) == []


def test_a_button_takes_one_change_back_at_its_own_place_whatever_the_button_says(chat):
    changed(chat, "c1", place="home")
    chat.tap("undo.do", change_id="c1", place="pc")
    assert undo_wishes(chat) == [{"change_id": "c1"}]
    assert last_wish(chat)["place"] == "home"


def test_what_is_undone_or_gone_is_not_undone_again(chat, clock):
    changed(chat, "c1")
    clock.advance(1)
    changed(chat, "c2", step="files.undo", kind="undo", change_id="c1")
    assert "already" in chat.tap("undo.do", change_id="c1", place="home")
    assert "seven days" in chat.tap("undo.do", change_id="nothing", place="home")
    clock.advance(8 * 24 * 3600)
    assert "seven days" in chat.tap("undo.do", change_id="c2", place="home")
    assert undo_wishes(chat) == []


def test_an_undo_that_was_undone_itself_leaves_the_change_to_be_undone(chat, clock):
    changed(chat, "c1")
    clock.advance(1)
    changed(chat, "c2", step="files.undo", kind="undo", change_id="c1")
    clock.advance(1)
    changed(chat, "c3", step="files.undo", kind="undo", change_id="c2")
    chat.tap("undo.do", change_id="c1", place="home")
    assert undo_wishes(chat) == [{"change_id": "c1"}]


def test_undo_with_nothing_to_undo_says_so(chat):
    chat.say("/undo")
    (card,) = chat.notices("undo")
    assert card.notice.params["rows"] == []
