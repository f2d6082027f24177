"""The only place where ports meet adapters: what each process is made of.

`house` is what the bot and the workers share: the database and the stores over it.
`home_worker` adds the engine with its rooms. Rooms that only a worker needs are imported there,
so the bot starts without models and the engine. Decides nothing else; called by each process once.
"""

from core.wiring.home import HomeWorker, home_worker
from core.wiring.house import (
    House,
    house,
    house_over,
    open_master,
    redaction_of,
    set_up_logging,
)

__all__ = [
    "HomeWorker",
    "House",
    "home_worker",
    "house",
    "house_over",
    "open_master",
    "redaction_of",
    "set_up_logging",
]
