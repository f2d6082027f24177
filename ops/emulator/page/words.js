// The page's own words. The bot's words come from the bot.
const WORDS = {
  en: {
    banner: "Practice – not Telegram", bot: "bot", typing: "typing…", recording: "recording…", sending: "sending a file…",
    thinking: "Thinking…", stop: "Stop", stopped: "stopped", edited: "edited", begin: "START", placeholder: "Message",
    person: "Person", language: "Language", calls: "Bot API calls", commands: "Commands", attach: "Attach a file",
    send: "Send", record: "Record a voice message", newest: "To the newest message", cancel: "Cancel", close: "Close",
    filter: "Filter by method", reply: "Reply", copy: "Copy", edit: "Edit", remove: "Delete", copied: "Copied",
    add: "Add", newcomer: "Name of another person", another: "Another person…", nomic: "The microphone is not available",
    you: "You", today: "Today", offline: "Connection lost. Trying again…", blocked: "Bot blocked", pinned: "Pinned",
    sticker: "Sticker", photo: "Photo", voice: "Voice message", more: "Show more", again: "again", about: "Write a message. Nothing here leaves this machine.",
  },
  bn: {
    banner: "অনুশীলন – এটি টেলিগ্রাম নয়", bot: "বট", typing: "লিখছে…", recording: "রেকর্ড করছে…", sending: "ফাইল পাঠাচ্ছে…",
    thinking: "ভাবছে…", stop: "থামান", stopped: "থামানো হয়েছে", edited: "সম্পাদিত", begin: "শুরু করুন", placeholder: "বার্তা লিখুন",
    person: "ব্যক্তি", language: "ভাষা", calls: "Bot API কল", commands: "কমান্ড", attach: "ফাইল যোগ করুন",
    send: "পাঠান", record: "ভয়েস রেকর্ড করুন", newest: "সর্বশেষ বার্তায় যান", cancel: "বাতিল", close: "বন্ধ করুন",
    filter: "মেথড দিয়ে খুঁজুন", reply: "উত্তর দিন", copy: "কপি", edit: "সম্পাদনা", remove: "মুছুন", copied: "কপি হয়েছে",
    add: "যোগ করুন", newcomer: "অন্য ব্যক্তির নাম", another: "অন্য ব্যক্তি…", nomic: "মাইক্রোফোন পাওয়া যাচ্ছে না",
    you: "আপনি", today: "আজ", offline: "সংযোগ নেই। আবার চেষ্টা চলছে…", blocked: "বট ব্লক করা", pinned: "পিন করা",
    sticker: "স্টিকার", photo: "ছবি", voice: "ভয়েস বার্তা", more: "আরও দেখুন", again: "আবার", about: "একটি বার্তা লিখুন। এখানকার কিছুই এই যন্ত্রের বাইরে যায় না।",
  },
  ar: {
    banner: "تدريب – هذا ليس تيليجرام", bot: "بوت", typing: "يكتب…", recording: "يسجّل…", sending: "يرسل ملفًا…",
    thinking: "يفكّر…", stop: "إيقاف", stopped: "أُوقف", edited: "معدّلة", begin: "ابدأ", placeholder: "رسالة",
    person: "الشخص", language: "اللغة", calls: "نداءات Bot API", commands: "الأوامر", attach: "إرفاق ملف",
    send: "إرسال", record: "تسجيل رسالة صوتية", newest: "إلى أحدث رسالة", cancel: "إلغاء", close: "إغلاق",
    filter: "تصفية", reply: "رد", copy: "نسخ", edit: "تعديل", remove: "حذف", copied: "نُسخ",
    add: "إضافة", newcomer: "اسم شخص آخر", another: "شخص آخر…", nomic: "الميكروفون غير متاح",
    you: "أنت", today: "اليوم", offline: "انقطع الاتصال. تجري المحاولة…", blocked: "البوت محظور", pinned: "مثبّتة",
    sticker: "ملصق", photo: "صورة", voice: "رسالة صوتية", more: "المزيد", again: "مجددًا", about: "اكتب رسالة. لا شيء يغادر هذا الجهاز.",
  },
};

export const LANGUAGES = { bn: "বাংলা", en: "English", ar: "العربية", hi: "हिन्दी", de: "Deutsch", es: "Español" };

let language = "en";

export function speak(code) {
  language = WORDS[code] ? code : "en";
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = word(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", word(node.dataset.label));
    node.title = word(node.dataset.label);
  }
  for (const node of document.querySelectorAll("[data-hint]")) node.placeholder = word(node.dataset.hint);
}

export const word = (key) => WORDS[language][key] ?? WORDS.en[key] ?? key;
export const spoken = () => language;
