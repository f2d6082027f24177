# ruff: noqa: E501, RUF001 - look-alike letters of three scripts are the material
"""Words that invented memories are made of, in three languages, with their inflections by rule.

The rules here are written for the language, not for the search that is tested: nothing is taken
from its tables. A lemma has forms; an item shows one of them, a query another one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

NOUNS = {
    "en": (
        "insurance passport mortgage kitchen bicycle garden battery camera wedding hospital "
        "printer licence balcony dentist airport library recipe holiday invoice tenant plumber "
        "carpet laptop umbrella curtain fridge ticket museum pension contract blanket medicine "
        "teacher visa suitcase heater boiler mattress warranty receipt festival meeting project "
        "password account office window engine market doctor lawyer bakery tailor charger helmet"
    ),
    "bn": (
        "গাড়ি বিমা পাসপোর্ট রান্নাঘর সাইকেল বাগান ব্যাটারি ক্যামেরা বিয়ে হাসপাতাল ছাপাখানা বারান্দা ডাক্তার "
        "বিমানবন্দর গ্রন্থাগার ছুটি চালান ভাড়াটে মিস্ত্রি কার্পেট ছাতা পর্দা টিকিট জাদুঘর পেনশন চুক্তি কম্বল ওষুধ "
        "শিক্ষক ভিসা সুটকেস হিটার বালিশ রশিদ উৎসব সভা প্রকল্প হিসাব অফিস জানালা ইঞ্জিন বাজার উকিল বেকারি "
        "দর্জি হেলমেট পরীক্ষা মোবাইল দোকান আলমারি পুকুর নৌকা শাড়ি ঘড়ি চশমা কলেজ"
    ),
    "ar": (
        "سيارة تأمين جواز مطبخ دراجة حديقة بطارية كاميرا عرس مستشفى طابعة شرفة طبيب مطار مكتبة وصفة "
        "إجازة فاتورة مستأجر سباك سجادة مظلة ستارة ثلاجة تذكرة متحف تقاعد عقد بطانية دواء معلم تأشيرة "
        "حقيبة مدفأة سخان مرتبة ضمان إيصال مهرجان اجتماع مشروع حساب مكتب نافذة محرك سوق محامي مخبز خياط "
        "شاحن خوذة امتحان هاتف دكان خزانة قارب ساعة نظارة كلية"
    ),
}
VERBS = {
    "en": "repair order cancel borrow paint clean collect deliver discuss inspect renew rent replace",
    "bn": "কিন কর দেখ রাখ পাঠ আন লিখ শুন পড় বল ধর তুল",
    "ar": "أصلح طلب ألغى استعار نظف جمع سلم ناقش فحص جدد استأجر",
}
#: Parts that names of people and places are made of.
SYLLABLES = {
    "en": ("Ber Mar Tol Hask Wen Dor Ful Kel Ros Stan Lin Garn Pell Tram Vor", "ak en is ol ur im",
           "dale ford son well ley more wick stead"),
    "bn": ("রহ কর সেল মাহ তান নাস ফার জাহ শাম বাদ হাস রাই লুৎ মোর কাস", "ম ি া ু ান ির",
           "পুর গঞ্জ দিন নগর উদ্দিন কান্দি তলা হাট"),
    "ar": ("سلم نور كرم فهد جمل حسن رضو عمر بدر طلع مجد شكر نصر زهر فرج", "ا ي و ان اي",
           "ون دين بور زاد فر ستان خان مند"),
}  # fmt: skip
#: Frames of items: person, noun, verb, place, amount; in no fixed order of importance.
FRAMES = {
    "en": (
        "{person} will {verb} the {noun} in {place} for {amount}",
        "The {noun} from {place}: {person} {verb} it, {amount} in all",
        "Note about {noun}: ask {person} in {place}, reference {amount}",
        "{amount} paid to {person} for the {noun}, {verb} at {place}",
    ),
    "bn": (
        "{person} {place} থেকে {noun} {verb}, খরচ {amount} টাকা",
        "{noun} নিয়ে {person} এর সাথে কথা, জায়গা {place}, নম্বর {amount}",
        "{place} {noun} {verb} {person}, মোট {amount}",
        "{amount} টাকা {person} কে দিলাম, {noun} {verb} {place}",
    ),
    "ar": (
        "{person} {verb} {noun} في {place} بمبلغ {amount}",
        "ملاحظة عن {noun}: اسأل {person} في {place} رقم {amount}",
        "دفعت {amount} إلى {person} مقابل {noun} {verb} من {place}",
        "{noun} من {place} {verb} {person} والمجموع {amount}",
    ),
}
#: Words of one meaning, for the queries that only meaning can answer: typed, and said.
SYNONYMS = {
    "en": (("coverage", "insurance"), ("bike", "bicycle"), ("physician", "doctor"),
           ("attorney", "lawyer"), ("vacation", "holiday"), ("notebook", "laptop"),
           ("drug", "medicine"), ("refrigerator", "fridge"), ("marriage", "wedding"),
           ("bill", "invoice")),
    "bn": (("মোটরযান", "গাড়ি"), ("চিকিৎসক", "ডাক্তার"), ("লাইব্রেরি", "গ্রন্থাগার"), ("অবকাশ", "ছুটি"),
           ("আইনজীবী", "উকিল"), ("দপ্তর", "অফিস"), ("মেলা", "উৎসব"), ("বৈঠক", "সভা"),
           ("বিবাহ", "বিয়ে"), ("মিউজিয়াম", "জাদুঘর")),
    "ar": (("مركبة", "سيارة"), ("حكيم", "طبيب"), ("عطلة", "إجازة"), ("زفاف", "عرس"),
           ("علاج", "دواء"), ("مدرس", "معلم"), ("جوال", "هاتف"), ("متجر", "دكان"),
           ("اختبار", "امتحان"), ("شنطة", "حقيبة")),
}  # fmt: skip

Forms = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Rules:
    """How a language inflects: every form of a noun, of a verb, of a name."""

    noun: Forms
    verb: Forms
    name: Forms


def _english_noun(word: str) -> list[str]:
    if word.endswith("y") and word[-2] not in "aeiou":
        return [word, word[:-1] + "ies", word + "'s"]
    return [word, word + "s", word + "'s"]


def _english_verb(word: str) -> list[str]:
    if word.endswith("e"):
        return [word, word + "s", word + "d", word[:-1] + "ing"]
    double = "l" if word == "cancel" else ""
    past = [word + double + "ed", word + double + "ing"]
    return [word, word + "s", *past]


def _bengali_noun(word: str) -> list[str]:
    """Genitive, locative, accusative, with and without article, plural."""
    ends_open = word[-1] in "ািীুূেৈোৌঁ"
    genitive = word + ("র" if ends_open else "ের")
    locative = word + ("তে" if ends_open else "ে")
    return [word, genitive, locative, word + "টা", word + "টার", word + "গুলো", word + "গুলোর"]


def _bengali_verb(root: str) -> list[str]:
    return [root + ending for ending in ("েছি", "লাম", "ব", "তে হবে", "েছিলাম", "বে", "ছি")]


def _arabic_noun(word: str) -> list[str]:
    if word.endswith("ة"):
        base = word[:-1] + "ت"
        more = [base + "ي", base + "ها", word[:-1] + "ات"]
    elif word.endswith("ى"):
        more = [word[:-1] + "اه", word[:-1] + "اها"]
    else:
        more = [word + "ي", word + "ها", word + "نا"]
    return [word, "ال" + word, "بال" + word, "وال" + word, "لل" + word, *more]


def _arabic_verb(word: str) -> list[str]:
    return [word, word + "ت", word + "نا", "و" + word]


RULES = {
    "en": Rules(_english_noun, _english_verb, lambda name: [name, name + "'s"]),
    "bn": Rules(
        _bengali_noun,
        _bengali_verb,
        lambda name: [name, name + ("র" if name[-1] in "ািু" else "ের"), name + "কে"],
    ),
    "ar": Rules(_arabic_noun, _arabic_verb, lambda name: [name, "و" + name, "ل" + name]),
}
