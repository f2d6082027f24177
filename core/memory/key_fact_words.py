"""Words that key facts are recognised by: months, scales, titles, names; data only.

Spelled as people write them; `core.memory.key_facts` brings them into the normal form. The names
are a choice of the usual ones of Bangladesh, the Arab countries and English: Bengali and Arabic
have no capitals, so a name without a title beside it is known from here only. Written down from
knowledge of the three languages; nothing was copied from a list.
"""

from __future__ import annotations


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: Two digits of the Gregorian months; the Bengali and Hijri calendars count beside them.
_GREGORIAN = (
    "january jan জানুয়ারি জানুয়ারী يناير كانون_الثاني",
    "february feb ফেব্রুয়ারি ফেব্রুয়ারী فبراير شباط",
    "march mar মার্চ مارس اذار",
    "april apr এপ্রিল ابريل نيسان",
    "may মে مايو ايار",
    "june jun জুন يونيو حزيران",
    "july jul জুলাই يوليو تموز",
    "august aug আগস্ট অগাস্ট আগষ্ট اغسطس اب",
    "september sept sep সেপ্টেম্বর سبتمبر ايلول",
    "october oct অক্টোবর اكتوبر تشرين_الاول",
    "november nov নভেম্বর نوفمبر تشرين_الثاني",
    "december dec ডিসেম্বর ديسمبر كانون_الاول",
)
_BENGALI = "বৈশাখ জ্যৈষ্ঠ আষাঢ় শ্রাবণ ভাদ্র আশ্বিন কার্তিক অগ্রহায়ণ পৌষ মাঘ ফাল্গুন চৈত্র"
_HIJRI = (
    "محرم صفر ربيع_الاول ربيع_الثاني جمادى_الاولى جمادى_الثانية رجب شعبان رمضان شوال "
    "ذو_القعدة ذو_الحجة"
)


def _months() -> dict[str, str]:
    named = {
        name.replace("_", " "): f"{number:02}"
        for number, names in enumerate(_GREGORIAN, start=1)
        for name in names.split()
    }
    for sign, names in (("b", _BENGALI), ("h", _HIJRI)):
        for number, name in enumerate(names.split(), start=1):
            named[name.replace("_", " ")] = f"{sign}{number:02}"
    return named


#: Month by name, in lower case.
MONTHS = _months()

#: What a number is multiplied with by the word after it.
SCALES = {
    **dict.fromkeys(("hundred", "শত", "শো"), 100),
    **dict.fromkeys(("thousand", "k", "হাজার", "الف", "الاف"), 1_000),
    **dict.fromkeys(("lakh", "lac", "লাখ", "লক্ষ"), 100_000),
    **dict.fromkeys(("million", "মিলিয়ন", "مليون", "ملايين"), 1_000_000),
    **dict.fromkeys(("crore", "কোটি"), 10_000_000),
    **dict.fromkeys(("billion", "বিলিয়ন", "مليار"), 1_000_000_000),
}

#: Small numbers in words; they stand for digits, and never make a fact of their own.
_SMALL = (
    "zero শূন্য صفر",
    "one single এক একটি একটা একজন واحد واحدة",
    "two both pair দুই দু দুটি দুটো দুজন اثنان اثنين اثنتان",
    "three তিন তিনটি তিনটা তিনজন ثلاث ثلاثة",
    "four চার চারটি চারটা চারজন اربع اربعة",
    "five পাঁচ পাঁচটি পাঁচটা পাঁচজন خمس خمسة",
    "six ছয় ছয়টি ছয়টা ست ستة",
    "seven সাত সাতটি সাতটা سبع سبعة",
    "eight আট আটটি আটটা ثمان ثماني ثمانية",
    "nine নয় নয়টি নয়টা تسع تسعة",
    "ten দশ দশটি দশটা عشر عشرة",
    "eleven এগারো",
    "twelve dozen বারো",
)
SMALL = {word: str(number) for number, words in enumerate(_SMALL) for word in words.split()}

#: The word after these is a name ...
TITLES = _set(
    """
    mr mrs ms dr prof professor sir madam uncle aunt brother sister named called জনাব
    মিস্টার মিসেস মিস ডা ডাঃ ড ডক্টর ডাক্তার প্রফেসর অধ্যাপক মাওলানা মোঃ মো মোহাম্মদ
    মুহাম্মদ শ্রী নাম السيد السيدة الدكتور الدكتورة الاستاذ الاستاذة الشيخ المهندس المهندسة
    الحاج الحاجة اسمه اسمها اسمي
    """
)
#: ... and the word before these.
HONOURS = _set(
    """
    সাহেব ভাই আপা আপু স্যার ম্যাডাম চাচা চাচী খালা মামা দাদা দিদি কাকা বেগম
    """
)
#: Words that stand beside titles and are none.
NO_NAMES = _set(
    """
    আমার আমাদের তার তাঁর তাদের তোমার আপনার ওর এর বড় ছোট মেজ সেজ একজন এক কোনো সেই এই ওই ও
    এবং হল হলো কি কী রাখা রাখো দিয়ে দিয়েছে ছিল আছে নেই বদলে কাছে সাথে জন্য হচ্ছে দেওয়া
    লেখা বলে ছাড়া في من على الى هو هي هذا هذه الذي التي ان كان قال و ما لا
    """
)

#: Usual names of persons and places.
NAMES_BN = _set(
    """
    রহিম করিম রহমান আহমেদ আহমদ হাসান হোসেন হোসাইন আলী ইসলাম উদ্দিন খাতুন আক্তার আখতার চৌধুরী
    মজুমদার ভূঁইয়া তালুকদার শেখ সৈয়দ কামাল জামাল জসিম রফিক শফিক কালাম বরকত জব্বার মাহমুদ
    মাহফুজ তানভীর ফারুক ফারহান ফারহানা নাসরিন শিরিন সাবিনা রুবিনা রোকেয়া ফাতেমা আয়েশা
    খাদিজা মরিয়ম সুমন সুমি সুমাইয়া রিনা মিনা নাদিয়া সাদিয়া তানিয়া নাবিলা সাকিব তামিম
    মুশফিক মাশরাফি রাসেল সোহেল জুয়েল রুবেল শাকিল আরিফ আসিফ ইমরান ইমন রিয়াজ শাহীন শাহিন
    লতিফ কাদের নজরুল রবীন্দ্রনাথ অনিক অর্ণব অমিত সুজন সুজিত দীপক প্রদীপ গোপাল রতন শুভ্র তপন
    স্বপন মুক্তা পলাশ তুহিন রাকিব রাজীব সজীব জাহিদ জাকির জাহাঙ্গীর আনোয়ার মনির মনিরুল মাসুদ
    মামুন হাবিব আতিক তৌহিদ তারেক বাশার মোস্তফা ওমর উসমান বিলাল ইউসুফ ইব্রাহিম সুলতানা নিশাত
    নুসরাত তাসনিম ঢাকা চট্টগ্রাম সিলেট রাজশাহী খুলনা বরিশাল রংপুর ময়মনসিংহ কুমিল্লা
    নোয়াখালী ফেনী যশোর বগুড়া দিনাজপুর পাবনা কুষ্টিয়া টাঙ্গাইল গাজীপুর নারায়ণগঞ্জ
    কক্সবাজার ফরিদপুর গুলশান বনানী মিরপুর উত্তরা ধানমন্ডি মতিঝিল মোহাম্মদপুর বাংলাদেশ ভারত
    কলকাতা দিল্লি পাকিস্তান নেপাল ভুটান শ্রীলঙ্কা চীন জাপান সৌদি দুবাই কাতার কুয়েত ওমান
    মালয়েশিয়া সিঙ্গাপুর লন্ডন আমেরিকা কানাডা অস্ট্রেলিয়া টয়োটা
    """
)
NAMES_AR = _set(
    """
    محمد احمد محمود حسين عمر عثمان خالد طارق يوسف ابراهيم اسماعيل عبدالله عبدالرحمن سعد سامي
    سمير كريم رحيم ياسر ياسين مصطفى مرتضى هشام هاني وليد نبيل ماجد فيصل فهد سلمان سلطان راشد
    ناصر منصور طلال تركي بندر زيد زياد عماد ايمن اشرف انور رامي باسم بلال حمزة انس فاطمة
    عائشة خديجة مريم زينب ليلى سلمى سارة منى سعاد نادية سميرة رنا ريم دينا هبة اسماء رقية
    حفصة سمية لمياء شيماء ياسمين القاهرة الاسكندرية الرياض جدة مكة الدمام دبي ابوظبي الشارقة
    الدوحة الكويت المنامة مسقط بغداد البصرة الموصل دمشق حلب بيروت عمان القدس غزة رام طرابلس
    تونس الجزائر الرباط مراكش فاس الخرطوم صنعاء عدن مصر السعودية الامارات قطر البحرين اليمن
    العراق سوريا لبنان الاردن فلسطين ليبيا المغرب السودان تركيا ايران فرنسا المانيا لندن
    باريس امريكا الصين الهند
    """
)
NAMES_EN = _set(
    """
    rahim karim rahman ahmed ahmad hasan hassan hossain hussein ali islam uddin khan begum
    akter sultana fatima aisha ayesha khadija maryam mariam omar khalid yusuf ibrahim
    mohammed muhammad mahmud kamal jamal farhan farhana nadia tania arif asif imran tanvir
    sakib tamim nusrat james john robert michael david william richard joseph thomas charles
    mary patricia jennifer linda elizabeth susan jessica sarah karen nancy lisa anna emma
    olivia sophia daniel matthew andrew peter paul george kevin brian alice bob henry lucas
    leo noah oliver ethan dhaka chittagong chattogram sylhet khulna rajshahi bangladesh
    india kolkata delhi dubai qatar cairo riyadh jeddah beirut amman baghdad london paris
    berlin tokyo canada toyota honda samsung
    """
)

#: Words that English writes with a capital and that name nobody, or that begin sentences.
COMMON_EN = _set(
    """
    i i'm i'd i'll i've the a an this that these those he she it its we you they his her our
    your their my me him us them who whom whose which what when where why how if in on at by
    for from to of off up out over under about after before during since until while because
    as and or but so yet nor not no yes ok okay please thanks thank hello hi hey dear good
    morning evening night sorry well also then there here now today tomorrow yesterday
    tonight soon later again still just only even more most some any all each every both few
    many much other another such same first second third next last new old one two three
    four five six seven eight nine ten is am are was were be been being do does did done has
    have had having can could will would shall should may might must let lets let's get got
    give gave make made take took tell told say said ask asked want wants wanted need needs
    needed like likes liked prefer prefers preferred know knows knew think thinks thought
    see saw look find found use used uses using work works worked go goes went come comes
    came call called calls buy bought sell sold pay paid pays send sent bring brought keep
    kept put set run start started stop stopped begin began end ended open opened close
    closed read write wrote written add added remove removed change changed update updated
    create created explain explained show showed remember remembers remind reminder note
    notes meet meeting met live lives lived stay stayed move moved plan plans planned decide
    decided agree agreed promise promised owner assistant user bot mask summary monday
    tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun am pm
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sept sep oct nov dec english bengali bangla arabic hindi
    urdu french german mr mrs ms dr prof sir madam car house home money bank insurance
    policy doctor school office number phone email address name date time year month week
    day birthday wife husband son daughter father mother brother sister friend family
    however therefore although maybe perhaps according regarding open question questions
    answer answers project task tasks total cost price between into with without near has
    his
    """
)
