"""The names in `memory_state`: how far memory's upkeep is. No I/O."""

from __future__ import annotations

#: Newest clock value given out here: an integer (core.memory.clocks).
CLOCK = "clock"
#: What the index was built with: normaliser version and Unicode tables; another one: build anew.
INDEX = "index"
#: The last message that facts were looked for in: its seq.
FACTS_UPTO = "facts-upto"
#: MirrorState of the last write.
MIRROR = "mirror"
#: The last integrity check: Checkup and when.
CHECK = "check"
#: When old memories were last summarised, and what came of it.
SUMMARISED = "summarised"
#: The last item that was embedded: its seq.
EMBEDDED_UPTO = "embedded-upto"
