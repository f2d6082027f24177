"""What the bot and the workers share: the database and the services over it."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretStr

from core import config, db, logs, schema, seal
from core.approvals.audit import Audit
from core.approvals.floor import Floor
from core.approvals.incarnation import Record
from core.approvals.owner import Owner
from core.approvals.policy import Policy
from core.approvals.rules import Rules
from core.approvals.service import Approvals
from core.clock import Clock, SystemClock
from core.memory.preferences import Preferences
from core.memory.threads import Threads
from core.redaction import Redaction
from core.runs.buttons import Buttons
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.intake import Intake
from core.runs.mailbox import Mailbox
from core.runs.ports import Wake
from core.runs.runs import Runs
from core.wiring.memory import Memory, memory_over
from core.wiring.models import Models, models_over

#: Below MASK_HOME: what commands get as scratch.
SCRATCH = "scratch"


@dataclass(frozen=True)
class House:
    """The services over this place's database; safe to share between threads."""

    settings: config.Settings
    clock: Clock
    master: seal.Master
    db: db.Database
    wake: Wake
    runs: Runs
    intake: Intake
    mailbox: Mailbox
    buttons: Buttons
    preferences: Preferences
    memory: Memory
    owner: Owner
    audit: Audit
    redact: Redaction
    policy: Policy
    rules: Rules
    approvals: Approvals
    models: Models

    @property
    def threads(self) -> Threads:
        """The conversations of every chat."""
        return self.memory.threads


def set_up_logging(settings: config.Settings) -> None:
    """Logs to stderr, with the settings' own secrets taken out."""
    logs.set_up(settings.log_level, redaction_of(settings))


def redaction_of(settings: config.Settings) -> Redaction:
    """Takes out the settings' own secrets, and whatever looks like one."""
    values = (getattr(settings, name) for name in type(settings).model_fields)
    return Redaction([each.get_secret_value() for each in values if isinstance(each, SecretStr)])


def open_master(settings: config.Settings) -> seal.Master:
    """The master key of this place."""
    key = settings.key.get_secret_value() if settings.key else None
    return seal.open_master(settings.under_home(settings.home), key)


def house(settings: config.Settings, wake: Wake, clock: Clock | None = None) -> House:
    """Open the database, bring its schema to the code's, and build the services over it."""
    master = open_master(settings)
    database = schema.open_database(settings, master)
    schema.ensure_schema(database)
    clock = clock or SystemClock()
    audit = Audit(clock, Record(settings.home).seen)
    return house_over(database, settings, master, wake, clock, audit)


def house_over(
    database: db.Database,
    settings: config.Settings,
    master: seal.Master,
    wake: Wake,
    clock: Clock,
    audit: Audit | None = None,
) -> House:
    """The services over a database that is open and has its tables."""
    preferences = Preferences(database, clock)
    owner = Owner(preferences, clock, settings.owner_id)
    redact, audit = redaction_of(settings), audit or Audit(clock)
    floor = Floor.of(settings, place=HOME, free=(str(settings.home / SCRATCH),))
    policy = Policy.load(floor=floor)
    mailbox = Mailbox(database, clock, wake, owner.owner_id, redact)
    runs = Runs(clock, wake)
    return House(
        settings=settings,
        clock=clock,
        master=master,
        db=database,
        wake=wake,
        runs=runs,
        intake=Intake(database),
        mailbox=mailbox,
        buttons=Buttons(database, clock),
        preferences=preferences,
        memory=memory_over(database, settings, master, clock, redact, runs),
        owner=owner,
        audit=audit,
        redact=redact,
        policy=policy,
        rules=Rules(clock, settings.node),
        approvals=Approvals(
            clock,
            mailbox.put,
            wake,
            Nodes(database, clock),
            audit,
            owner.owner_id,
            timeout_s=settings.approval_timeout,
            why_no_rule=policy.why_no_rule,
        ),
        models=models_over(
            database,
            settings,
            master,
            clock,
            preferences,
            runs=runs,
            redact=redact,
            put=mailbox.put,
        ),
    )
