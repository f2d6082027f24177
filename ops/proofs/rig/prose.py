"""20,000 characters of Markdown through the whole system: readable, and no character lost.

Twice: as one answer, which comes as a beginning and a file, and in answers that come as messages.
Of the messages every visible word must be there in its order, code lines exactly, links as links.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from ops.proofs.rig import systems
from ops.proofs.rig.prose_text import Block, text_of
from ops.proofs.rig.report import Dose, Verdict
from ops.proofs.rig.stand import OWNER, Stand, stand

CHARACTERS = 20_000
#: Markdown in one answer that still comes as messages.
PIECE = 8_000
WAIT_S, NAIVE_WAIT_S = 60.0, 5.0


def prove(_dose: Dose) -> Verdict:
    """The same at every dose."""
    verdict = Verdict("markdown")
    blocks = text_of(CHARACTERS)
    whole = markdown(blocks)
    pieces = in_pieces(blocks)
    verdict.tell(f"naive: {naive(markdown(pieces[0]))} messages arrive of {len(whole)} characters")
    replies = [{"when": "^whole$", "reply": whole}]
    replies += [
        {"when": f"^piece {at}$", "reply": markdown(piece)} for at, piece in enumerate(pieces)
    ]
    with stand(systems.mask(script={"rules": replies})) as at:
        messages = asked(at, "whole", is_file=True)
        verdict.expect(file_of(at, messages) == whole, "the file is not what the model wrote")
        for number, piece in enumerate(pieces):
            answer = asked(at, f"piece {number}")
            lost = missing(answer, piece)
            verdict.expect(not lost, f"piece {number}: not to be seen: {lost[:5]}")
            messages += answer
        unclean = at.simulator.violations()
    longest = max(len(each["text"].encode("utf-16-le")) // 2 for each in messages)
    verdict.tell(
        f"ours:  {len(whole)} characters as {len(messages)} messages, one file among them; "
        f"longest message {longest} units"
    )
    verdict.expect(not unclean, f"calls that Telegram does not know: {unclean[:3]}")
    return verdict


def naive(text: str) -> int:
    """Messages that a bot which trusts its model brings."""
    with tempfile.TemporaryDirectory(prefix="mask-proof-") as folder:
        path = Path(folder) / "text.md"
        path.write_text(text, encoding="utf-8")
        with stand(systems.naive("model", text=path)) as at:
            at.simulator.say("tell me", chat=OWNER)
            try:
                at.simulator.wait_message(OWNER, timeout=NAIVE_WAIT_S)
            except TimeoutError:
                return 0
            return len(at.simulator.messages(OWNER)) - 1


def asked(at: Stand, question: str, *, is_file: bool = False) -> list[dict[str, Any]]:
    """Ask, and the messages of the answer: until the line that tells who answered, or the file."""
    before = at.simulator.say(question, chat=OWNER, language_code="en")
    if is_file:
        at.simulator.wait_calls("sendDocument", timeout=WAIT_S)
    else:
        at.simulator.wait_message(OWNER, after=before, contains=TAG, timeout=WAIT_S)
    return [each for each in at.simulator.messages(OWNER, after=before) if each["from"] == "bot"]


#: Begins the line under an answer that tells model and place.
TAG = "\n· "


def file_of(at: Stand, messages: list[dict[str, Any]]) -> str:
    """The text of the one file among the messages."""
    files = [each["document"] for each in messages if each["document"]]
    return at.simulator.file(files[0]["file_id"]).decode() if len(files) == 1 else ""


def missing(messages: list[dict[str, Any]], piece: list[Block]) -> list[str]:
    """Words, lines and links of the piece that the messages do not show in order."""
    shown = "\n".join(each["text"] for each in messages)
    lost: list[str] = []
    at = 0
    for word in (word for block in piece for word in (*block.words, *block.exact)):
        found = shown.find(word, at)
        if found < 0:
            lost.append(word)
        else:
            at = found + len(word)
    entities = [entity for each in messages for entity in each["entities"]]
    addresses = {entity.get("url") for entity in entities}
    return lost + [link for block in piece for link in block.links if link not in addresses]


def markdown(blocks: list[Block]) -> str:
    return "\n\n".join(block.markdown for block in blocks)


def in_pieces(blocks: list[Block]) -> list[list[Block]]:
    """The blocks in runs that fit one answer."""
    pieces: list[list[Block]] = [[]]
    for block in blocks:
        if len(markdown([*pieces[-1], block])) > PIECE:
            pieces.append([])
        pieces[-1].append(block)
    return pieces
