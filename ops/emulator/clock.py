"""The emulator's clock: real time plus what a test has added."""

from __future__ import annotations

import time


class SimClock:
    """Unix seconds; moves by itself and can be pushed forward, never back."""

    def __init__(self, offset_s: float = 0.0) -> None:
        self.offset_s = offset_s

    def now(self) -> float:
        return time.time() + self.offset_s

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("the emulator's clock only moves forward")
        self.offset_s += seconds
