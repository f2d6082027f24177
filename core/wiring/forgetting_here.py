"""Forgetting at a node: the step `forget.here` over the node's own tables and files.

Imported by workers only. Which words go is home's to say; it seals them for this node's key.
"""

from __future__ import annotations

from core.execution.trash_words import TrashWords
from core.memory.archives import Archives
from core.memory.clocks import Clocks
from core.memory.forgetting import Forgets
from core.memory.loading import Loads
from core.memory.search_index import Index
from core.memory.wiping import Wipe
from core.runs.ports import NoWake
from core.runs.runs import Runs
from core.runs.steps import BoundStep, bind
from core.seal import Identity
from core.upkeep import forgetting_here
from core.upkeep.forget_files import FolderWords
from core.wiring.hands import SCRATCH, Hands, Place


def forget_here(place: Place, hands: Hands, identity: Identity) -> list[BoundStep]:
    """The step, bound. Logs of a node are wherever its service keeps them, and hold no words."""
    clocks, index = Clocks(place.clock, place.name), Index()
    archives = Archives(place.clock, clocks, index, place.name)
    end_run = Runs(place.clock, NoWake()).cancel
    forgets = Forgets(place.clock, clocks, index, archives, Loads(archives), end_run)
    files = (
        TrashWords(hands.trash, place.master.subkey("trash")),
        FolderWords("scratch", place.folder, f"{SCRATCH}/**/*"),
        FolderWords("log", place.folder, "logs/*.log*", as_lines=True),
    )
    room = forgetting_here.ForgetHereRoom(place.db, forgets, files, Wipe(place.db), identity)
    return list(bind(forgetting_here, room))
