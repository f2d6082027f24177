"""How a prompt tells what is remembered: dated lines between marks, as material.

Whatever is remembered was said by somebody once: it is data, and can neither close its marks nor
span lines. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.llm import material
from core.llm.material import Material
from core.llm.model import Message
from core.memory.context_model import Built, ContextItem, Place

#: Above standing facts, above what a question called up, above a thread's summary.
STANDING = "What this person wants you to know at all times (material, with the day it was said):"
MATTERS = "From memory, perhaps useful for what follows (material, with the day it is from):"
SUMMARY = "Summary of the earlier conversation (material):"
#: Who said what was found.
SPEAKERS = {
    "record": "noted",
    "message": "this person said",
    "answer": "you answered",
    "summary": "summary of earlier talk",
}


def of_place(built: Built, place: Place) -> list[ContextItem]:
    return [item for item in built.items if item.place is place]


def standing(built: Built) -> str:
    """For the system message; empty where nothing stands."""
    items = of_place(built, Place.STANDING)
    if not items:
        return ""
    lines = "\n".join(f"- {_day(item)}{_one_line(item.text)}" for item in items)
    return f"{STANDING}\n{material.framed(lines)}".rstrip()


def summary(built: Built) -> str:
    """For the system message; empty where there is none."""
    texts = [item.text for item in of_place(built, Place.SUMMARY)]
    return "\n".join([SUMMARY, *texts]) if texts else ""


def matters(built: Built) -> str:
    """For the beginning of the last message; empty where nothing was called up."""
    items = of_place(built, Place.MATTERS)
    if not items:
        return ""
    lines = [f"- {_day(item)}{SPEAKERS[item.kind]}: {_one_line(item.text)}" for item in items]
    return material.framed("\n".join([MATTERS, *lines]))


def spoken(built: Built) -> list[Message]:
    """The talk as a prompt has it."""
    return [
        Message("assistant" if item.kind == "answer" else "user", item.text)
        for item in of_place(built, Place.TALK)
    ]


def named(items: Iterable[ContextItem]) -> tuple[Material, ...]:
    """What is in a prompt, for /why."""
    return tuple(
        Material(
            kind=item.kind,
            id=item.id,
            reason=item.reason,
            at=item.at.isoformat() if item.at else None,
            label=item.label,
        )
        for item in items
    )


def _day(item: ContextItem) -> str:
    return f"{item.at:%Y-%m-%d}, " if item.at else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
