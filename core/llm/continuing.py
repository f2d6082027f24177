"""A stream that broke after text was shown: the next model goes on where it stopped; pure.

The next model is given the text and asked to continue it. What it repeats of it is trimmed: an
overlap at the seam, or, when it begins again at the beginning, the whole former text (then its own
answer stands instead, so nothing is said twice). A word that was cut off is left out and said anew.
Text too short to be worth it is simply replaced.

Missing guarantee: a model that says the same again in other words is not found out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.llm.model import Message, Request

#: Below this many characters the next model begins anew, and its text replaces what was shown.
LEAST_TO_CONTINUE = 40
#: The longest overlap that is looked for, and the shortest that is no coincidence, characters.
MOST_OVERLAP, LEAST_OVERLAP = 400, 4
#: A continuation that begins with so many characters of the beginning has begun again.
RESTART = 24
#: While so few have come, an overlap may still turn out; nothing is shown of them before.
UNDECIDED = 60
#: A cut-off word longer than this is no word.
LONGEST_WORD = 40

INSTRUCTION = (
    "Your answer was cut off. Continue it exactly where it stops, in the same language and form. "
    "Do not repeat anything of it, do not greet, do not comment on the interruption."
)


def worth_continuing(text: str) -> bool:
    """Whether so much was shown that it must not be said again."""
    return len(text.strip()) >= LEAST_TO_CONTINUE


def continued(request: Request, said: str) -> Request:
    """The request for whoever goes on."""
    if not said:
        return request
    kept, _ = _at_a_word(said)
    more = (Message("assistant", kept), Message("user", INSTRUCTION))
    return replace(request, messages=(*request.messages, *more))


@dataclass(frozen=True)
class Seam:
    """Where a continuation joins what was said. `said` empty: there is nothing to join."""

    said: str = ""

    def live(self, text: str) -> str:
        """The whole text so far, for showing: never shorter than what was shown."""
        if not self.said:
            return text
        if len(text) < len(self.said) and self._maybe_repeats(text):
            return self.said
        return self.whole(text)

    def whole(self, text: str) -> str:
        """Both, without what the continuation repeats."""
        if not self.said or not text.strip():
            return self.said or text
        if _begins_again(self.said, text):
            return text
        kept, gap = _at_a_word(self.said)
        more = text.lstrip()
        for before in (self.said, kept):
            shared = _overlap(before, more)
            if shared:
                return before + more[shared:]
        return kept + (gap or text[: len(text) - len(more)]) + more

    def _maybe_repeats(self, text: str) -> bool:
        """Whether what has come so far may still turn out to be a repetition."""
        start = text.lstrip()
        if self.said.lstrip().startswith(start[:RESTART]):
            return True
        return len(start) < UNDECIDED and start[:LEAST_OVERLAP] in self.said[-MOST_OVERLAP:]


def _at_a_word(text: str) -> tuple[str, str]:
    """The text up to its last whole word, and the blanks after it. Where no blank is near, all."""
    cut = len(text)
    while cut > 0 and not text[cut - 1].isspace():
        cut -= 1
    if len(text) - cut > LONGEST_WORD or cut == 0:
        return text, ""
    kept = text[:cut].rstrip()
    return (kept, text[len(kept) : cut]) if kept else (text, "")


def _begins_again(said: str, text: str) -> bool:
    start = said.lstrip()[:RESTART]
    return len(start) == RESTART and text.lstrip().startswith(start)


def _overlap(before: str, after: str) -> int:
    """Characters of `after`'s beginning that are `before`'s end."""
    most = min(len(before), len(after), MOST_OVERLAP)
    for length in range(most, LEAST_OVERLAP - 1, -1):
        if before.endswith(after[:length]):
            return length
    return 0
