"""The words by which a message tells how it wants to be answered: data, in three languages.

Patterns are read without regard to case, over text in NFC without Arabic vowel signs and with
straight apostrophes (`wish.hints`). A word that is as often a subject as an address ("urgent care",
"জরুরি সেবা") counts only where it is closed off from the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.llm.model import Role

#: What a sign of the text may set.
Hint = Literal["urgent", "hard", "code", "summarise"]


@dataclass(frozen=True)
class Sign:
    """Where `words` are found, `hint` holds. `first`: only at the very beginning."""

    hint: Hint
    words: str
    first: bool = False


#: Behind a word that stands alone at the beginning: "urgent: ...", "hard, ...".
_ALONE = r"\s*(?:[:!,\-\u2013\u2014.\u060c\u061b\u0964\n]|$)"

_URGENT = (
    Sign("urgent", rf"(?:very )?(?:urgent(?:ly)?|asap|emergency|quick(?:ly)?){_ALONE}", first=True),
    Sign("urgent", r"(?:this|it)(?:'s| is) (?:very |really )?urgent\b", first=True),
    Sign(
        "urgent",
        r"(?:খুব |খুবই |অতি )?(?:জরুরি|জরুরী|জরূরি)"
        r"(?![\p{L}\p{M}]|\s+(?:অবস্থা|সেবা|বিভাগ|নম্বর|নাম্বার|ফোন|চিকিৎসা|আইন))",
        first=True,
    ),
    Sign("urgent", rf"(?:এক্ষুনি|এখনই|এখনি|তাড়াতাড়ি|দ্রুত){_ALONE}", first=True),
    Sign("urgent", r"(?:عاجلا|عاجل|مستعجل|على وجه السرعة|ضروري جدا)(?!\p{L})", first=True),
    Sign("urgent", r"(?:هذا|الأمر|الامر) (?:عاجل|مستعجل)(?!\p{L})", first=True),
    Sign("urgent", rf"(?:بسرعة|فورا|طارئ|حالا){_ALONE}", first=True),
)
_HARD = (
    Sign("hard", rf"(?:hard|difficult|think){_ALONE}", first=True),
    Sign("hard", r"\bthink (?:\w+ )?(?:hard|harder|carefully|deeply|twice|step by step)\b"),
    Sign("hard", r"\breason (?:carefully|step by step)\b|\bprove (?:that|why)\b"),
    Sign("hard", rf"(?:কঠিন|ভেবে){_ALONE}", first=True),
    Sign("hard", r"(?:ভালো করে|ভালোভাবে|গভীরভাবে|মন দিয়ে|ধাপে ধাপে) (?:ভেবে|ভাব|চিন্তা|যুক্তি)"),
    Sign("hard", r"প্রমাণ কর"),
    Sign("hard", rf"(?:صعب|فكر){_ALONE}", first=True),
    Sign("hard", r"(?:فكر|تفكر) (?:جيدا|بعمق|مليا|خطوة بخطوة)|(?:أثبت|اثبت|برهن) (?:أن|ان|على)"),
)
_CODE = (
    Sign("code", r"```|(?-i:^\s*(?:def \w+\(|class \w+[:({]|import \w|from \w+ import|#include))"),
    Sign("code", r"(?-i:\bTraceback \(most recent|\b\w+(?:Error|Exception): )"),
    Sign(
        "code",
        r"\b(?:write|fix|debug|refactor|review|explain|test|run|optimi[sz]e)\b[^.?!\n]{0,40}"
        r"\b(?:code|script|function|program|regex|query|unit tests?|class|method)\b",
    ),
    Sign("code", r"\b(?:python|javascript|typescript|golang|kotlin|sql|regex|c\+\+)(?!\w)"),
    Sign(
        "code",
        r"(?:কোড|স্ক্রিপ্ট|ফাংশন|প্রোগ্রাম)(?:টা|টি|টার|টির|ে)? "
        r"(?:লেখ|লিখ|ঠিক|দেখ|বানা|চালা|ব্যাখ্যা|ডিবাগ)",
    ),
    Sign("code", r"পাইথন|জাভাস্ক্রিপ্ট|টাইপস্ক্রিপ্ট|এসকিউএল"),
    Sign(
        "code",
        r"(?:اكتب|أكتب|صحح|أصلح|اصلح|اشرح|راجع) [^.؟!\n]{0,30}"
        r"(?:كود|الكود|دالة|الدالة|سكربت|برنامج)",
    ),
    Sign("code", r"بايثون|جافاسكربت|جافا سكربت"),
    #: Names of files whose content is code.
    Sign(
        "code",
        r"(?<![\w@/.])[\w-]+\.(?:py|jsx?|tsx?|java|kt|c|h|cpp|hpp|cs|go|rs|rb|php|swift|sql|sh|ps1"
        r"|html|css|ipynb|toml|ya?ml)(?![\w.-])",
    ),
)
_SUMMARISE = (
    Sign("summarise", r"\bsummar(?:y of|i[sz]e|i[sz]ing)\b|\btl;?dr\b|\bin a nutshell\b"),
    Sign("summarise", r"সারাংশ|সারসংক্ষেপ|সারমর্ম|সংক্ষেপে (?:বল|লেখ|লিখ|জানা|বুঝ)"),
    Sign("summarise", r"لخص|تلخيص|ملخص|اختصر"),
)
SIGNS: tuple[Sign, ...] = (*_URGENT, *_HARD, *_CODE, *_SUMMARISE)

#: The kind of work that a hint stands for; the first that holds counts.
ROLES: tuple[tuple[Hint, Role], ...] = (("code", Role.CODE), ("summarise", Role.SUMMARISE))

#: What came with a message, by media type or file name: pictures have to be seen.
PICTURES = r"^image/|\.(?:png|jpe?g|gif|webp|heic|bmp|tiff?)$"
CODE_KINDS = r"^(?:text/x-|application/(?:javascript|x-python|x-sh|sql))"
