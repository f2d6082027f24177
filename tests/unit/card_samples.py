"""Questions as their cards get them, for the tests of approval cards; all facts are made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.render.model import Button, Rendered
from core.approvals.model import State
from core.runs import actions
from core.runs.notices import Form, Notice, NoticeRow, NoticeState

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
SHA = "0123456789abcdef" * 4


def at(minutes: float) -> str:
    return (NOW + timedelta(minutes=minutes)).isoformat()


def command(*argv: str, **more: Any) -> dict[str, Any]:
    """The action of a command."""
    fields = {
        "argv": list(argv),
        "script": None,
        "cwd": "/srv/work",
        "env": {},
        "stdin": None,
        "exe": {"path": "/usr/bin/tool", "sha256": SHA},
        "operand": None,
        "timeout_s": 60,
        "network": False,
        "sandbox": "bwrap",
        "secrets_reachable": False,
        "writes": [],
        "snapshot_bytes": None,
        "privilege": False,
        **more,
    }
    undo = fields.pop("undo", "scratch")
    action = actions.make("cmd", "pc", undo=undo, preview={}, **fields)
    return actions.read(action.canonical)


def deletion(count: int = 12, *, is_workspace: bool = True) -> dict[str, Any]:
    """The action of a delete."""
    action = actions.make(
        "delete_file",
        "pc",
        undo="trash",
        preview={},
        root="docs",
        path="পুরোনো/logs",
        entries=count,
        tree=SHA,
        size=345_678,
        is_workspace=is_workspace,
        type="folder",
        exact=is_workspace,
    )
    return actions.read(action.canonical)


def edit() -> dict[str, Any]:
    """The action of an edit."""
    action = actions.make(
        "edit", "home", undo="version", preview={},
        root="sandbox", path="notes.txt", before=SHA, after=SHA, size=42,
    )  # fmt: skip
    return actions.read(action.canonical)


def params(action: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Parameters as `core.approvals.cards` makes them."""
    return {
        "id": "a" * 32,
        "kind": action["kind"],
        "place": action["place"],
        "place_title": "Laptop" if action["place"] == "pc" else None,
        "state": State.OPEN.value,
        "digest8": SHA[:8],
        "risk": "medium",
        "rule": "policy:cmd",
        "action": action,
        "preview": {},
        "label": "private",
        "asked_at": at(0),
        "expires_at": at(60),
        "decided_at": None,
        "decided_by": None,
        "reason": None,
        "count": 1,
        "behind": 0,
        "read": [],
        "second": "none",
        "confirm_from": None,
        "tries_left": None,
        "live": None,
        "began_at": None,
        "ended_at": None,
        "outcome": None,
        "can_rule": False,
        "why_no_rule": None,
        "can_cloud": False,
        **more,
    }


DECIDED = {"decided_at": at(2), "decided_by": "telegram:1001"}
BEGAN = {**DECIDED, "began_at": at(2)}
ENDED = {**BEGAN, "ended_at": at(3)}


def outcome(state: str, **more: Any) -> dict[str, Any]:
    empty = {"error": None, "text": None, "summary": {}, "change_id": None, "blob": None}
    return {"state": state, **empty, **more}


def every_state() -> dict[str, dict[str, Any]]:
    """One card for each state and each shape that differs to the eye."""
    run = command("tool", "-rf ", "পুরোনো ফাইল.txt", "a\u202eb", "")
    gone = deletion(is_workspace=False)
    ls = command("ls", "-la")
    done = {"exit_code": 0, "took_s": 3.2}
    undone = command("sh", "x.sh", sandbox="none", secrets_reachable=True, network=True,
                     undo="none", env={"LANG": "bn_BD"}, writes=["/srv/out"],
                     privilege=True)  # fmt: skip
    script = command("/bin/sh", "-c", "cd /tmp\n  ls *\n", script="cd /tmp\n  ls *\n")
    read = [{"what": "files.read", "name": "docs:/mail.txt"}, {"what": "web", "name": "x.test"},
            {"what": "more", "name": "7"}]  # fmt: skip
    rule = actions.make(
        "rule", "pc", undo="none", preview={},
        rule={"kind": "cmd", "place": "pc", "gate": "auto", "expires_at": at(9000),
              "scope": {"argv": ["git", "pull "], "folder": "", "root": "docs"}},
    )  # fmt: skip
    private = actions.make(
        "sensitive", "home", undo="none", preview={}, endpoints=["groq/x"], messages=SHA,
        characters=812,
    )  # fmt: skip
    return {
        "open-rule": params(actions.read(rule.canonical), risk="highest"),
        "open-sensitive": params(
            actions.read(private.canonical), risk="high", preview={"excerpt": "my <b>PIN"}
        ),
        "open": params(run, count=2, behind=3, read=read, can_rule=True),
        "open-unsafe": params(undone, risk="highest", label="open"),
        "open-script": params(script, risk="high"),
        "open-delete": params(
            gone, risk="highest", preview={"first_names": ["a.log", "খ.log", "c.log"]}
        ),
        "open-edit": params(edit(), preview={"diff": "--- a\n+++ b\n-old <b>\n+নতুন\n"}),
        "open-long": params(command("tool", "x" * 9000)),
        "open-long-read": params(command("tool", "x" * 9000), whole=True),
        "queued": params(ls, state="queued"),
        "confirm": params(gone, state="confirm", risk="highest", confirm_from=at(0.1)),
        "code": params(gone, state="code", risk="highest", tries_left=3),
        "approved": params(ls, state="approved", **DECIDED),
        "running": params(ls, state="running", live="line 1\nline 2 <i>", **BEGAN),
        "denied": params(ls, state="denied", reason="not <b>now</b>", **DECIDED),
        "expired": params(ls, state="expired"),
        "lapsed": params(ls, state="lapsed", **DECIDED),
        "withdrawn": params(ls, state="withdrawn"),
        "edited": params(ls, state="withdrawn", reason="owner-edited"),
        "done": params(
            ls, state="done", outcome=outcome("done", text="total 0\n", summary=done), **ENDED
        ),
        "done-error": params(
            ls,
            state="done",
            outcome=outcome("done", text="line 1", summary={"exit_code": 2}),
            **ENDED,
        ),
        "done-stopped": params(
            ls,
            state="done",
            outcome=outcome("done", summary={"exit_code": -9, "killed": "stop"}),
            **ENDED,
        ),
        "done-undo": params(
            deletion(), state="done", **ENDED,
            outcome=outcome("done", change_id="c" * 32, summary={"entries": 12}),
        ),
        "done-long": params(
            ls, state="done", outcome=outcome("done", text="line\n" * 900, summary=done), **ENDED
        ),
        "failed": params(
            ls, state="failed", **ENDED,
            outcome=outcome("failed", error={"code": "step-timed-out", "params":
                            {"step": "command.run", "seconds": 60}},
                            summary={"exit_code": 1, "killed": "time"}),
        ),
        "refused": params(
            ls, state="failed", **DECIDED,
            outcome=outcome("refused", error={"code": "action-changed",
                                              "params": {"was": "a", "now": "b"}}),
        ),
        "unknown": params(ls, state="unknown", outcome=outcome("unknown"), **ENDED),
    }  # fmt: skip


def notices() -> list[tuple[str, dict[str, Any]]]:
    """Kinds of notices about approvals, with parameters."""
    facts = {**params(command("ls"), why_no_rule="approval-outside"), "digest": SHA}
    run = {"id": "r", "title": "<b>x", "place": "pc", "seen_s": 7200, "can_cloud": True}
    return [
        *[("approval", each) for each in every_state().values()],
        ("approval-details", facts),
        ("approval-edit", {"action": {"line": "ls <x>" * 50}, "is_script": False}),
        ("approval-edit", {"action": {"line": "ls\n" * 2000}, "is_script": True}),
        ("approval-output", {"digest8": SHA[:8], "text": "x" * 9000, "rest_at": "pc"}),
        ("approval-output", {"digest8": SHA[:8], "blob": {"sha256": SHA}}),
        ("approval-pending", {"asked": 2, "queued": 1, "runs": [run] * 9}),
        ("approval-pending", {}),
        ("approval-text", facts),
    ]


def row(facts: dict[str, Any], kind: str = "approval") -> NoticeRow:
    key = f"approval:{facts.get('id')}"
    return shown(Notice(kind, facts, key=key, run_id="r1"))


def shown(notice: Notice) -> NoticeRow:
    """A card that is to be drawn."""
    return NoticeRow(
        id=1,
        notice=notice,
        form=Form.SHOW,
        revision=1,
        state=NoticeState.READY,
        attempts=0,
        parts_sent=0,
        maybe_sent=False,
        not_before=None,
        created_at=NOW,
    )


def drawn(rendered: Rendered) -> str:
    """A card as one text: its HTML, then its buttons, one row a line."""
    parts = [part.text for part in rendered.parts]
    return "\n".join([*parts, *(" ".join(map(_button, line)) for line in rendered.buttons)])


def _button(button: Button) -> str:
    style = f"/{button.style.value}" if button.style.value else ""
    return f"[{button.label}|{button.verb}{style}]"
