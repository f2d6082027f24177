"""What a model is offered: tools for files and commands on the owner's machines.

Short on purpose: a 14B model reads all of this before every answer, out of a window of 8192
tokens. What a tool may do is not decided here; the engine asks the owner.
"""

from __future__ import annotations

from typing import Any

from core.llm.model import Tool

PATH = "below the top folder, '/' between names; '' is the top"


def offers(places: tuple[str, ...]) -> tuple[Tool, ...]:
    """The tools, each on one of `places`. A sleeping place is fine: its step waits."""
    return (
        _tool(
            "list_files",
            "List a folder.",
            places,
            path=_text(PATH),
            page={"type": "integer"},
            needs=("path",),
        ),
        _tool(
            "read_file",
            "Read a text file. A long one comes in pieces: read on with `line`.",
            places,
            path=_text(PATH),
            line={"type": "integer", "description": "first line wanted, from 1"},
            letter={"type": "integer", "description": "letters of it to skip"},
            needs=("path",),
        ),
        _tool(
            "search_files",
            "Find files below a folder by name or by words in them.",
            places,
            path=_text(PATH),
            words=_text("what to look for"),
        ),
        _tool(
            "write_file",
            "Write a whole text file, new or instead of the old one.",
            places,
            path=_text(PATH),
            text=_text("the whole new text"),
        ),
        _tool(
            "edit_file",
            "Change one passage of a text file. Read the file first.",
            places,
            path=_text(PATH),
            old=_text("the passage, exactly, found once; '' appends"),
            new=_text("what stands there then"),
        ),
        _tool("delete_file", "Delete a file or folder.", places, path=_text(PATH)),
        _tool(
            "run_command",
            "Run one program, without a shell: no pipes, no &&, no wildcards. It may change files "
            "only in the folders `writes`.",
            places,
            argv={
                "type": "array",
                "items": {"type": "string"},
                "description": 'program and arguments, e.g. ["git","status"]',
            },
            folder=_text("where to run"),
            writes={"type": "array", "items": {"type": "string"}},
            network={"type": "boolean"},
            needs=("argv",),
        ),
        _tool("machine_facts", "System, processors, free disk, time of a machine.", places),
    )


def _tool(
    name: str,
    description: str,
    places: tuple[str, ...],
    *,
    needs: tuple[str, ...] | None = None,
    **parameters: dict[str, Any],
) -> Tool:
    """`needs`: the parameters that must be given besides the place; all of them, unless told."""
    needed = tuple(parameters) if needs is None else needs
    return Tool(
        name=name,
        description=description,
        parameters={
            "type": "object",
            "properties": {"place": {"type": "string", "enum": list(places)}, **parameters},
            "required": ["place", *needed],
        },
    )


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}
