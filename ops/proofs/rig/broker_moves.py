"""What somebody with full access to Redis can do: everything but sign, and each move by chance.

The thief reads every command that passes (MONITOR), keeps what it saw, and writes back: the same
again, changed, in other order, to the other side, forged with keys of its own, or plain noise. It
deletes keys, takes messages away, closes clients' connections and wipes everything.
"""

from __future__ import annotations

import base64
import json
import random
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import redis

from core import broker
from core.db import canonical
from core.errors import Refused
from core.ids import new_id
from core.runs import envelopes
from core.runs.envelopes import Content, Head
from core.seal import Context, Identity
from ops.proofs.rig.broker_watch import HALT, NODE, QUEUES, Watcher

#: Junk messages in one flood.
FLOOD = 20
#: A content type that must never be read.
BENT = "application/x-python-serialize"
NOISE = ("", "{", "[]", "null", "7", '{"body": 1}', '"x"', "\udcff" * 3, "[" * 5000)


class Thief:
    """One attacker; `moves` are its arts, by name. Every move leaves the thief alive: what Redis
    answers to nonsense is no concern of its."""

    def __init__(self, url: str, seed: int, marker: str) -> None:
        self._redis = redis.Redis.from_url(url, socket_timeout=5)
        self._dice = random.Random(seed)  # noqa: S311 - reproducible, not secret
        self._keys = Identity(b"t" * 32, b"T" * 32)
        self._marker = marker
        self.watcher = Watcher(url)
        self.counts: dict[str, int] = {}
        self.moves: dict[str, tuple[int, Callable[[], None]]] = {
            "replay": (20, self.replay),
            "swap": (8, self.swap),
            "alter": (20, self.alter),
            "mix": (8, self.mix),
            "forge": (14, self.forge),
            "forge-hello": (6, self.forge_hello),
            "forge-join": (4, self.forge_join),
            "forge-halt": (6, self.forge_halt),
            "task": (8, self.task),
            "bend": (8, self.bend),
            "flood": (2, self.flood),
            "noise": (4, self.noise),
            "reorder": (6, self.reorder),
            "steal": (4, self.steal),
            "delete": (5, self.delete),
            "wrong-type": (1, self.wrong_type),
            "shout": (5, self.shout),
            "cut": (1, self.cut),
            "wipe": (1, self.wipe),
        }

    def move(self) -> str:
        """One move by chance; its name."""
        names = list(self.moves)
        (name,) = self._dice.choices(names, [self.moves[each][0] for each in names])
        with suppress(redis.RedisError):
            self.moves[name][1]()
        self.counts[name] = self.counts.get(name, 0) + 1
        return name

    def close(self) -> None:
        self.watcher.stop()
        self._redis.close()

    # -- with what passed ------------------------------------------------------------------------

    def replay(self) -> None:
        """A message that passed, once more."""
        place = self._place()
        if found := self._caught(place):
            self._push(place, found)

    def swap(self) -> None:
        """A message for one side, to the other."""
        place = self._place()
        if found := self._caught(place):
            self._push("home" if place == NODE else NODE, found)

    def alter(self) -> None:
        """One to three changes in an envelope that passed."""
        place = self._place()
        envelope = self._envelope(place)
        if envelope is None:
            return
        text = bytearray(envelope.encode())
        for _ in range(self._dice.choice((1, 1, 2, 3))):
            text[self._dice.randrange(len(text))] = self._dice.randrange(32, 127)
        self._send(place, text.decode(errors="replace"))

    def mix(self) -> None:
        """Fields of one honest envelope in another."""
        place = self._place()
        one, two = self._envelope(place), self._envelope(self._place())
        if one is None or two is None:
            return
        fields, other = json.loads(one), json.loads(two)
        for name in self._dice.sample(sorted(fields), self._dice.choice((1, 2, 3))):
            fields[name] = other.get(name)
        with suppress(TypeError):
            self._send(place, canonical(fields))

    # -- with keys of its own --------------------------------------------------------------------

    def forge(self) -> None:
        """A step, a result, a halt, a permit: whatever would do something."""
        place = self._place()
        kind = self._dice.choice(
            ("step", "result", "halt", "cancel", "blob-chunk", "accepted", "welcome", "heads",
             "grant-keys", "halted"),
        )  # fmt: skip
        sender = self._dice.choice(("home", NODE, "laptop"))
        argv = ["/bin/sh", "-c", f"echo owned > {self._marker}"]
        body = {
            "run_id": new_id(), "position": "0", "name": "command.run", "version": 1,
            "digest": "0" * 64, "label": "open", "attempt": 1, "state": "done", "value": "owned",
            "inputs": {"argv": argv}, "id": new_id(), "phase": "perform", "permit": None,
        }  # fmt: skip
        self._send(place, self._written(sender, place, kind, body))

    def forge_hello(self) -> None:
        """A node that is not there, or this node with other keys."""
        body = {"can": {"steps": ["command.run"]}, "load": {"busy": 0}}
        sender = self._dice.choice((NODE, "laptop", "pc2"))
        self._send("home", self._written(sender, "home", "hello", body))

    def forge_join(self) -> None:
        """A machine that nobody invited."""
        keys = self._keys.public
        body = {
            "invitation": f"{self._dice.getrandbits(128):032x}", "sign": keys.sign,
            "seal": keys.seal, "boot": "b", "place": "mine", "system": "Linux", "machine": "x",
            "mac": f"{self._dice.getrandbits(256):064x}",
        }  # fmt: skip
        self._send("home", self._written(self._dice.choice((NODE, "tv")), "home", "join", body))

    def forge_halt(self) -> None:
        """A record that would stop runs, or an old one once more."""
        if self.watcher.halts and self._dice.random() < 0.5:
            self._redis.set(HALT, self._dice.choice(self.watcher.halts))
            return
        fields = {"v": 1, "to": NODE, "runs": [new_id()], "epoch": 2**40}
        signed = self._keys.sign(Context.HALT, canonical(fields).encode())
        self._redis.set(HALT, canonical({**fields, "sig": signed.hex()}))

    def _written(self, sender: str, to: str, kind: str, body: dict[str, Any]) -> str:
        head = Head(new_id(), sender, to, kind, self._dice.choice(("", "b")), 1, 0, 0)
        dated = envelopes.issued(head, datetime.now(UTC))
        return envelopes.write(dated, Content(body), self._keys, self._keys.public.seal)

    # -- with the queue system -------------------------------------------------------------------

    def task(self) -> None:
        """A task of ours with wild arguments, or a foreign one, with callbacks behind it."""
        name = self._dice.choice(
            (broker.ADVANCE, broker.RUN_STEP, broker.TICK, broker.RECEIVE, "celery.chain",
             "celery.backend_cleanup", "os.system", "run", "celery.map"),
        )  # fmt: skip
        wild: tuple[Any, ...] = ("x", 7, None, {"a": []}, ["x"] * 50, f"echo > {self._marker}")
        args = [self._dice.choice(wild) for _ in range(self._dice.randrange(3))]
        call = {"task": "os.system", "args": [f"echo owned > {self._marker}"], "kwargs": {}}
        canvas = {"callbacks": [call], "errbacks": [call], "chain": [call], "chord": call}
        self._push(self._place(), self.message(name, args, canvas))

    def bend(self) -> None:
        """A message of Celery's with one part of it grown wild."""
        whole = json.loads(self.message(broker.RECEIVE, ["x"]))
        inner = self._dice.choice((whole, whole["headers"], whole["properties"]))
        name = self._dice.choice((*inner, "compression", "eta", "expires", "timelimit", "retries"))
        inner[name] = self._dice.choice((None, 7, [], {}, "x", "2999-01-01", [1, 2], BENT))
        self._push(self._place(), json.dumps(whole))

    def flood(self) -> None:
        """Much at once."""
        place = self._place()
        many = [self.message(broker.RECEIVE, ["x" * 1000]) for _ in range(FLOOD)]
        self._redis.lpush(QUEUES[place], *many)

    def noise(self) -> None:
        """What is no message at all."""
        noise = self._dice.choice(NOISE).encode(errors="surrogateescape")
        self._redis.lpush(QUEUES[self._place()], noise)

    def reorder(self) -> None:
        """What waits, in another order."""
        queue = QUEUES[self._place()]
        waiting = list(self._redis.lrange(queue, 0, -1))
        self._dice.shuffle(waiting)
        if waiting:
            self._redis.delete(queue)
            self._redis.rpush(queue, *waiting)

    def steal(self) -> None:
        """What waits is gone."""
        self._redis.rpop(QUEUES[self._place()])

    def delete(self) -> None:
        """A key by chance."""
        keys = sorted(self._redis.keys("*"))
        if keys:
            self._redis.delete(self._dice.choice(keys))

    def wrong_type(self) -> None:
        """A queue that is no list any more, for a moment."""
        queue = QUEUES[self._place()]
        self._redis.set(queue, "x", px=200)

    def shout(self) -> None:
        """Noise on the channels."""
        channel = self._dice.choice((broker.LIVE_CHANNEL, broker.NOTICES_CHANNEL, "celeryev"))
        frame = {"place": NODE, "run": new_id(), "sequence": 1, "at": 0, "sealed": "x"}
        self._redis.publish(channel, self._dice.choice((*NOISE[:6], canonical(frame))))

    def cut(self) -> None:
        """Every connection but its own is closed."""
        mine = self._redis.client_id()
        for client in self._redis.client_list():
            if int(client["id"]) != mine and client.get("cmd") != "monitor":
                with suppress(redis.RedisError):
                    self._redis.client_kill_filter(_id=client["id"])

    def wipe(self) -> None:
        """Everything is gone."""
        self._redis.flushall()

    # -- inside ----------------------------------------------------------------------------------

    def _place(self) -> str:
        return self._dice.choice(tuple(QUEUES))

    def _caught(self, place: str) -> str | None:
        kept = self.watcher.caught[place]
        return self._dice.choice(kept) if kept else None

    def _envelope(self, place: str) -> str | None:
        """The envelope inside a message that passed."""
        found = self._caught(place)
        if found is None:
            return None
        try:
            [[envelope], *_] = json.loads(base64.b64decode(json.loads(found)["body"]))
            envelopes.parse(envelope)
        except (ValueError, KeyError, TypeError, AttributeError, Refused):
            return None
        return str(envelope)

    def _send(self, place: str, envelope: str) -> None:
        self._push(place, self.message(broker.RECEIVE, [envelope]))

    def _push(self, place: str, message: str) -> None:
        self._redis.lpush(QUEUES[place], message.encode(errors="surrogatepass"))

    def message(self, task: str, args: list[Any], canvas: dict[str, Any] | None = None) -> str:
        """A message as Celery's protocol 2 has it."""
        wanted = str(uuid.UUID(int=self._dice.getrandbits(128)))
        self.watcher.own.add(wanted)
        embed = canvas or {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
        body = base64.b64encode(json.dumps([args, {}, embed]).encode()).decode()
        delivery = {"exchange": "", "routing_key": broker.HOME_QUEUE}
        return json.dumps(
            {
                "body": body,
                "content-encoding": "utf-8",
                "content-type": "application/json",
                "headers": {"lang": "py", "task": task, "id": wanted, "root_id": wanted,
                            "parent_id": None, "group": None, "retries": 0},
                "properties": {"correlation_id": wanted, "delivery_mode": 2, "priority": 0,
                               "body_encoding": "base64", "delivery_tag": wanted,
                               "delivery_info": delivery},
            }
        )  # fmt: skip
