# ما أتذكره: /memory و /remember و /summarize، والحقائق، والنسيان، وضمّ المحادثات وفصلها.
cmd-memory = ما أتذكره: بحث وتغيير ونسيان
cmd-remember = تذكّر شيئًا كما تقوله
cmd-summarize = تلخيص ما هو قديم

memory-title = الذاكرة
memory-empty = لا أتذكر شيئًا بعد. قل لي «تذكّر أن …» أو استعمل /remember.
memory-nothing = لم أجد شيئًا. جرّب كلمات أقل أو اختيارًا آخر.
memory-newest = الأحدث
memory-like = ما يشبه الذي فتحته:
memory-found = { $count ->
    [one] وُجد واحد
    [two] وُجد اثنان
    [few] وُجدت { $count }
   *[other] وُجد { $count }
 }
memory-found-more = وُجد أكثر من { $count }، ورُتّب أحدثها
memory-way-part = بأجزاء الكلمات
memory-way-meaning = بالمعنى
memory-day = { $day } { $month } { $year }
memory-since = منذ
memory-until = حتى
memory-only-archived = من الأرشيف فقط
memory-ask-words = عمّ أبحث؟ أرسل لي الكلمات. وأي أمر ينهي هذا.
memory-ask-days = أي أيام؟ أرسل يومًا أو شهرًا أو سنة، أو اثنين منها: 2025-11 .. 2026-02. وأي أمر ينهي هذا.

memory-filters = تضييق الاختيار
memory-filters-text = بماذا؟
memory-filter-category = أي نوع؟
memory-filter-when = من أي وقت؟
memory-filter-thread = من أي محادثة؟
memory-filter-origin = من أي جهاز؟
memory-filter-label = خاص أم لا؟
memory-filter-archived = من الأرشيف أم لا؟
memory-when-day = آخر يوم
memory-when-week = آخر أسبوع
memory-when-month = آخر 30 يومًا
memory-when-year = آخر سنة
memory-when-older = أقدم من ذلك
memory-when-own = 📅 أيام أخرى …
memory-label-private = خاص
memory-label-open = مفتوح

memory-category-fact = عنك
memory-category-note = ملاحظات
memory-category-interaction = ما قيل
memory-category-task = مهام
memory-category-learning = دروس
memory-category-upgrade = ترقيات
memory-category-routing = اختيار النماذج
memory-category-monitoring = مراقبة
memory-category-security = أمان
memory-category-execution = أوامر
memory-category-model = نماذج
memory-category-testing = اختبارات
memory-category-backup = نسخ احتياطية
memory-category-recovery = استعادة
memory-category-state = حالة
memory-category-chaining = سلاسل
memory-category-error = أخطاء
memory-category-summary = ملخصات
memory-category-archived = أرشيف
memory-category-plugin = إضافات
memory-category-voice = صوت
memory-category-ui = مظهر
memory-category-release = إصدارات

memory-kept = تذكرت:
memory-known = أعرف هذا من قبل:
memory-taken-back = تراجعت عن:
memory-changed-edited = أعدت صياغته:
memory-changed-corrected = صححته:
memory-changed-same = لم يختلف شيء:
memory-remember-how = ماذا أتذكر؟ اكتب /remember ثم الكلام، أو أجب عن رسالة بـ /remember.
memory-undone = تم التراجع
memory-pinned = مثبّت: سأذكره دائمًا
memory-unpinned = لم يعد مثبّتًا
memory-now-private = خاص: يبقى على أجهزتك
memory-now-open = مفتوح: يجوز لأي نموذج أن يقرأه
memory-filed = صار في نوع آخر
memory-none-similar = لا شيء يشبهه
memory-said-here = 👆 كان هذا هنا.
memory-said-nowhere = تلك الرسالة ليست في هذه المحادثة

memory-source-owner = بكلماتك أنت
memory-source-tapped = وافقتَ عليه
memory-source-feature = دوّنه جزء مني
memory-source-imported = من ملفك
memory-source-forwarded = نقلتَه عن غيرك
memory-source-untrusted = ليس بكلماتك
memory-answered-by = أجاب
memory-id = الرقم:
memory-gone = تُرجع عنه، ويمكن إعادته من سجله
memory-changes = { $count ->
    [one] تغيّر مرة
    [two] تغيّر مرتين
    [few] تغيّر { $count } مرات
   *[other] تغيّر { $count } مرة
 }
memory-opening = إن صار مفتوحًا فقد تقرؤه نماذج ليست لك. أأنت متأكد؟
memory-filing = إلى أي نوع ينتمي؟
memory-ask-edit = أرسل لي الصياغة الجديدة، ويبقى تاريخ الكلام كما هو. اضغط النص لنسخه:
memory-ask-correct = أرسل لي ما يصح من الآن. تبقى الصياغة القديمة في سجله. اضغط النص لنسخه:
memory-ask-summary = أرسل لي الملخص بكلماتك. اضغط النص لنسخه:

memory-history = السجل
memory-never-changed = لم يتغير شيء منذئذ.
memory-changes-more = وتغييرات أقدم: { $count }
memory-born = حُفظ
memory-by-you = منك
memory-by = من { $name }
memory-by-extract-facts = مما قلته
memory-by-import = من ملفك
memory-change-edited = صياغة جديدة
memory-change-corrected = تصحيح
memory-change-pinned = تثبيت أو رفعه
memory-change-labelled = صار خاصًا أو مفتوحًا
memory-change-filed = نوع آخر
memory-change-forgotten = نسيان
memory-change-undone = تراجُع
memory-change-retired = تراجُع كامل
memory-change-merged = حلّت محله نسخة أحدث من جهاز آخر
memory-field-category = النوع من قبل
memory-field-label = من قبل
memory-field-is-pinned = مثبّت من قبل
memory-field-happened-at = التاريخ من قبل
memory-field-deleted-at = مخفي من قبل
memory-yes = نعم
memory-no = لا

memory-forget-title = أأنسى هذا إلى الأبد؟
memory-forget-text = سيُمحى من { $count } موضعًا:
memory-forget-runs = ستُنهى أعمال تحمله: { $count }
memory-forget-final = لا رجعة في هذا. تنساه أيضًا الملخصات والأرشيف والنسخة المرآة والسجلات والأجهزة الأخرى.
memory-forgetting = أنسى الآن
memory-forgetting-title = أنساه الآن …
memory-forgetting-text = أمرّ على كل جدول وملف وجهاز. يأتي الإيصال هنا.
memory-forgotten = نُسي من { $count } موضعًا
memory-nowhere = بحثت مرة أخرى: ليس في أي مكان.
memory-forgotten-left = بحثت مرة أخرى: ما زال في { $count } موضعًا. أعد المحاولة لاحقًا.
memory-forget-waits = نائمة، وستُبلّغ حين تستيقظ: { $names }
memory-forgotten-chat = حذفت رسائله من هذه المحادثة بقدر ما يسمح تيليغرام، أي ليومين. احذف الأقدم بنفسك.
memory-holder-others = غيرها
memory-holder-threads = أسماء المحادثات
memory-holder-messages = رسائل
memory-holder-records = ذكريات
memory-holder-record-history = صيغ سابقة
memory-holder-proposals = أسئلة عن الحقائق
memory-holder-summaries = ملخصات
memory-holder-archives = أرشيف
memory-holder-preferences = تفضيلات
memory-holder-runs = أعمال
memory-holder-steps = خطوات الأعمال
memory-holder-notices = بطاقات وأجوبة
memory-holder-buttons = أزرار
memory-holder-intake = ما ورد
memory-holder-outbox = رسائل إلى الأجهزة
memory-holder-inbox = رسائل من الأجهزة
memory-holder-blob-parts = محتويات كبيرة
memory-holder-approvals = موافقات
memory-holder-rules = قواعد
memory-holder-changes = ملفات غُيّرت
memory-holder-embeddings = البحث بالمعنى
memory-holder-mirror = النسخة المرآة
memory-holder-trash = سلة المهملات
memory-holder-scratch = ملفات مؤقتة
memory-holder-export = ملفات مصدَّرة
memory-holder-log = سجلات
memory-holder-damaged = قواعد بيانات تالفة

memory-exporting = الملف قادم
memory-export-none = لا توجد هنا ذكرى مستقلة
memory-exported = صفوف من الذاكرة: { $count }
memory-exported-text = يُقرأ وليس مختومًا: احفظه حيث لا يقرؤه غيرك.
memory-title-export = 📦 تصدير الذاكرة
memory-title-import = 📥 استيراد ذكريات
memory-ask-document = أرسل لي الملف: ما صدّرتُه لك، أو ملف ذكريات قديم. وأي أمر ينهي هذا.
memory-want-document = أنتظر ملف الذكريات. وأي أمر ينهي هذا.
memory-importing = 📥 أقرؤه الآن، وسأخبرك بما جاء فيه.
memory-imported = صفوف صارت هنا: { $count }
memory-imported-skipped = كانت معروفة من قبل: { $count }
memory-imported-unreadable = لم يُفهم { $count } منها فتُركت.

facts-title = ما ينبغي أن أعرفه عنك
facts-none = لا شيء ينتظر كلمتك.
facts-fact = أأتذكر هذا؟
facts-contradiction = هذا لا يوافق ما سبق
facts-before = قلتَ
facts-now = والآن:
facts-not-yours = ليس بكلماتك
facts-ask-keep = فهمته مما قيل. أهو كذلك؟
facts-ask-replace = أيحلّ الجديد محل القديم؟
facts-sign-keep = ✅
facts-sign-replace = 🔁 الجديد
facts-sign-both = ➕ كلاهما
facts-sign-drop = 🗑
facts-kept = تذكرت
facts-replaced = استبدلته
facts-both-kept = كلاهما باقٍ
facts-dropped = بقي كما كان
facts-undone = تم التراجع
facts-state-stored = ✅ محفوظ
facts-state-accepted = ✅ محفوظ
facts-state-replaced = 🔁 استُبدل، والقديم في سجله
facts-state-both = ➕ حُفظ كلاهما
facts-state-refused = 🗑 لم يُحفظ
facts-state-expired = ⌛ لم يجب أحد، ولم يتغير شيء

summaries-title = الملخصات
summaries-title-run = 📋 تلخيص ما هو قديم
summaries-due = { $count ->
    [0] لا شيء أقدم من { $months } أشهر بلا ملخص.
   *[other] ما هو أقدم من { $months } أشهر ولم يُلخّص بعد: { $count }
 }
summaries-last = آخر مرة
summaries-next = المرة القادمة
summaries-begun = أعمل عليه. يأتي كل ملخص هنا لتقول كلمتك.
summaries-none = لا ملخصات بعد.
summaries-none-due = لا شيء قديم بما يكفي
summaries-count = { $count ->
    [one] عنصر واحد
    [two] عنصران
    [few] { $count } عناصر
   *[other] { $count } عنصرًا
 }
summaries-stands-for = { $count ->
    [one] عنصر واحد ← ملخص واحد
    [two] عنصران ← ملخص واحد
    [few] { $count } عناصر ← ملخص واحد
   *[other] { $count } عنصرًا ← ملخص واحد
 }
summaries-run = أُلخّص …
summaries-run-done = تم التلخيص
summaries-made = العناصر { $originals } ← الملخصات { $count }
summaries-run-refused = لم يُحفظ منها { $count } لنقص حقائق فيها.
summaries-run-unanswered = لم أجد نموذجًا يجوز له قراءة { $count } منها، فتبقى منتظرة.
summaries-run-left = ما زال ينتظر: { $count }
summaries-points = أهم النقاط
summaries-points-more = وأخرى: { $count }
summaries-from = من { $count }
summaries-missing = حقائق تنقصه ({ $count }):
summaries-made-by = كتبه { $name }
summaries-state-review = تبقى الأصول كما هي حتى تقرر.
summaries-state-refused = لم يُحفظ: تنقصه أسماء أو تواريخ أو أرقام. صححه، أو احفظه كما هو.
summaries-state-kept = محفوظ. الأصول في الأرشيف، تُقرأ ويُبحث فيها.
summaries-state-corrected = محفوظ بكلماتك. الأصول في الأرشيف، تُقرأ ويُبحث فيها.
summaries-state-discarded = تُرك. الأصول باقية كما هي.
summaries-kept = حُفظ
summaries-discarded = تُرك
summaries-corrected = ✏️ حُفظ بكلماتك.
summaries-archive = الأرشيف
summaries-live = الأصول
summaries-originals-gone = لم يبق من الأصول شيء.

settings-summary-review = عرض الملخصات قبل حفظها

threads-join-into = إلى أي محادثة أضمّ «{ $name }»؟
threads-no-other = لا توجد محادثة أخرى.
threads-joined = صارت «{ $source }» جزءًا من «{ $target }»، وعدد الرسائل { $count }.
threads-split-done = انفصلت «{ $target }» عن «{ $source }»، وعدد الرسائل { $count }.
threads-unmoved = عاد كل شيء إلى مكانه
threads-split-where = بأي رسالة تبدأ المحادثة الجديدة؟
threads-page = الصفحة { $page } من { $pages } · الرسائل { $count }
threads-ask-words = عمّ أبحث في هذه المحادثة؟ أرسل لي الكلمات. وأي أمر ينهي هذا.
threads-short = أقصر من أن تُلخّص
threads-summary-fresh = الملخص حديث
threads-summing = أكتبه الآن
threads-summing-text = يأتي الملخص في هذه البطاقة.
threads-summed = الملخص
threads-not-summed = لم يستطع أي نموذج كتابة الملخص الآن؛ اطلبه لاحقًا.

why-memory = ما تذكرته لهذه الإجابة
why-memory-used = { $count ->
    [one] دخل فيها شيء واحد مما أتذكره
    [two] دخل فيها شيئان مما أتذكره
    [few] دخلت فيها { $count } أشياء مما أتذكره
   *[other] دخل فيها { $count } شيئًا مما أتذكره
 }
why-memory-pinned = مثبّت أو معروف دائمًا: { $count }
why-memory-fact = حقائق عنك: { $count }
why-memory-found = استدعتها كلماتك: { $count }
why-memory-recent = مما قيل قريبًا: { $count }
why-memory-summary = ملخص المحادثة: { $count }
why-memory-gone = لم يعد موجودًا

err-memory-no-days = لم أفهم أي أيام تقصد. أرسل يومًا أو شهرًا أو سنة مثل 2025-11، أو اثنين بينهما ..
err-memory-forget-short = هذا أقصر من أن يُبحث عنه في كل مكان: { $least } أحرف على الأقل. اذكر منه أكثر، أو افتح الذكرى وانسها من هناك.
err-memory-form = لا أستطيع كتابة الذاكرة بصيغة «{ $form }». استعمل /memory ثم أزرار التصدير.
err-thread-same = لا تُضمّ محادثة إلى نفسها. اختر محادثة أخرى.
err-thread-empty = لا توجد هناك رسالة يمكن نقلها. افتح المحادثة من جديد واختر واحدة.
err-thread-split-first = بهذا تنتقل المحادثة كلها. اختر رسالة بعدها، ليبقى شيء.
err-thread-too-long = في هذه المحادثة أكثر من { $most } رسالة، ولا يُنقل هذا دفعة واحدة. افصلها أولًا عند رسالة أبعد.
err-thread-split-how = بأي رسالة تبدأ المحادثة الجديدة؟ افتح المحادثة عبر /threads واضغط زر الفصل، ثم اختر الرسالة.
err-move-missing = تُرجع عن هذا من قبل، أو لم يعد معروفًا. افتح /threads لترى الحال.
err-move-superseded = انتقلت بعض هذه الرسائل بعد ذلك. تراجَع عن النقل الأحدث أولًا، ثم عن هذا.

audit-kind-memory-forgotten = نُسيت ذكرى

button-previous = ◀️ السابق
button-memory = 🧠 الذاكرة
button-memory-search = 🔎 بحث
button-memory-filter = 🎛 تضييق
button-memory-take = 📦 صدّر هذه
button-memory-open = 🔍 افتح
button-memory-edit = ✏️ أعد الصياغة
button-memory-correct = 🔁 صحّح
button-memory-file = 🗂 النوع
button-memory-history = 🕘 السجل
button-memory-said = 💬 أين كان؟
button-memory-similar = ≈ ما يشبهه
button-memory-keep = 🧠 تذكّره
button-memory-import = 🧠 كذكريات
button-pin-memory = 📌 ثبّت
button-unpin-memory = 📌 ارفع التثبيت
button-make-private = 🔒 خاص
button-open-memory = 🔓 اجعله مفتوحًا
button-keep-private = 🔒 يبقى خاصًا
button-make-open = 🔓 نعم، افتحه
button-undo-change = ↩️ تراجَع عن آخره
button-redo-memory = ↪️ أعده
button-said-number = 💬 الرسالة { $number }
button-forget = 🗑 انسَه
button-forget-sure = 🔴 نعم، انسَه
button-keep-it = ◀️ أبقه
button-filter-category = 🗂 النوع
button-filter-when = 📅 الوقت
button-filter-thread = 🧵 المحادثة
button-filter-origin = 📍 الجهاز
button-filter-label = 🔒 خاص؟
button-filter-archived = 🗄 الأرشيف
button-filter-clear = ✖️ أظهر الكل
button-filter-none = ✖️ أيًّا كان
button-export-json = 📦 بصيغة JSON
button-export-md = 📄 نصًا للقراءة
button-facts = 💡 قرّر ({ $number })
button-fact-keep = ✅ نعم، تذكّره
button-fact-replace = 🔁 استبدله
button-fact-both = ➕ كلاهما صحيح
button-fact-drop = 🗑 لا
button-fact-drop-old = أبقِ القديم
button-summaries = 📋 الملخصات
button-summarise-now = ▶️ لخّص الآن
button-summary-keep = ✅ احفظ
button-summary-correct = ✏️ صحّح
button-summary-discard = 🗑 اتركه
button-summary-number = 📋 { $number }
button-originals = 🗄 الأصول
button-open-thread = 🧵 المحادثة
button-thread-whole = 📜 كلها
button-thread-search = 🔎 ابحث فيها
button-thread-summary = 📝 ملخص
button-thread-join = 🔀 ضمّ
button-thread-split = ✂️ فصل
