# ruff: noqa: RUF001, SIM905 - look-alike letters are what this file is about; lists of words
"""The tables behind the normal form: letters, endings and words of three languages; pure data.

A change of anything here changes what is indexed, so it raises `VERSION`: the index is then built
anew. Sources: Unicode 15 names and decompositions; the light stemmer of Larkey et al. 2002 for
Arabic; the spelling rules of the Bangla Academy 2012 for the pairs of Bengali letters.
"""

from __future__ import annotations

VERSION = 1

#: Digits that are written as ASCII ones: Bengali, Arabic, Persian, Devanagari zeroes.
ZEROES = (0x09E6, 0x0660, 0x06F0, 0x0966)

#: Characters without a width of their own: joiners, directions, soft hyphen, selectors.
INVISIBLE = (
    0x00AD,
    0x034F,
    0x061C,
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2065),
    *range(0x2066, 0x206A),
    *range(0xFE00, 0xFE10),
    0xFEFF,
)

#: Marks that are written or not: Arabic vowels and signs of recitation, Latin diacritics.
MARKS = (
    *range(0x0300, 0x0370),
    *range(0x0610, 0x061B),
    *range(0x064B, 0x0660),
    0x0670,
    *range(0x06D6, 0x06DD),
    *range(0x06DF, 0x06E9),
    *range(0x06EA, 0x06EE),
    0x0640,  # tatweel
)

#: Letters of one sound in one spelling. Bengali long vowels are in the reformed spelling short.
LETTERS = {
    # Arabic: alef, ya, ta marbuta, hamza on its carriers; Persian and Urdu forms of kaf, ya, ha.
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ے": "ي", "ة": "ه",
    "ک": "ك", "ہ": "ه", "ھ": "ه", "ە": "ه",
    # Bengali: long and short vowels, khanda ta, the Assamese letters.
    "ঈ": "ই", "ী": "ি", "ঊ": "উ", "ূ": "ু", "ৎ": "ত্", "ৰ": "র", "ৱ": "ব",
}  # fmt: skip

#: Hamza on a carrier is hamza: applied where the carrier stands apart from it, before LETTERS.
HAMZA = (("\u0648\u0654", "\u0621"), ("\u064a\u0654", "\u0621"))

#: Pairs of letters that stand for one another in older spellings; applied after LETTERS.
CLUSTERS = (
    ("ঙ্গ", "ংগ"),
    ("ঙ্ক", "ংক"),
    ("ঙ্খ", "ংখ"),
    ("ঙ্ঘ", "ংঘ"),
    ("ঙল", "ংল"),
    ("ষ্ট", "স্ট"),
    ("ণ্ট", "ন্ট"),
    ("ণ্ড", "ন্ড"),
    ("ণ্ঠ", "ন্ঠ"),
    ("র্ব্ব", "র্ব"),
    ("র্ম্ম", "র্ম"),
    ("র্য্য", "র্য"),
    ("র্ত্ত", "র্ত"),
    ("র্দ্দ", "র্দ"),
)

#: Endings of Bengali words in the normal form: case, number, article, emphasis, then verbs.
BENGALI_ENDINGS = (
    "গুলোর", "গুলোকে", "গুলোতে", "গুলোই", "গুলো", "গুলির", "গুলিকে", "গুলিতে", "গুলি", "সমুহ",
    "টাকে", "টিকে", "টাতে", "টিতে", "টার", "টির", "টাই", "টাও", "টা", "টি", "খানার", "খানা", "খানি",
    "দেরকে", "দের", "েরা", "রাও", "রা", "য়ের", "য়েরা", "ের", "কে", "তে", "য়ে", "র", "ে", "ই", "ও", "য়",
    "েছিলাম", "েছিলেন", "েছিলে", "েছিল", "েছিলো", "েছি", "েছে", "েছেন", "েছ", "েছো",
    "চ্ছিলাম", "চ্ছিল", "চ্ছি", "চ্ছে", "চ্ছেন", "ছিলাম", "ছিলেন", "ছিলে", "ছিল", "ছি", "ছে", "ছেন",
    "লাম", "লেন", "লো", "লে", "ল", "তাম", "তেন", "তো", "ত", "বেন", "বো", "বে", "ব", "েন", "ি", "ো",
    "ানো", "ানোর", "বার",
)  # fmt: skip

#: Beginnings and endings of Arabic words in the normal form, with the letters that must stay.
ARABIC_BEGINNINGS = (
    ("وبال", 3), ("وكال", 3), ("فبال", 3), ("وال", 3), ("بال", 3), ("كال", 3), ("فال", 3),
    ("ولل", 3), ("لل", 3), ("ال", 3), ("و", 3), ("ف", 4), ("ب", 4), ("ل", 4), ("ك", 4), ("س", 4),
)  # fmt: skip
ARABIC_ENDINGS = (
    "تهما", "تهم", "تها", "تكم", "تنا", "تين", "تان", "هما", "كما", "ها", "هم", "هن", "كم", "كن",
    "نا", "ين", "ون", "ان", "ات", "وا", "ني", "ته", "تك", "تي", "يه", "ه", "ي", "ك", "ت", "ا",
)  # fmt: skip

#: English forms that no ending explains; the words of a line stand for each other.
IRREGULAR = (
    "be am is are was were been being", "have has had having", "do does did done doing",
    "go goes went gone going", "buy bought", "bring brought", "think thought", "catch caught",
    "teach taught", "seek sought", "fight fought", "say said says", "pay paid", "make made",
    "take took taken", "give gave given", "get got gotten", "see saw seen", "come came",
    "become became", "know knew known", "grow grew grown", "throw threw thrown", "fly flew flown",
    "draw drew drawn", "write wrote written", "drive drove driven", "ride rode ridden",
    "speak spoke spoken", "break broke broken", "choose chose chosen", "steal stole stolen",
    "wake woke woken", "eat ate eaten", "fall fell fallen", "forget forgot forgotten",
    "begin began begun", "drink drank drunk", "swim swam swum", "sing sang sung", "ring rang rung",
    "run ran", "sit sat", "meet met", "feed fed", "lead led", "read", "leave left", "lose lost",
    "keep kept", "sleep slept", "feel felt", "send sent", "spend spent", "lend lent", "build built",
    "sell sold", "tell told", "hold held", "find found", "stand stood", "understand understood",
    "win won", "hear heard", "mean meant", "wear wore worn", "hide hid hidden", "use used using",
    "man men", "woman women", "child children", "person people", "foot feet", "tooth teeth",
    "mouse mice", "wife wives", "life lives", "knife knives", "half halves", "leaf leaves",
)  # fmt: skip

#: Words that say nothing about what is looked for; used only when nothing else was typed.
STOP_WORDS = frozenset(
    """
    a an the of to in on at for and or by with from as is are was were be been am it its this that
    these those i my me mine you your we our he she his her they them their what when where which
    who whom how why did do does done have has had will would can could should about there here
    not no so if then than but into out up said say tell told
    আমি আমার আমাকে আমরা তুমি তোমার তোমাকে আপনি আপনার সে তার তাকে তিনি তারা এই সেই ওই এটা সেটা ওটা এ ও
    এবং আর বা কিন্তু কি কী কে কেন কখন কোথায় কোন কত কবে কেমন যে যা যদি তবে তো না নেই হয় ছিল আছে ছিলাম
    হবে হয়েছে করে করা জন্য সাথে সঙ্গে থেকে দিয়ে মধ্যে উপর নিয়ে সম্পর্কে বলেছিলাম বলেছি একটা একটি
    في من الى على عن مع هذا هذه ذلك تلك الذي التي ما ماذا متى اين كيف كم هل لا لم لن ان كان كانت
    انا انت هو هي نحن هم قد ثم او و يا عند كل بعد قبل قلت
    """.split()
)
