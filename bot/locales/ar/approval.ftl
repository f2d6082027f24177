# Approval cards: what would run, what a yes would mean, and what became of it.
cmd-pending = ما ينتظر ردّك

## The question

approval-asks = موافقتك مطلوبة
approval-risk = الخطورة: { $risk }
approval-risk-low = منخفضة
approval-risk-medium = متوسطة
approval-risk-high = مرتفعة
approval-risk-highest = قصوى
approval-where = المكان:

approval-kind-list-files = 📂 عرض ما في مجلد
approval-kind-read-file = 📄 قراءة ملف
approval-kind-search-files = 🔎 البحث في الملفات
approval-kind-machine-facts = 🖥 سؤال جهاز عن حاله
approval-kind-status-access = 📊 الاطلاع على الحالة
approval-kind-create = 🆕 إنشاء ملف جديد
approval-kind-edit = ✏️ تعديل ملف
approval-kind-undo = ↩️ إعادة ما كان
approval-kind-cmd = ⌨️ تشغيل أمر
approval-kind-local-exec = ⌨️ تشغيل برنامج من برامجي
approval-kind-delete = 🗑 حذف
approval-kind-delete-file = 🗑 حذف
approval-kind-put-file = 📥 وضع ملف
approval-kind-test-run = 🧪 تشغيل الاختبارات
approval-kind-learn = 🎓 تعلّم شيء جديد
approval-kind-sync = 🔄 مطابقة الأجهزة
approval-kind-upgrade = ⬆️ تثبيت إصدار جديد
approval-kind-upgrade-code = 🧬 تغيير شيفرتي
approval-kind-flow = 🧩 تغيير طريقة العمل
approval-kind-backup = 💾 أخذ نسخة احتياطية
approval-kind-proposal = 💡 اقتراح
approval-kind-sensitive = ☁️ إرسال نص خاص إلى نموذج سحابي
approval-kind-rule = 📜 تغيير قاعدة
approval-kind-other = ❔ عمل لا وصف له في هذا الإصدار:
approval-shell-script = سكربت صدفة

approval-arguments = ما سيُشغَّل:
approval-shell = الصدفة التي تشغّله:
approval-script = السكربت:
approval-folder = المجلد:
approval-exe = البرنامج:
approval-operand = ملف السكربت:
approval-env = يُضاف إلى البيئة:
approval-writes = أين يجوز له أن يكتب:
approval-path = الملف أو المجلد:
approval-new-folders = المجلدات التي ستُنشأ:
approval-rule = القاعدة الجديدة:
approval-endpoints = إلى من يذهب:
approval-type-file = 📄 ملف
approval-type-folder = 📁 مجلد بكل ما فيه
approval-type-link = 🔗 رابط يشير إلى مكان آخر
approval-type-special = 🔌 ملف خاص
approval-inexact = أكبر من أن يُقارن حرفًا حرفًا، فقورنت الأسماء والأحجام فقط
approval-conflict = غيّره أحد في ما بين ذلك، والإعادة تمحو ذلك التغيير
approval-rule-means = بعدها يعمل هذا دون سؤال: { $name }، حتى { $when }
approval-real-path = المسار الكامل على الجهاز:
approval-fields = التفاصيل:
approval-empty = (فارغ)
approval-more-characters = … وعدد الأحرف الباقية { $count }
approval-more-lines = … وعدد الأسطر الباقية { $count }
approval-long = هذا النص لا تسعه البطاقة. اقرأه كاملًا أولًا، وبعدها يمكنك أن توافق.
approval-long-read = النص كاملًا في الملف أدناه. اقرأه ثم قرّر.

approval-entries = عدد العناصر { $count }، والحجم { $size }
approval-size = الحجم { $size }
approval-bytes = عدد البايتات { $count }
approval-outside = يحذف خارج مجلد العمل
approval-first-names = أولها:
approval-names-more = و{ $count } غيرها
approval-privilege = قد يعمل بصلاحيات المدير
approval-sandboxed = يعمل داخل بيئة معزولة
approval-unsandboxed = غير معزول
approval-secrets = الأسرار في متناوله
approval-network-yes = يمكنه استخدام الشبكة
approval-network-no = لا شبكة له
approval-stdin = بصمة النص الذي يُلقَّم به:
approval-most-time = يعمل { $most } على الأكثر
approval-leaves = عدد الأحرف التي تذهب إلى نموذج سحابي: { $count }
approval-undo-trash = يمكن التراجع: يبقى في المهملات سبعة أيام
approval-undo-version = يمكن التراجع: تُحفظ النسخة السابقة
approval-undo-snapshot = يمكن التراجع: تُنسخ المجلدات أولًا ({ $size })
approval-undo-scratch = يكتب في مجلد مؤقت فقط ولا يغيّر شيئًا آخر
approval-undo-nothing-changes = لا يغيّر شيئًا
approval-undo-none = لا يمكن التراجع عنه
approval-diff = ما سيتغيّر:
approval-left-at-node = 🔒 تفاصيل المحتوى تبقى على ذلك الجهاز، لأن الجهاز الرئيسي مستأجر.
approval-diff-in-file = ما سيتغيّر في الملف، وعدد أسطره { $count }

approval-read = ما اطّلع عليه النموذج قبل أن يطلب:
approval-read-files-list = مجلد
approval-read-files-read = ملف
approval-read-files-fetch = ملف
approval-read-files-search = بحث
approval-read-command-run = ناتج الأمر
approval-read-other = غير ذلك
approval-label-private = 🔒 خاص
approval-label-open = 🔓 عام
approval-digest = البصمة
approval-count = طُلب هذا { $count } مرات، وجواب واحد يكفي للجميع
approval-behind = وراءه في الانتظار { $count }
approval-expires = ينتهي الوقت { $when }. لن يعمل ما لم توافق.

approval-second-tap = هل أنت متأكد؟ انتظر ثانيتين ثم اضغط الزر الأحمر في الأسفل.
approval-code-asks = اكتب الأرقام الستة التي تظهر على شاشة { $place } وأرسلها هنا
approval-code-left = المحاولات الباقية: { $count }
approval-code-taken = 🔢 وصلني الرمز، وسأحذف رسالتك.

## What became of it

approval-state-queued = في الدور
approval-state-queued-text = ستظهر حين تجيب عن البطاقات التي قبلها.
approval-state-approved = تمت الموافقة
approval-state-running = يعمل الآن
approval-state-denied = رفضتَ، فلم يعمل
approval-state-expired = لم يصل جواب، فلم يعمل
approval-state-expired-text = لم يتغيّر شيء. إن كنت ما زلت تريده فاطلب السؤال من جديد.
approval-state-lapsed = انتهت صلاحية موافقتك
approval-state-lapsed-text = عاد الجهاز متأخرًا، فأسألك من جديد.
approval-state-withdrawn = لم تعد هناك حاجة
approval-state-withdrawn-text = انتهى ما طُلب هذا من أجله أو أُوقف.
approval-state-edited = أنت غيّرته
approval-state-edited-text = ستصل بطاقة جديدة للأمر المعدّل.
approval-state-stopped = أنت أوقفته
approval-state-stopped-text = كان قد بدأ، وما فعله قبل ذلك باقٍ.
approval-did-not-run = لم يعمل شيء.
approval-state-done = تم
approval-state-nonzero = انتهى وأبلغ هو نفسه عن خطأ
approval-state-failed = لم ينجح
approval-state-refused = لم يُشغَّل
approval-state-unknown = لا أعلم هل تمّ
approval-state-unknown-text = انقطع في منتصفه. لن أعيد تشغيله من تلقاء نفسي. انظر من فضلك وأخبرني: هل تمّ؟
approval-by-owner = أنت
approval-approved-by = الموافق: { $name }، { $when }
approval-denied-by = الرافض: { $name }، { $when }
approval-reason = السبب:
approval-starts = يبدأ حالما يكون { $place } جاهزًا.
approval-began = بدأ { $when }
approval-live = أحدث الأسطر:
approval-ended = انتهى
approval-exit = رمز الخروج { $code }
approval-took = استغرق { $took }
approval-entries-done = عدد العناصر { $count }
approval-killed-time = أُنهي لأن وقته نفد
approval-killed-stop = أنت أوقفته
approval-killed-output = أُنهي لأن ناتجه تجاوز الحد
approval-output-cut = … أحرف سابقة لا تظهر هنا، وعددها { $count }
approval-output-file = يمكن أخذ الناتج كاملًا كملف.
approval-undo-ready = يمكن التراجع عن هذا.

## Papers that go with it

approval-text-caption = نص الطلب كاملًا
approval-output-caption = الناتج كاملًا
approval-output-part = هذا آخره، وهو كاملًا محفوظ على { $place }.
approval-sha256 = بصمة هذا الملف SHA-256:
approval-details-title = التفاصيل
approval-sha-digest = البصمة كاملة
approval-sha-exe = بصمة البرنامج SHA-256
approval-sha-operand = بصمة ملف السكربت SHA-256
approval-sha-before = بصمة الملف كما هو SHA-256
approval-sha-after = البصمة بعد التغيير SHA-256
approval-sha-tree = بصمة كل ما فيه SHA-256
approval-sha-stdin = بصمة النص الذي يُلقَّم به SHA-256
approval-sha-messages = بصمة ما سيُرسل SHA-256
approval-asked-by = القاعدة التي تسأل:
approval-asked-at = وقت الطلب:
approval-ask-why = لماذا ترفض؟ اكتب سطرًا واحدًا وسأخبر النموذج.
approval-edit-line = انسخ الأمر وعدّله وأرسله. ستصل بطاقة جديدة ولن يعمل القديم أبدًا. ضع ما فيه مسافات بين علامتي اقتباس.
approval-edit-script = انسخ السكربت وعدّله وأرسله. ستصل بطاقة جديدة ولن يعمل القديم أبدًا.
approval-pending-title = ما هو في الانتظار
approval-pending-none = لا شيء في الانتظار.
approval-pending-asked = ما ينتظر ردّك: { $count }. أعدت إرسال بطاقاتها.
approval-pending-queued = وفي الدور أيضًا: { $count }.
approval-pending-more = وأعمال أخرى تنتظر جهازًا: { $count }؛ انظر /jobs.
approval-waits-place = في انتظار { $place }، آخر ظهور قبل { $ago }
approval-waits-new = في انتظار { $place }، ولم يظهر بعد

## Words for a tap

approval-said-approved = ✅ وافقت
approval-said-again = ⚠️ تلزم ضغطة أخرى
approval-said-code = 🔢 أرسل الرمز الآن
approval-said-denied = ❌ رفضت
approval-said-back = ↩️ عدنا
approval-said-asked = 🔁 أسأل من جديد
approval-said-thanks = ✔️ عُلم
approval-said-sent = 📄 أرسله الآن
approval-said-edited = ✏️ بطاقة الأمر المعدّل في الطريق.
approval-said-cloud = ☁️ أشغّله في السحابة

## Buttons

button-approval-approve = ✅ أوافق
button-approval-confirm = ⚠️ نعم، نفّذ
button-approval-deny = ❌ أرفض
button-approval-why = 💬 أرفض مع السبب
button-approval-edit = ✏️ عدّل
button-approval-details = 🔎 التفاصيل
button-approval-read-whole = 📄 اقرأه كاملًا
button-approval-rule = ⏱ اصنع قاعدة
button-approval-back = ◀️ رجوع
button-approval-stop = ⏹ أوقف
button-approval-again = 🔁 اسأل من جديد
button-approval-happened = ✔️ تمّ
button-approval-did-not = ✖️ لم يتم
button-approval-undo = ↩️ تراجع
button-approval-output = 📄 الناتج كاملًا
button-approval-copy = 📋 انسخ
button-approval-cancel = ❌ ألغِ { $number }
button-approval-cloud = ☁️ في السحابة { $number }

## Errors

err-approval-text-first = النص طويل، فلا بد من قراءته أولًا. اقرأ الملف الذي أرسلته ثم وافق من جديد.
err-approval-digits = لم أعرف أي طلب تقصد. اكتب أحرف بصمته الثمانية، مثل /approve 1a2b3c4d.
err-approval-which = أكثر من طلب يحمل هذه البصمة، فلم أفعل شيئًا. أرسل /pending واضغط زر البطاقة.
err-approval-not-asked = لا ينتظر الآن طلب بهذه البصمة. أرسل /pending لترى ما ينتظر.
err-approval-not-command = لا يُعدَّل هكذا إلا الأمر. ارفضه، ثم اطلب من جديد.
err-command-line = علامات الاقتباس في الأمر لا تتطابق أو أنه فارغ. صحّحه وأرسله من جديد؛ البطاقة ما زالت مفتوحة.
err-code-format = في الرمز ستة أرقام بالضبط. اكتب الرمز الظاهر على الشاشة الآن، وأرسله.
err-code-which = أكثر من بطاقة تطلب رمزًا. أرسل الرمز ردًّا على بطاقته.
err-approval-no-output = لا يُحفظ هنا شيء مما طبعه. اطلبه كملف من الجهاز الذي عمل عليه.
err-owner-edited = أنت غيّرت الأمر، فلم يعمل السابق. أجب عن بطاقة الأمر الجديد.
err-action-text = في النص أحرف لا تتطابق على كل الأجهزة، فلم أفعل شيئًا. اكتبه من جديد، ثم اطلب مرة أخرى.
err-action-too-large = هذا أطول من { $most } بايت، فلم أسأل أصلًا. ضع النص الطويل في ملف، ثم اطلب مرة أخرى.
err-action-malformed = الخطأ في البرنامج: عمل من نوع { $kind } لم يُكتب كما ينبغي، فلم يعمل شيء. ثبّت أحدث إصدار من فضلك.
