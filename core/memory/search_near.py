"""How near two words are: typing mistakes between them; pure.

One mistake is a sign left out, added, changed, or two neighbours exchanged. How many a word may
have grows with its length: a short one becomes another word too soon.
"""

from __future__ import annotations

#: From that many signs on, one mistake, and two.
ONE_FROM, TWO_FROM = 3, 8


def allowed(word: str) -> int:
    """Mistakes that a word may have and still be meant. Numbers mean themselves."""
    if len(word) < ONE_FROM or word.isdecimal():
        return 0
    return 2 if len(word) >= TWO_FROM else 1


def mistakes(one: str, other: str, most: int) -> int:
    """How many mistakes lie between them; `most` + 1 for more than `most`."""
    if one == other:
        return 0
    if abs(len(one) - len(other)) > most:
        return most + 1
    one, other = _different(one, other)
    if not one or not other:
        return min(len(one) + len(other), most + 1)
    return _counted(one, other, most) if most > 1 else _single(one, other, most)


def _different(one: str, other: str) -> tuple[str, str]:
    """What is left between a common beginning and a common end."""
    shorter = min(len(one), len(other))
    start = 0
    while start < shorter and one[start] == other[start]:
        start += 1
    end = 0
    while end < shorter - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return one[start : len(one) - end], other[start : len(other) - end]


def _single(one: str, other: str, most: int) -> int:
    """Nothing in common at the ends any more: one changed sign, two exchanged ones, or more."""
    is_one = len(one) == len(other) == 1
    is_exchange = len(one) == 2 and one == other[::-1]  # noqa: PLR2004
    return 1 if most and (is_one or is_exchange) else most + 1


def _counted(one: str, other: str, most: int) -> int:
    """Optimal string alignment, row by row; gives up when a row is above `most`."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for at, sign in enumerate(one, 1):
        row = [at]
        for to, other_sign in enumerate(other, 1):
            cost = min(last[to] + 1, row[to - 1] + 1, last[to - 1] + (sign != other_sign))
            exchanged = at > 1 and to > 1 and sign == other[to - 2] and one[at - 2] == other_sign
            row.append(min(cost, before[to - 2] + 1) if exchanged else cost)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return min(last[-1], most + 1)
