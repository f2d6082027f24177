# ruff: noqa: RUF001 - look-alike letters of three scripts are the material
"""Invented memories, and questions about them whose answers are known by how they were made.

Every item is made of lemmas (a person, a noun, a verb, a place, an amount) shown in some form. A
question names two or three of an item's lemmas, disturbed in one way: other inflections, a part of
a word, a typing mistake, digits or letters of another script. Its answers are all items with those
lemmas: worked out from the making, never from a search.
"""

from __future__ import annotations

import enum
import random
from collections.abc import Sequence
from dataclasses import dataclass

import regex

from ops.proofs.rig.memory_words import FRAMES, NOUNS, RULES, SYLLABLES, SYNONYMS, VERBS

LANGUAGES = ("bn", "ar", "en")
ZEROES = {"bn": 0x09E6, "ar": 0x0660, "en": 0x30}
#: People and places of a language.
PEOPLE, PLACES = 400, 250
ZWNJ = "\u200c"


class Trouble(enum.StrEnum):
    """How a question differs from what was said."""

    INFLECTED = "inflections"
    PART = "partial words"
    MISTAKE = "typing mistakes"
    DIGITS = "digits"
    MIXED = "mixed scripts"
    MARKS = "marks and variants"


#: Of 100 questions in a language.
SHARES = {
    Trouble.INFLECTED: 25,
    Trouble.PART: 20,
    Trouble.MISTAKE: 25,
    Trouble.DIGITS: 10,
    Trouble.MIXED: 10,
    Trouble.MARKS: 10,
}


@dataclass(frozen=True)
class Made:
    """An item: its text and its lemmas, by their role."""

    text: str
    language: str
    lemmas: dict[str, str]


@dataclass(frozen=True)
class Question:
    """What is typed, and the numbers of the items that answer it."""

    words: str
    language: str
    trouble: Trouble | None  # None: a synonym
    answers: frozenset[int]


class Maker:
    """Makes items and questions; the same for the same seed."""

    def __init__(self, seed: int = 5, people: int = PEOPLE, places: int = PLACES) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - invented texts
        self.people = {each: self._names(each, people) for each in LANGUAGES}
        self.places = {each: self._names(each, places) for each in LANGUAGES}

    def items(self, count: int) -> list[Made]:
        """A third in each language; one in twelve has an English word in a Bengali or Arabic
        text."""
        return [self._item(LANGUAGES[number % 3]) for number in range(count)]

    def questions(self, items: Sequence[Made], count: int) -> list[Question]:
        """`count` by their shares, in each language alike. Each has at most ten answers."""
        return [
            self._question(items, language, trouble)
            for language in LANGUAGES
            for trouble, share in SHARES.items()
            for _ in range(max(1, round(share * count / 300)))
        ]

    def synonyms(self, items: Sequence[Made], count: int) -> list[Question]:
        """Questions with another word of the same meaning."""
        made: list[Question] = []
        while len(made) < count:
            language = LANGUAGES[len(made) % 3]
            typed, said = self._dice.choice(SYNONYMS[language])
            of = [item for item in items if item.lemmas.get("noun") == said]
            item = self._dice.choice(of)
            answers = _answers(items, item, ("noun", "place"))
            if len(answers) <= 10:
                made.append(Question(f"{typed} {item.lemmas['place']}", language, None, answers))
        return made

    def _item(self, language: str) -> Made:
        dice, rules = self._dice, RULES[language]
        noun_of = "en" if language != "en" and dice.random() < 1 / 12 else language
        lemmas = {
            "person": dice.choice(self.people[language]),
            "place": dice.choice(self.places[language]),
            "noun": dice.choice(NOUNS[noun_of].split()),
            "verb": dice.choice(VERBS[language].split()),
            "amount": str(dice.randrange(1000, 1_000_000)),
        }
        shown = {
            "person": dice.choice(rules.name(lemmas["person"])),
            "place": lemmas["place"],
            "noun": dice.choice(RULES[noun_of].noun(lemmas["noun"])),
            "verb": dice.choice(rules.verb(lemmas["verb"])),
            "amount": self._digits(lemmas["amount"], dice.choice((language, "en"))),
        }
        return Made(dice.choice(FRAMES[language]).format(**shown), language, lemmas)

    def _question(self, items: Sequence[Made], language: str, trouble: Trouble) -> Question:
        wants_english = trouble is Trouble.MIXED and language != "en"
        while True:
            item = self._dice.choice(items)
            is_mixed = item.lemmas["noun"].isascii() and language != "en"
            if item.language == language and is_mixed is wants_english:
                roles = self._roles(trouble)
                answers = _answers(items, item, roles)
                if len(answers) <= 10:
                    return Question(self.typed(item, roles, trouble), language, trouble, answers)

    def _roles(self, trouble: Trouble) -> tuple[str, str]:
        """Which two of its lemmas a question names."""
        if trouble is Trouble.DIGITS:
            return "noun", "amount"
        return ("noun", "person") if self._dice.random() < 0.7 else ("noun", "place")

    def typed(self, item: Made, roles: Sequence[str], trouble: Trouble) -> str:
        """Those of its lemmas as somebody types them who looks for the item."""
        if trouble in (Trouble.PART, Trouble.MISTAKE):
            words = self._one_of(item, roles, trouble)
        else:
            words = [self._disturbed(item, role, trouble) for role in roles]
        self._dice.shuffle(words)
        return " ".join(words)

    def _one_of(self, item: Made, roles: Sequence[str], trouble: Trouble) -> list[str]:
        """One of the words is a part, or mistaken; the other one is whole."""
        hit = max(roles, key=lambda role: (len(item.lemmas[role]) > 4, self._dice.random()))
        return [
            self._disturbed(item, role, trouble) if role == hit else item.lemmas[role]
            for role in roles
        ]

    def _disturbed(self, item: Made, role: str, trouble: Trouble) -> str:
        lemma, language = item.lemmas[role], item.language
        if role == "amount":
            return self._digits(lemma, self._dice.choice([e for e in LANGUAGES if e != language]))
        is_english = lemma.isascii()
        rules = RULES["en" if is_english else language]
        if trouble is Trouble.INFLECTED:
            forms = rules.noun(lemma) if role == "noun" else rules.name(lemma)
            return self._dice.choice([form for form in forms if form not in item.text] or forms)
        if trouble is Trouble.PART:
            return self._part(lemma)
        if trouble is Trouble.MISTAKE:
            return self._mistaken(lemma, "en" if is_english else language)
        if trouble is Trouble.MARKS:
            return self._marked(lemma, "en" if is_english else language)
        return lemma.upper() if trouble is Trouble.MIXED and language == "en" else lemma

    def _part(self, word: str) -> str:
        """Two thirds of it: from the beginning, or now and then from inside."""
        clusters = regex.findall(r"\X", word)
        keep = max(2, -(-len(clusters) * 2 // 3))
        start = 1 if self._dice.random() < 0.25 and len(clusters) > 4 else 0
        return "".join(clusters[start : start + keep])

    def _mistaken(self, word: str, language: str) -> str:
        """A sign left out, doubled, changed, or two exchanged; never the first."""
        at = self._dice.randrange(1, len(word) - 1)
        other = self._dice.choice("".join(NOUNS[language].split()))
        made = self._dice.choice(
            (
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
                word[:at] + other + word[at + 1 :],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            )
        )
        return made if made != word else self._mistaken(word, language)

    def _marked(self, word: str, language: str) -> str:
        """As another keyboard or another habit writes it."""
        if language == "ar":
            vowelled = "".join(sign + self._dice.choice(("", "\u064e", "\u0650", "\u0652"))
                               for sign in word)  # fmt: skip
            return vowelled.translate(str.maketrans("أإة", "اا" + "ه"))
        if language == "bn":
            variants = {"ি": "ী", "ু": "ূ", "ী": "ি"}
            at = next((at for at, sign in enumerate(word) if sign in variants), None)
            changed = word if at is None else word[:at] + variants[word[at]] + word[at + 1 :]
            return changed.replace("্", "্" + ZWNJ, 1)
        accents = str.maketrans("aeiou", "áéíóú")
        return word.translate(accents).upper()

    def _digits(self, number: str, language: str) -> str:
        """With or without separators, in the digits of a language."""
        if self._dice.random() < 0.4:
            number = f"{int(number):,}"
        zero = ZEROES[language]
        return "".join(chr(zero + int(sign)) if sign.isdigit() else sign for sign in number)

    def _names(self, language: str, count: int) -> list[str]:
        first, middle, end = (parts.split() for parts in SYLLABLES[language])
        made: dict[str, None] = {}
        while len(made) < count:
            inside = [self._dice.choice(middle) for _ in range(self._dice.randrange(1, 3))]
            made["".join([self._dice.choice(first), *inside, self._dice.choice(end)])] = None
        return list(made)


def _answers(items: Sequence[Made], item: Made, roles: Sequence[str]) -> frozenset[int]:
    wanted = [(role, item.lemmas[role]) for role in roles]
    return frozenset(
        number
        for number, each in enumerate(items)
        if all(each.lemmas[role] == lemma for role, lemma in wanted)
    )
