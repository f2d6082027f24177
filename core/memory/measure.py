"""How many tokens a text costs, guessed without a tokenizer.

Too high is safe (less context), too low overruns a window. Guess, the same as in `core.llm`: one
token for three UTF-8 bytes, which is about one for a Bengali letter and three ASCII characters.
"""

from __future__ import annotations

BYTES_PER_TOKEN = 3
#: Most UTF-8 bytes of a character, in tokens, rounded up.
MOST_PER_CHARACTER = 2
#: Role marks around a message in a chat template.
MESSAGE_OVERHEAD = 6


def tokens_of(text: str) -> int:
    """Upper guess of the tokens in `text`."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)


def message_tokens(text: str) -> int:
    """`tokens_of` plus what a message costs besides its text."""
    return tokens_of(text) + MESSAGE_OVERHEAD


def cut_middle(text: str, budget: int) -> str:
    """`text`, or its beginning and end within `budget` tokens with a mark of what is left out."""
    if tokens_of(text) <= budget:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if tokens_of(_ends(text, middle)) <= budget:
            low = middle
        else:
            high = middle - 1
    return _ends(text, low)


def _ends(text: str, kept: int) -> str:
    head = kept * 2 // 3
    tail = text[len(text) - (kept - head) :]
    return f"{text[:head]}\n[... {len(text) - kept} characters left out ...]\n{tail}"
