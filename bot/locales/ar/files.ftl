# /files, /run, /undo: what is shown, asked and done by hand.
cmd-files = تصفّح الملفات وخذها وضعها وغيِّرها
cmd-run = شغّل أمرًا على أحد أجهزتك
cmd-undo = تراجَع عن آخر تغيير

button-files-create = ➕ ملف نصي جديد
button-files-put = 📥 ضع ملفًا هنا
button-files-machines = 🖥 الأجهزة
button-files-up = ⬆️ إلى الأعلى
button-files-get = 📎 خذ الملف
button-files-edit = ✏️ غيِّره
button-files-delete = 🗑 احذفه
button-files-more = تابع القراءة ◀️
button-files-append = ➕ أضف في آخره
button-files-replace = 🔁 استبدل كلمات
button-files-whole = 📝 اكتبه من جديد
button-files-drop = 🗑 لا داعي له
button-undo = ↩️ تراجَع
button-undo-number = ↩️ تراجَع عن { $number }

files-places-title = ملفات أي جهاز؟
files-places-text = اختر جهازًا. النائم منها يجيب حين يعود.
files-awake = مستيقظ
files-asleep-since = نائم، آخر ظهور
files-asleep = 💤 { $place } نائم الآن. احتفظتُ بهذا له وسأتابع فور عودته؛ تجده في /jobs وتستطيع إيقافه هناك.
files-empty = لا شيء في هذا المجلد.
files-count = { $count ->
    [one] عنصر واحد
    [two] عنصران
    [few] { $count } عناصر
   *[other] { $count } عنصرًا
 }
files-bytes = { $count } بايت
files-page = من { $first } إلى { $last }، والمجموع { $count }
files-nothing-found = لا شيء يطابق هذه الكلمات.
files-no-text = (فارغ)
files-binary = هذا ليس نصًا فلا أستطيع عرضه هنا. خذه ملفًا.
files-text-cut = لم يُعرض هنا { $count } حرفًا آخر.
files-lines = الأسطر { $first } إلى { $last }
files-getting = 📎 سيصل بعد لحظة.
files-editing = كيف أغيّره؟ سترى بالضبط ما سيتغير قبل أن يتغير شيء.
files-ask-name = 📄 ملف جديد في { $what }. أرسل اسمه، مثلًا { $example }
files-ask-content = 📝 أرسل النص الكامل للملف { $what }. سأريك الفرق أولًا.
files-ask-append = ➕ أرسل ما يجب أن يكون في آخر { $what }.
files-ask-old = 🔁 أرسل الكلمات التي تُستبدل في { $what } كما هي تمامًا.
files-ask-new = 🔁 وماذا يكون مكانها؟ العلامة - وحدها تحذفها.
files-ask-document = 📥 أرسل الملف الذي يوضع في { $what }.
files-want-document = أنتظر ملفًا. أرسل ملفًا، أو أي أمر لتركه.
files-received = { $count ->
    [one] وصل ملف
    [two] وصل ملفان
    [few] وصلت { $count } ملفات
   *[other] وصل { $count } ملفًا
 }
files-received-text = ماذا أفعل به؟ افتح جهازًا واذهب إلى المجلد ثم اضغط «ضع ملفًا هنا».
files-dropped = 🗑 تركته.
files-too-large = 📎 { $name } كبير جدًا: تيليجرام يسلّمني ملفات حتى { $most } ميغابايت. أرسله على أجزاء أصغر.
files-done = تم
files-undone = تم التراجع
files-ran-badly = جرى التشغيل، لكنه لم ينجح
files-whole-output = 📄 كل ما طُبع
files-exit-code = رمز الانتهاء { $code }
files-killed = أُوقف من الخارج
files-took = استغرق { $took }

run-help-title = تشغيل أمر
run-help-text = اكتب الأمر بعد /run. سترى بطاقة بما سيجري بالضبط، ولا يجري شيء قبل موافقتك.
run-help-0 = برنامج وكلماته، لا تقرؤها صدفة أوامر:
run-help-1 = على جهاز بعينه:
run-help-2 = نص كامل لصدفة الأوامر:
run-help-3 = في مجلد يحق له تغييره، ومع الشبكة:
run-help-places = أجهزتك: { $names }

undo-title = آخر التغييرات
undo-empty = لم يتغير في الأيام السبعة الماضية شيء يمكن التراجع عنه.
undo-begins = ↩️ أتراجع عن هذا: { $what }
undo-already = تم التراجع عن هذا من قبل.
undo-done = تم التراجع
undo-kind-create = إنشاء
undo-kind-edit = تغيير
undo-kind-delete = حذف
undo-kind-delete_file = حذف
undo-kind-put_file = وضع
undo-kind-cmd = تشغيل
undo-kind-undo = تراجُع
undo-kind-other = تغيير

err-wish-not-allowed = طلب البرنامج { $step }، وهذا لا يُطلب بهذه الطريقة. ثبّت أحدث إصدار ثم حاول من جديد.
err-blob-on-its-way = ما زال الملف في طريقه من { $place }. حاول من جديد حين يكون ذلك الجهاز مستيقظًا.
err-run-option = لا أعرف الخيار { $option }. أرسل /run وحدها لترى ما يجوز كتابته قبل الأمر.
err-file-name = اسم الملف سطر واحد بلا شرطة مائلة. أرسل اسمًا آخر.
err-undo-gone = لم يعد التراجع عن هذا ممكنًا: ما كان من قبل يُحفظ سبعة أيام. أرسل /undo لترى الأحدث.
