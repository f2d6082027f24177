# Times, sizes, names and buttons that every screen shares. Button labels: verb first, 18 characters.
date-month-1 = يناير
date-month-2 = فبراير
date-month-3 = مارس
date-month-4 = أبريل
date-month-5 = مايو
date-month-6 = يونيو
date-month-7 = يوليو
date-month-8 = أغسطس
date-month-9 = سبتمبر
date-month-10 = أكتوبر
date-month-11 = نوفمبر
date-month-12 = ديسمبر
date-and-time = { $day } { $month }، { $time } UTC

span-seconds = { $count ->
    [one] ثانية واحدة
    [two] ثانيتان
    [few] { $count } ثوانٍ
   *[other] { $count } ثانية
 }
span-minutes = { $count ->
    [one] دقيقة واحدة
    [two] دقيقتان
    [few] { $count } دقائق
   *[other] { $count } دقيقة
 }
span-hours = { $count ->
    [one] ساعة واحدة
    [two] ساعتان
    [few] { $count } ساعات
   *[other] { $count } ساعة
 }
span-days = { $count ->
    [one] يوم واحد
    [two] يومان
    [few] { $count } أيام
   *[other] { $count } يومًا
 }
span-soon = قليل من الوقت

place-home = الجهاز الرئيسي
language-name-bn = البنغالية
language-name-ar = العربية
language-name-en = الإنجليزية

button-again = 🔁 أعد المحاولة
button-again-number = 🔁 أعد { $number }
button-stop-number = ⏹ أوقف { $number }
button-drop = 🗑 تخلَّ عنه
button-drop-number = 🗑 احذف { $number }
button-stop = ⏹ أوقف
button-earlier = ◀️ السابق
button-later = التالي ▶️
button-refresh = 🔄 حدِّث
button-seen = ✔️ اطّلعت عليه
button-snooze = 😴 أجِّل ساعة
button-next = التالي ▶️
button-back = ◀️ رجوع
button-help = 💡 أظهر الأوامر
button-tour = 👋 ابدأ الجولة
button-jobs = 🗂 أظهر الأعمال
button-status = 📊 أظهر الحالة
button-settings = ⚙️ افتح الإعدادات
button-threads = 🧵 أظهر المحادثات
button-new-thread = ➕ ابدأ جديدة
button-use-thread = ✅ تابع هنا
button-rename = ✏️ غيِّر الاسم
button-on = شغِّل
button-off = أوقف
button-on-streaming = أظهر أثناء الكتابة
button-off-streaming = أخفِ أثناء الكتابة
button-on-rich = نسِّق الجداول
button-off-rich = بسِّط الجداول
button-on-tag = اذكر النموذج
button-off-tag = أخفِ النموذج
