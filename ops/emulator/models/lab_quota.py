"""What a fake provider really grants: sliding windows of requests and tokens, per bucket.

A refused request counts as nothing, but its moment is known. Times are the server's monotonic
seconds, passed in.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from ops.emulator.models.lab_script import Quota

MINUTE_S, DAY_S = 60.0, 86_400.0


@dataclass(frozen=True)
class Gauge:
    """One dimension as a header tells it; `reset_s`: until the window is empty again."""

    most: int
    left: int
    reset_s: float


@dataclass(frozen=True)
class Shortage:
    """Why a request is refused: the dimension (`rpm` ...), and when it would fit."""

    dimension: str
    most: int
    used: int
    wanted: int
    wait_s: float


class Window:
    """Amounts of the last `length_s` seconds."""

    def __init__(self, length_s: float) -> None:
        self.length_s = length_s
        self.used = 0
        self._entries: deque[tuple[float, int]] = deque()

    def add(self, now: float, amount: int) -> None:
        self._forget(now)
        self._entries.append((now, amount))
        self.used += amount

    def used_at(self, now: float) -> int:
        self._forget(now)
        return self.used

    def free_in(self, now: float, amount: int) -> float:
        """Seconds until `amount` has left the window; all of it when there is less."""
        self._forget(now)
        gone = 0
        for at, each in self._entries:
            gone += each
            if gone >= amount:
                return at + self.length_s - now
        return self._entries[-1][0] + self.length_s - now if self._entries else 0.0

    def _forget(self, now: float) -> None:
        while self._entries and self._entries[0][0] <= now - self.length_s:
            self.used -= self._entries.popleft()[1]


class Meter:
    """The windows of one bucket."""

    def __init__(self, quota: Quota) -> None:
        mosts = {"rpm": quota.rpm, "rpd": quota.rpd, "tpm": quota.tpm, "tpd": quota.tpd}
        self._mosts = {name: most for name, most in mosts.items() if most is not None}
        self._windows = {
            name: Window(MINUTE_S if name.endswith("m") else DAY_S) for name in self._mosts
        }
        self._exhausted_until = 0.0

    def exhaust(self, until: float) -> None:
        """Refuse everything until then."""
        self._exhausted_until = until

    def take(self, now: float, tokens: int) -> Shortage | None:
        """Count a request of so many tokens, or say why it does not fit."""
        if now < self._exhausted_until:
            most = self._mosts.get("rpd", 1000)
            return Shortage("rpd", most, most, 1, self._exhausted_until - now)
        for name, most in self._mosts.items():
            wanted = 1 if name.startswith("r") else tokens
            used = self._windows[name].used_at(now)
            if used + wanted > most:
                wait_s = self._windows[name].free_in(now, used + wanted - most)
                return Shortage(name, most, used, wanted, wait_s)
        for name, window in self._windows.items():
            window.add(now, 1 if name.startswith("r") else tokens)
        return None

    def gauges(self, now: float) -> dict[str, Gauge]:
        """Every limited dimension; during an exhaustion nothing is left anywhere."""
        found = {}
        for name, most in self._mosts.items():
            used = self._windows[name].used_at(now)
            reset_s = self._windows[name].free_in(now, used) if used else 0.0
            found[name] = Gauge(most, max(0, most - used), reset_s)
        if now < self._exhausted_until:
            until_s = self._exhausted_until - now
            found = {name: Gauge(each.most, 0, until_s) for name, each in found.items()}
        return found
