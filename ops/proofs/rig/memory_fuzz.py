# ruff: noqa: RUF001 - look-alike letters are among the wild ones
"""Nothing that is typed is a query language: 100,000 wild queries, and not one error.

The control hands the same words to FTS5 as they are, and must see syntax errors.
"""

from __future__ import annotations

import random

import sqlalchemy as sa

from ops.proofs.rig.memory_room import Room, room
from ops.proofs.rig.memory_texts import Maker
from ops.proofs.rig.report import Dose, Verdict

QUERIES, ITEMS = 100_000, 200
#: What query languages and encodings trip over, beside letters of three scripts.
PIECES = (
    '"', "'", "(", ")", "*", "^", ":", "-", "+", "{", "}", "AND", "OR", "NOT", "NEAR(", "NEAR/2",
    "text:", "rowid", ",", ";", "--", "/*", "%", "_", "\\", "\x00", "\ud800", "\u200d", "\u09cd",
    "\u0651", "🎉", "a", "কি", "ك", "ে", "ا", "১২", "٣", "NULL", "'''", '""', '"a', "«", "”", "\n",
    "\uffff", "\U0010ffff", "\ue000", "ﷺ", "ß", "İ",
)  # fmt: skip


def prove(dose: Dose) -> Verdict:
    verdict = Verdict("fuzz")
    dice = random.Random(3)  # noqa: S311 - wild words
    maker = Maker(3)
    items = [item.text for item in maker.items(ITEMS)]
    known = " ".join(items).split()
    with room() as ours:
        ours.fill(items)
        naive = sum(_fails(ours, wild(dice, known)) for _ in range(1000))
        verdict.tell(f"control: of 1000 wild queries, FTS5 as it is refuses {naive}")
        verdict.expect(naive > 0, "the naive way had no error: the harness proves nothing")
        many, found = dose.of(QUERIES, least=1000), 0
        for number in range(many):
            words = wild(dice, known)
            try:
                found += bool(ours.find(words).hits)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
                verdict.expect(holds=False, sentence=f"{words!r}: {error!r}"[:300])
                if len(verdict.broken) > 5:
                    break
            if number % 20_000 == 19_999:
                verdict.tell(f"{number + 1} queries")
    verdict.tell(f"{many} wild queries, {found} of them found something, errors: "
                 f"{len(verdict.broken)}")  # fmt: skip
    return verdict


def wild(dice: random.Random, known: list[str]) -> str:
    """Up to eight pieces, some of them real words, with or without spaces."""
    pieces = [
        dice.choice(known) if dice.random() < 0.25 else dice.choice(PIECES)
        for _ in range(dice.randrange(0, 9))
    ]
    return dice.choice((" ", "", " ")).join(pieces)


def _fails(ours: Room, words: str) -> bool:
    try:
        with ours.db.read() as tx:
            asked = words.encode("utf-8", "ignore").decode()
            sql = "SELECT rowid FROM search_words WHERE search_words MATCH ? LIMIT 1"
            tx.connection.exec_driver_sql(sql, (asked,)).all()
    except sa.exc.DBAPIError:
        return True
    return False
