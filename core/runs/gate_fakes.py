"""Guards and questions without policy, cards and keys; they ship for tests and simulations.

`OpenGuard` with `NobodyAsks` for what has no gate to speak of; `ScriptedGuard` with
`ScriptedAsking` keep the whole contract of `core.runs.ports`, in tables of their own, so that they
survive a crash as the real ones do. Their grants are not signed: they prove nothing to an attacker.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Database, Instant, Json, Transaction, insert_or_ignore
from core.errors import Refused
from core.ids import new_id
from core.runs import actions, journal
from core.runs.model import Action, Gate, Kind, Label, RunRow, StepRow, StepSpec
from core.runs.ports import Judgement, NoWake, Permit, Verdict, Wake

metadata = sa.MetaData()

questions = sa.Table(
    "fake_questions",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("run_id", sa.String(32), nullable=False),
    sa.Column("position", sa.String(16), nullable=False),
    sa.Column("place", sa.String(64), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # open granted denied lapsed running over
    sa.Column("grants", sa.Integer, nullable=False, default=0),
    sa.Column("valid_until", Instant),
    sa.Column("outcome", Json),
)
uses = sa.Table("fake_uses", metadata, sa.Column("approval_id", sa.String(32), primary_key=True))

#: Seconds that a scripted yes holds, and grants that are made from one.
VALID_S, MOST_GRANTS = 3600, 5


class OpenGuard:
    """Lets everything pass. Not a policy: the absence of one."""

    def judge(self, spec: StepSpec, action: Action, label: Label) -> Judgement:  # noqa: ARG002
        return Judgement(Gate.AUTO, "policy:open")

    def admit(
        self, tx: Transaction, spec: StepSpec, action: Action, label: Label, permit: Permit | None
    ) -> None: ...


class NobodyAsks:
    """Where nobody can be asked, what needs a yes is refused."""

    def ask(self, tx: Transaction, run: RunRow, step: StepRow, judgement: Judgement) -> None: ...

    def verdict(self, tx: Transaction, step: StepRow) -> Verdict:  # noqa: ARG002
        return Verdict("refused", error=Refused("nobody-to-ask", step=step.name).to_json())

    def began(self, tx: Transaction, run: RunRow, step: StepRow) -> None: ...

    def retry(
        self,
        tx: Transaction,  # noqa: ARG002
        run: RunRow,  # noqa: ARG002
        step: StepRow,  # noqa: ARG002
        error: dict[str, Any],  # noqa: ARG002
    ) -> bool:
        return False

    def ended(self, tx: Transaction, run: RunRow, step: StepRow) -> None: ...

    def withdraw(self, tx: Transaction, run_id: str) -> None: ...


class ScriptedGuard:
    """Judges by the action's kind (`gates`, else `otherwise`) and admits an asked action once, with
    a grant for exactly it, here, in this `boot`. A permit that is given must be right even where
    none is needed."""

    def __init__(
        self,
        clock: Clock,
        place: str = "home",
        gates: Mapping[str, Gate] | None = None,
        otherwise: Gate = Gate.ASK,
        boot: str = "boot1",
    ) -> None:
        self._clock = clock
        self._place = place
        self.gates = dict(gates or {})
        self.otherwise = otherwise
        self.boot = boot

    def judge(self, spec: StepSpec, action: Action, label: Label) -> Judgement:  # noqa: ARG002
        kind = str(actions.read(action.canonical)["kind"])
        return Judgement(self.gates.get(kind, self.otherwise), f"policy:{kind}")

    def admit(
        self, tx: Transaction, spec: StepSpec, action: Action, label: Label, permit: Permit | None
    ) -> None:
        gate = self.judge(spec, action, label).gate
        if gate is Gate.DENY:
            raise Refused("policy-says-no", step=spec.name)
        if permit is not None:
            self._use_up(tx, action, permit)
        elif gate is Gate.ASK:
            raise _not("missing")

    def _use_up(self, tx: Transaction, action: Action, permit: Permit) -> None:
        grant, now = permit.grant, self._clock.now().timestamp()
        for name, is_right in (
            ("place", grant.get("place") == self._place),
            ("boot", grant.get("boot") == self.boot),
            ("time", float(grant.get("exp", 0)) >= now),
            ("action", grant.get("action") == action.digest),
            ("approval", grant.get("approval_id") == permit.approval_id),
        ):
            if not is_right:
                raise _not(name)
        if not insert_or_ignore(tx, uses, {"approval_id": permit.approval_id}):
            raise _not("used")


class ScriptedAsking:
    """Questions that a test answers: `pending`, `decide`, `expire`, `lapse`. A yes is a permit at
    once, for the boot that `boots` names of its place."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        wake: Wake | None = None,
        boots: Mapping[str, str] | None = None,
    ) -> None:
        metadata.create_all(db.engine)
        self._clock = clock
        self._wake = wake or NoWake()
        self._boots = boots if boots is not None else {}

    # -- the port

    def ask(self, tx: Transaction, run: RunRow, step: StepRow, judgement: Judgement) -> None:  # noqa: ARG002
        assert step.action is not None, "only what was prepared is asked about"
        newest = self._of(tx, step)
        is_open = newest is not None and newest.state in {"open", "granted"}
        if is_open and newest.digest == step.action["digest"]:
            return
        count = tx.execute(sa.select(sa.func.count()).select_from(questions)).scalar_one()
        row = {"id": new_id(), "seq": count, "state": "open", "digest": step.action["digest"]}
        at = {"run_id": run.id, "position": step.position, "place": step.place, "grants": 0}
        tx.execute(sa.insert(questions).values(**row, **at))

    def verdict(self, tx: Transaction, step: StepRow) -> Verdict:
        row = self._of(tx, step)
        if row is None or row.state == "open":
            return Verdict("waits")
        if row.state in {"denied", "over"}:
            return Verdict("refused", error=_refusal(row.state))
        until = row.valid_until
        if row.state == "lapsed" or until is None or until < self._clock.now():
            self._set(tx, row, state="lapsed")
            return Verdict("lapsed")
        return Verdict("granted", permit=self._permit(row))

    def began(self, tx: Transaction, run: RunRow, step: StepRow) -> None:  # noqa: ARG002
        self._set(tx, self._of(tx, step), state="running")

    def retry(self, tx: Transaction, run: RunRow, step: StepRow, error: dict[str, Any]) -> bool:
        row = self._of(tx, step)
        is_used = error["code"] == "grant-used"
        if row is None or (is_used and step.kind is Kind.ONCE) or row.grants >= MOST_GRANTS:
            return False
        self._set(tx, row, state="lapsed" if is_used else "granted", grants=row.grants + 1)
        self._wake_up(tx, run.id)
        return True

    def ended(self, tx: Transaction, run: RunRow, step: StepRow) -> None:  # noqa: ARG002
        outcome = {"state": step.state.value, "error": step.error}
        self._set(tx, self._of(tx, step), state="over", outcome=outcome)

    def withdraw(self, tx: Transaction, run_id: str) -> None:
        still = questions.c.state.in_(["open", "granted"])
        outcome = {"state": "withdrawn", "error": None}
        change = sa.update(questions).where(questions.c.run_id == run_id, still)
        tx.execute(change.values(state="over", outcome=outcome))

    # -- what a test does

    def pending(self, tx: Transaction) -> list[Any]:
        """Open questions, oldest first."""
        query = sa.select(questions).where(questions.c.state == "open")
        return list(tx.execute(query.order_by(questions.c.seq)))

    def all(self, tx: Transaction) -> list[Any]:
        """Every question that was ever asked, oldest first."""
        return list(tx.execute(sa.select(questions).order_by(questions.c.seq)))

    def decide(self, tx: Transaction, question: str, *, yes: bool) -> bool:
        """The owner's word; False when the question is not open."""
        until = self._clock.now() + timedelta(seconds=VALID_S)
        if yes:
            return self._move(tx, question, "open", "granted", valid_until=until)
        return self._move(tx, question, "open", "denied")

    def expire(self, tx: Transaction, question: str) -> bool:
        """Silence: it does not run."""
        return self._move(tx, question, "open", "denied")

    def lapse(self, tx: Transaction, question: str) -> bool:
        """The yes has become too old before its step began."""
        return self._move(tx, question, "granted", "lapsed")

    # -- inside

    def _permit(self, row: Any) -> Permit:
        grant = {
            "approval_id": row.id,
            "place": row.place,
            "boot": self._boots.get(row.place, "boot1"),
            "action": row.digest,
            "exp": int(self._clock.now().timestamp()) + 300,
        }
        return Permit(row.id, grant)

    def _of(self, tx: Transaction, step: StepRow) -> Any:
        """The newest question about a step."""
        query = sa.select(questions).where(
            questions.c.run_id == step.run_id, questions.c.position == step.position
        )
        return tx.execute(query.order_by(questions.c.seq.desc()).limit(1)).first()

    def _set(self, tx: Transaction, row: Any, **values: Any) -> None:
        if row is not None:
            tx.execute(sa.update(questions).where(questions.c.id == row.id).values(**values))

    def _move(self, tx: Transaction, question: str, old: str, new: str, **values: Any) -> bool:
        moved = tx.execute(
            sa.update(questions)
            .where(questions.c.id == question, questions.c.state == old)
            .values(state=new, **values)
        )
        if moved.rowcount == 1:
            query = sa.select(questions.c.run_id).where(questions.c.id == question)
            self._wake_up(tx, tx.execute(query).scalar_one())
        return moved.rowcount == 1

    def _wake_up(self, tx: Transaction, run_id: str) -> None:
        journal.make_ready(tx, run_id, self._clock.now())
        tx.after_commit(lambda: self._wake.run(run_id))


def _not(why: str) -> Refused:
    """Why a permit was not taken."""
    return Refused(f"grant-{why}")


def _refusal(why: str) -> dict[str, Any]:
    return Refused(f"owner-{why}").to_json()
