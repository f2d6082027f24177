"""What `ops doctor` looks at, organ by organ. Only looks: it changes nothing and starts nothing.

Each organ is a function from `Patient` to a `Finding`; an organ that raises is a broken organ.
"""

from __future__ import annotations

import http.client
import json
import shutil
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ops import environment, house, models_here, records

if TYPE_CHECKING:
    from core.config import Settings

#: Seconds that an answer over the network may take.
PATIENCE_S = 5.0
#: Free bytes below which a database and its backups soon have no room.
LITTLE_SPACE = 500_000_000


@dataclass(frozen=True)
class Finding:
    """How an organ is. `remedy` is empty when nothing needs doing; `is_ill` makes doctor fail."""

    text: str
    remedy: str = ""
    is_ill: bool = False


@dataclass(frozen=True)
class Patient:
    """The settings under which the processes would run, and the environment they come from."""

    settings: Settings
    env: dict[str, str]

    @property
    def home(self) -> Path:
        return self.settings.home.absolute()


def ill(text: str, remedy: str) -> Finding:
    return Finding(text, remedy, is_ill=True)


def packages(_patient: Patient) -> Finding:
    """Are bot, core and workers ours?"""
    if wrong := house.strangers():
        return ill(wrong[0], "uninstall what brought it, or start from the checkout")
    if environment.is_current(("base",)):
        return Finding(f"ours, on Python {sys.version_info.major}.{sys.version_info.minor}")
    return ill("dependencies differ from pyproject.toml", "start any command again: it installs")


def place(patient: Patient) -> Finding:
    """Can the data directory be written, is there room, are the keys private?"""
    home = patient.home
    if not home.exists():
        return Finding(f"{home} is made at the first start")
    free = shutil.disk_usage(home).free
    if free < LITTLE_SPACE:
        return ill(f"{free // 1_000_000} MB free at {home}", "free some space")
    master = home / "keys" / "master"
    if sys.platform != "win32" and master.exists():
        others = stat.S_IMODE(master.stat().st_mode) & 0o077
        if others:
            return ill("others can read keys/master", f"chmod 600 {master}")
    return Finding(f"{home}, {free // 1_000_000_000} GB free")


def database(patient: Patient) -> Finding:
    """Does it open with this key, and is it at head? See ops/runbooks/database.md."""
    from core import schema, wiring

    settings = patient.settings
    if settings.database_url is None and not settings.under_home(settings.db_path).exists():
        return Finding("is made at the first start")
    db = schema.open_database(settings, wiring.open_master(settings))
    try:
        revision = schema.current_revision(db)
    finally:
        db.close()
    if revision != schema.head():
        return Finding(f"at revision {revision}, head is {schema.head()}", "python3 -m ops migrate")
    return Finding(f"opens, at revision {revision}")


def redis(patient: Patient) -> Finding:
    """Does Redis answer, and would it never throw work away? See ops/runbooks/broker-down.md."""
    import redis as client

    url = redis_url(patient)
    if url is None:
        return Finding("a private one, started with the rest")
    connection = client.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
    try:
        connection.ping()
        policy: Any = connection.config_get("maxmemory-policy")
    except client.ResponseError:
        return Finding("answers (its settings may not be read)")
    except client.RedisError as error:
        return ill(f"does not answer ({type(error).__name__})", "ops/runbooks/broker-down.md")
    finally:
        connection.close()
    chosen = policy.get("maxmemory-policy", "noeviction")
    if chosen != "noeviction":
        return ill(f"evicts ({chosen}): work gets lost", "set maxmemory-policy to noeviction")
    return Finding("answers")


def redis_url(patient: Patient) -> str | None:
    """Where Redis should answer now; None when it is a private one that does not run."""
    if "redis_url" in patient.settings.model_fields_set:
        return patient.settings.redis_url.get_secret_value()
    kept = patient.home / "run" / "redis.json"
    if "redis" not in running(patient):
        return None
    address = json.loads(kept.read_text(encoding="utf-8"))
    return f"redis://:{address['password']}@127.0.0.1:{address['port']}/0"


def running(patient: Patient) -> dict[str, int]:
    """The supervised processes that are alive."""
    return records.Roll(patient.home / "run" / "processes.json").read()


def processes(patient: Patient) -> Finding:
    """What runs now."""
    alive = running(patient)
    if not alive:
        return Finding("none run now", "python3 -m ops up")
    return Finding(", ".join(f"{name} ({pid})" for name, pid in alive.items()))


def models(patient: Patient) -> Finding:
    """Who would answer. See ops/runbooks/all-models-failed.md."""
    choice = models_here.choose(patient.env, models_here.find_ollama(patient.env))
    return Finding(
        choice.sentence, "ops/runbooks/all-models-failed.md" if choice.is_scripted else ""
    )


def telegram(patient: Patient) -> Finding:
    """Does Telegram know the token? See ops/runbooks/token-wrong.md."""
    token = patient.settings.telegram_token
    if token is None:
        return Finding("no MASK_TELEGRAM_TOKEN", "ask @BotFather for a bot, or: ops try")
    try:
        answer = ask(patient.settings.telegram_api, f"/bot{token.get_secret_value()}/getMe")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return ill(f"cannot be reached ({type(error).__name__})", "check the network")
    if not answer.get("ok"):
        return ill("Telegram refuses the token", "ops/runbooks/token-wrong.md")
    owner = "owner set" if patient.settings.owner_id else "the owner pairs by the printed link"
    return Finding(f"@{answer['result'].get('username', '?')}, {owner}")


def ask(base: str, path: str) -> dict[str, Any]:
    """The JSON answer to a GET; the path may hold a secret, so errors must not quote it."""
    parts = urlsplit(base)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "127.0.0.1", parts.port, timeout=PATIENCE_S)
    try:
        connection.request("GET", parts.path.rstrip("/") + path)
        return dict(json.loads(connection.getresponse().read()))
    finally:
        connection.close()


#: In the order of dependence: the first broken organ explains the later ones.
ORGANS: dict[str, Callable[[Patient], Finding]] = {
    "packages": packages,
    "place": place,
    "database": database,
    "redis": redis,
    "processes": processes,
    "models": models,
    "telegram": telegram,
}
