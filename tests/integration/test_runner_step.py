"""`command.run`: what is shown is what runs, within limits, and what it wrote can be undone."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
import threading
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.errors import Broken, MaskError, Refused
from core.execution.command_plan import RunCommand
from core.execution.command_steps import STEP_S, run_command
from core.execution.run_port import MOST_TIMEOUT_S
from core.runs.model import Kind, Label
from tests.integration.runner_world import SECRET, Place, place

__all__ = ["place"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs of POSIX")


def code(call) -> str:
    with pytest.raises(MaskError) as caught:
        call()
    return caught.value.code


def test_a_command_prints_and_ends(place: Place) -> None:
    effect = place.do(RunCommand(argv=["echo", "a b", "বাংলা", "$HOME", "*"]))

    assert effect.text == "a b বাংলা $HOME *\n"
    assert effect.summary["exit_code"] == 0
    assert effect.summary["killed"] is None
    assert effect.summary["output_bytes"] == len(effect.text.encode())


def test_it_stands_in_the_sandbox_folder(place: Place) -> None:
    assert place.do(RunCommand(argv=["pwd"])).text.strip() == str(place.sandbox)


def test_a_failure_is_told_with_its_code_and_its_words(place: Place) -> None:
    effect = place.do(RunCommand(argv=["ls", "nothing-here"]))

    assert effect.summary["exit_code"] == 2
    assert "nothing-here" in effect.text


def test_a_script_is_shown_as_one(place: Place) -> None:
    asked = RunCommand(script="echo one; exit 3", path="scratch:")
    fields = place.fields(asked)

    assert fields["script"] == "echo one; exit 3"
    assert fields["argv"][1:] == ["-c", "echo one; exit 3"]
    assert place.do(asked).summary["exit_code"] == 3


def test_a_shell_given_by_argument_is_a_script_too(place: Place) -> None:
    assert place.fields(RunCommand(argv=["bash", "-c", "id"]))["script"] == "id"
    assert place.fields(RunCommand(argv=["echo", "id"]))["script"] is None


def test_the_action_says_everything_that_is_relied_on(place: Place) -> None:
    (place.docs / "x.py").write_text("print(1)")
    fields = place.fields(
        RunCommand(argv=["python3", "x.py"], path="docs:", env={"A": "1"}, stdin="in", timeout_s=90)
    )

    assert fields["kind"] == "cmd"
    assert fields["place"] == "here"
    assert fields["cwd"] == "docs:/"
    assert fields["env"] == {"A": "1"}
    assert fields["stdin"] == hashlib.sha256(b"in").hexdigest()
    assert fields["operand"] == {
        "path": str(place.docs / "x.py"),
        "sha256": hashlib.sha256(b"print(1)").hexdigest(),
    }
    assert fields["timeout_s"] == 90
    assert (fields["writes"], fields["snapshot_bytes"], fields["privilege"]) == ([], None, False)
    exe = Path(fields["exe"]["path"])
    assert fields["exe"]["sha256"] == hashlib.sha256(exe.read_bytes()).hexdigest()


def test_what_is_not_held_says_so(place: Place) -> None:
    fields = place.fields(RunCommand(argv=["echo"]))
    held = fields["sandbox"] in {"bwrap", "landlock", "sandbox-exec"}

    assert fields["secrets_reachable"] is not held
    assert fields["network"] is not held
    assert fields["undo"] == ("scratch" if held else "none")


def test_a_program_with_other_rights_is_never_called_sandboxed(place: Place) -> None:
    (place.sandbox / "sudo").write_text("#!/bin/sh\n")
    (place.sandbox / "sudo").chmod(0o700)
    fields = place.fields(RunCommand(argv=["./sudo", "ls"]))

    assert fields["privilege"] is True
    assert (fields["sandbox"], fields["secrets_reachable"]) == ("none", True)
    assert fields["undo"] == "none"


def test_it_reads_what_it_is_given(place: Place) -> None:
    big = "x" * 300_000

    assert place.do(RunCommand(argv=["cat"], stdin="hello")).text == "hello"
    assert place.do(RunCommand(argv=["wc", "-c"], stdin=big)).text.strip() == "300000"
    assert place.do(RunCommand(argv=["true"], stdin=big)).summary["exit_code"] == 0
    assert place.do(RunCommand(argv=["cat"])).text == ""


def test_its_environment_is_ours(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THE_WORKER", "secret")
    text = place.do(RunCommand(argv=["env"], env={"GIVEN": "yes"})).text
    names = {line.partition("=")[0] for line in text.splitlines()}

    assert "GIVEN=yes" in text
    assert "OF_THE_WORKER" not in text
    assert names <= {"PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TERM", "GIVEN", "PWD"}


def test_its_limits_are_set(place: Place) -> None:
    text = place.do(
        RunCommand(script="umask; ulimit -c; ulimit -n; ulimit -f; ps -o sid= $$ || true")
    ).text.split()

    assert text[:3] == ["0077", "0", "1024"]
    assert int(text[3]) * 1024 == 2 * 1024**3


def test_nothing_but_named_folders_can_be_written(place: Place) -> None:
    script = (
        f"echo x > {place.docs}/a; echo x > {place.sandbox}/b; echo x > $HOME/c && echo scratch;"
        f"echo x > $TMPDIR/d && echo tmp; echo x > /var/tmp/mask-test-e; true"
    )
    elsewhere = Path(__file__).with_name("written-by-a-command")
    effect = place.do(RunCommand(script=f"echo x > {elsewhere}; {script}"))
    was_written = elsewhere.exists()
    elsewhere.unlink(missing_ok=True)

    assert "scratch\ntmp\n" in effect.text
    if place.is_held:
        assert not was_written
        assert list(place.docs.iterdir()) == []
        assert not (place.sandbox / "b").exists()
        assert not Path("/var/tmp/mask-test-e").exists()
    Path("/var/tmp/mask-test-e").unlink(missing_ok=True)


def test_a_scratch_folder_is_gone_afterwards(place: Place) -> None:
    place.do(RunCommand(script="mkdir -p a/b; echo x > a/b/c; chmod 0 a/b a", path="scratch:"))

    assert list((place.home / "scratch").iterdir()) == []


def test_keys_are_out_of_reach_where_a_sandbox_holds(place: Place) -> None:
    text = place.do(RunCommand(argv=["cat", str(place.home / "keys" / "master")])).text

    assert ("the master key" not in text) is place.is_held


def test_what_it_wrote_can_be_undone_exactly(place: Place) -> None:
    site = place.docs / "site"
    (site / "old").mkdir(parents=True)
    (site / "index.html").write_text("before")
    (site / "old" / "a").write_text("a")
    (site / "run").write_text("#!/bin/sh\n")
    (site / "run").chmod(0o755)
    asked = RunCommand(
        script="rm -r old; echo after > index.html; echo new > new; chmod 600 run",
        path="docs:/site",
        writes=["docs:/site"],
    )
    fields = place.fields(asked)
    effect = place.do(asked)

    assert fields["writes"] == ["docs:/site"]
    assert fields["snapshot_bytes"] == 1_000_000
    assert fields["undo"] == ("snapshot" if place.is_held else "none")
    assert (site / "index.html").read_text() == "after\n"
    assert not (site / "old").exists()
    assert effect.change_id is not None

    place.undo(effect.change_id)

    assert (site / "index.html").read_text() == "before"
    assert (site / "old" / "a").read_text() == "a"
    assert os.access(site / "run", os.X_OK)
    assert not (site / "new").exists()


def test_a_whole_root_can_be_written_and_undone(place: Place) -> None:
    (place.docs / "a").write_text("a")
    asked = RunCommand(script="rm a; echo b > b", path="docs:", writes=["docs:", "docs:/"])

    effect = place.do(asked)
    assert sorted(path.name for path in place.docs.iterdir()) == ["b"]
    assert effect.change_id is not None
    place.undo(effect.change_id)

    assert sorted(path.name for path in place.docs.iterdir()) == ["a"]


def test_a_command_that_changed_nothing_leaves_nothing_to_undo(place: Place) -> None:
    (place.docs / "a").write_text("a")

    assert place.do(RunCommand(argv=["ls"], path="docs:", writes=["docs:"])).change_id is None


def test_what_is_too_large_to_keep_is_not_called_undoable(place: Place) -> None:
    with (place.docs / "large").open("wb") as file:
        file.truncate(200_000_001)
    asked = RunCommand(script="echo x > new", path="docs:", writes=["docs:"])

    fields = place.fields(asked)
    assert fields["undo"] == "none"
    assert fields["snapshot_bytes"] is None
    assert place.do(asked).change_id is None
    assert (place.docs / "new").exists()


def test_a_file_that_grows_a_little_does_not_make_a_yes_worthless(place: Place) -> None:
    (place.docs / "log").write_text("a")
    asked = RunCommand(argv=["true"], path="docs:", writes=["docs:"])
    before = place.prepare(asked)
    (place.docs / "log").write_text("a" * 5000)

    assert place.prepare(asked).digest == before.digest


@pytest.mark.parametrize("text", ["../x", "/etc", "docs:/../..", "other:/", "docs:/link"])
def test_no_folder_outside_the_roots_can_be_named(place: Place, text: str) -> None:
    (place.docs / "link").symlink_to("/etc")

    for asked in (RunCommand(argv=["ls"], path=text), RunCommand(argv=["ls"], writes=[text])):
        refused = code(lambda asked=asked: place.prepare(asked))
        assert refused in {"path-refused", "root-unknown", "path-has-link", "not-a-folder"}


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        (RunCommand(), "command-empty"),
        (RunCommand(argv=["a"], script="b"), "command-empty"),
        (RunCommand(argv=[""]), "command-empty"),
        (RunCommand(argv=["echo", "a\0b"]), "command-empty"),
        (RunCommand(argv=["no-such-program"]), "command-not-found"),
        (RunCommand(argv=["./no-such"], path="scratch:"), "command-not-found"),
        (RunCommand(argv=["python3", "no-such.py"]), "command-not-found"),
        (RunCommand(argv=["env", "A=1", "ls"]), "command-wrapper"),
        (RunCommand(argv=["python3", "-c", "1", "x.py"]), "command-operand"),
        (RunCommand(argv=["ls"], timeout_s=0), "command-time"),
        (RunCommand(argv=["ls"], timeout_s=MOST_TIMEOUT_S + 1), "command-time"),
        (RunCommand(argv=["ls"], stdin="x" * 2**21), "command-input"),
        (RunCommand(argv=["ls"], env={"LD_PRELOAD": "x"}), "command-environment"),
        (RunCommand(argv=["ls", "\udcff"]), "action-text"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anybody_is_asked(
    place: Place, asked: RunCommand, refused: str
) -> None:
    assert code(lambda: place.prepare(asked)) == refused


def test_without_what_was_judged_nothing_runs(place: Place) -> None:
    asked = RunCommand(argv=["touch", "ran"], writes=["sandbox:"])

    with pytest.raises(Broken, match="step-without-prepare"):
        run_command.handler(place.room, place.context(), asked)
    other = place.prepare(RunCommand(argv=["touch", "ran "], writes=["sandbox:"]))
    with pytest.raises(Refused, match="action-changed"):
        place.perform(asked, other)

    assert not (place.sandbox / "ran").exists()


def test_a_long_output_is_shortened_and_kept_whole(place: Place) -> None:
    effect = place.do(RunCommand(argv=["seq", "200000"]))

    assert effect.text.startswith("1\n2\n")
    assert effect.text.endswith("199999\n200000\n")
    assert len(effect.text) < 9000
    assert effect.blob is not None
    assert (
        place.contents.content(effect.blob) == "".join(f"{n}\n" for n in range(1, 200_001)).encode()
    )


def test_a_flood_is_ended(place: Place) -> None:
    effect = place.do(RunCommand(argv=["yes", "x" * 1000]))

    assert effect.summary["killed"] == "output"
    assert effect.summary["output_bytes"] > 50 * 2**20
    assert effect.summary["left_out"] is True
    assert "left out" in effect.text


def test_secrets_in_the_output_are_hidden_everywhere(place: Place) -> None:
    script = f"for i in 1 2 3; do echo 'key {SECRET}'; sleep 0.7; done"
    effect = place.do(RunCommand(script=script))

    assert effect.text.count("[hidden]") == 3
    assert place.live, "it ran long enough to be watched"
    assert SECRET not in effect.text + "".join(place.live)


def test_values_are_found_in_the_output(place: Place) -> None:
    effect = place.do(RunCommand(argv=["printf", "version=1.2\\nTotal size: 5 MB\\n"]))

    assert effect.summary["facts"] == {"version": "1.2", "Total size": "5 MB"}


def test_a_command_that_takes_too_long_is_asked_to_end_and_then_ended(place: Place) -> None:
    polite = "trap 'echo bye; exit 5' TERM; while true; do sleep 0.1; done"
    effect = place.do(RunCommand(script=polite, timeout_s=1))

    assert effect.summary["killed"] == "time"
    assert effect.text.endswith("bye\n")
    assert effect.summary["took_s"] < 4


def test_stop_ends_a_command_within_three_seconds(place: Place) -> None:
    clock = SystemClock()
    stopped: list[float] = []

    def stop() -> None:
        stopped.append(clock.monotonic())
        place.cancel.set()

    asked = RunCommand(script="trap '' TERM INT HUP; (setsid sleep 300 &); sleep 300")
    action = place.prepare(asked)
    threading.Timer(0.5, stop).start()
    effect, _context = place.perform(asked, action)

    assert effect.summary["killed"] == "stop"
    assert clock.monotonic() - stopped[0] < 3


def test_what_was_stopped_before_its_start_does_not_start(place: Place) -> None:
    asked = RunCommand(argv=["touch", "ran"], writes=["sandbox:"])
    action = place.prepare(asked)
    place.cancel.set()

    assert code(lambda: place.perform(asked, action)) == "cancelled"
    assert not (place.sandbox / "ran").exists()


def test_output_is_private_unless_the_command_saw_nothing_of_the_owner(place: Place) -> None:
    for asked, alone in (
        (RunCommand(argv=["echo"]), False),
        (RunCommand(argv=["echo"], path="scratch:", writes=["docs:"]), False),
        (RunCommand(argv=["echo"], path="scratch:"), place.is_held),
    ):
        context = place.perform(asked, place.prepare(asked))[1]
        assert (context.label is Label.OPEN) is alone


def test_a_command_that_is_alone_cannot_read_the_owners_files(place: Place) -> None:
    (place.docs / "private").write_text("of the owner")
    asked = RunCommand(argv=["cat", str(place.docs / "private")], path="scratch:")

    assert ("of the owner" not in place.do(asked).text) is place.is_held


def test_the_network_is_off_unless_asked_for(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        connect = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5); print('in')"
        asked = RunCommand(argv=[sys.executable, "-I", "-S", "-c", connect], path="docs:")
        on = RunCommand(argv=asked.argv, path="docs:", network=True)

        assert (place.do(asked).text != "in\n") is place.is_held
        assert place.do(on).text == "in\n"
    assert place.fields(on)["undo"] == "none"


def test_it_works_in_many_threads_at_once(place: Place) -> None:
    texts: list[str] = []

    def one(number: int) -> None:
        texts.append(place.do(RunCommand(argv=["echo", str(number)])).text.strip())

    threads = [threading.Thread(target=one, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(texts) == [str(n) for n in range(8)]


def test_scratch_folders_of_a_crash_are_removed_later(place: Place) -> None:
    left = place.home / "scratch" / "run-left"
    left.mkdir(parents=True)
    young = place.home / "scratch" / "run-young"
    young.mkdir()
    os.utime(left, (1, 1))

    assert place.room.tidy() == 1
    assert [path.name for path in (place.home / "scratch").iterdir()] == ["run-young"]


def test_the_step_is_declared_as_agreed() -> None:
    spec = run_command.spec

    assert (spec.name, spec.kind, spec.gated) == ("command.run", Kind.ONCE, True)
    assert spec.timeout_s >= STEP_S > MOST_TIMEOUT_S
