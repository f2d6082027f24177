# أجهزة المالك، وكيف ينضم جهاز، وما ينتظرها، وسجل التدقيق.
cmd-nodes = أجهزتك: من حاضر، وإضافة جهاز
cmd-audit = ما تقرر وما نُفذ، في سلسلة

nodes-title = أجهزتك
nodes-empty = لا جهاز آخر بعد. أضف حاسوبك: عندها يفتح الملفات وينفذ الأوامر ويشغّل النماذج المحلية نيابة عنك.
nodes-online = متصل
nodes-last-seen = غائب. آخر ظهور:
nodes-never = لم يظهر بعد
nodes-mine = جهازك الخاص
nodes-rented = جهاز مستأجر
nodes-sandbox = تعمل الأوامر داخل عزل: { $kind }
nodes-no-sandbox = تعمل الأوامر بلا عزل (NOT SANDBOXED)
nodes-roots = المجلدات: { $names }
nodes-models = النماذج المحلية: { $names }
nodes-busy = { $count ->
    [0] لا عمل الآن
    [one] مهمة واحدة تعمل ({ $count })
    [two] مهمتان تعملان ({ $count })
    [few] { $count } مهام تعمل
    [many] { $count } مهمة تعمل
   *[other] { $count } مهمة تعمل
}
nodes-load = المعالج: { $percent } %
nodes-clock = ساعته منحرفة { $seconds } ثانية. فوق ١٢٠ ثانية لا يعمل شيء هناك: اضبط الساعة.
nodes-tampered = يرفض رسائل ليست من هنا. لم يُنفذ منها شيء.

nodes-ask-name = ما اسم الجهاز الجديد؟ اسم قصير بحروف لاتينية صغيرة.
nodes-ask-title = بماذا تريد أن تسمي «{ $name }»؟
nodes-revoke-sure = إلغاء هذا الجهاز نهائيًا؟ ما ينتظره سيفشل، ولا يعود إلا بدعوة جديدة ومفاتيح جديدة.
nodes-revoked = أُلغي { $name }.
nodes-let-in = دخل { $name }.
nodes-kept-out = بقي { $name } خارجًا.

nodes-invite-title = إدخال «{ $name }»
nodes-invite-loopback = هذا الوسيط لا يصل إليه إلا هذا الجهاز. لجهاز آخر اجعل MASK_REDIS_URL خادمًا يصل إليه الاثنان.
nodes-invite-how = على ذلك الجهاز، في مجلد البرنامج، اكتب هذا:
nodes-invite-once = صالح مرة واحدة. أحذف هذه الرسالة عند الاستعمال، أو:
nodes-joined-title = «{ $name }» يريد الدخول
nodes-joined-text = قارن بالأرقام الثمانية على شاشته. لا تُدخله إلا إذا تطابقت.
nodes-joined-until = ينتهي هذا السؤال:
nodes-invitation-trusted = ✅ دخل { $name }. يظهر في /nodes عند أول تحية منه.
nodes-invitation-refused = ❌ لم يدخل { $name }. إن كان جهازك فادعه من جديد؛ وإلا فقد قرأ أحدهم سطر الاقتران.
nodes-invitation-expired = ⌛ انتهت دعوة { $name }. لم يعد السطر يفيد أحدًا.

nodes-waiting = في انتظار { $name }
nodes-waiting-then = يتابع وحده حين يعود الجهاز. وإن قدمت موافقتك حتى ذلك الحين أسألك من جديد.
nodes-wait-over = ▶️ لم يعد ينتظر { $name }.
nodes-wait-cancelled = ⏹ أُلغي، ولن يصل { $name } شيء.
nodes-at-home-now = طُلب تنفيذه هنا.

button-invite = ➕ أضف جهازًا
button-nodes = 💻 الأجهزة
button-revoke-node = 🗑 إلغاء الجهاز
button-revoke-sure = 🗑 نعم، ألغه
button-keep-node = ◀️ أبقه
button-same-digits = ✅ متطابقة، أدخله
button-other-digits = ❌ مختلفة
button-cancel-wait = ⏹ إلغاء
button-elsewhere = 🏠 نفّذه هنا

audit-title = ما تقرر وما نُفذ
audit-empty = لا شيء بعد.
audit-verified = تم التحقق حتى رقم { $number }:
audit-broken = السلسلة مكسورة عند رقم { $number }. غيّر أحدهم قاعدة البيانات: تحقق من السجل على الجهاز الرئيسي.
audit-unchained = لا قيود في السلسلة بعد.
audit-person = أنت ({ $id })
audit-actor-owner = أنت
audit-actor-home = الجهاز الرئيسي
audit-actor-broker = أحدهم على الوسيط
audit-outcome-done = تم
audit-outcome-failed = تعذّر
audit-outcome-refused = لم يُشغَّل
audit-outcome-unknown = غير معروف
audit-kind-asked = سُئلت
audit-kind-approved = وافقت
audit-kind-denied = رُفض
audit-kind-expired = انتهى بلا جواب
audit-kind-lapsed = الموافقة قديمة
audit-kind-withdrawn = سُحب
audit-kind-granted = صدر الإذن
audit-kind-grant-not-taken = لم يُستعمل الإذن
audit-kind-admitted = مرّ بإذن
audit-kind-admitted-auto = مرّ بقاعدة
audit-kind-begun = بدأ
audit-kind-ended = انتهى
audit-kind-action-mismatch = ليس ما وافقت عليه: رُفض
audit-kind-unknown-answered = أخبرت بما حدث
audit-kind-code-wrong = رمز خاطئ
audit-kind-restored = استُعيدت قاعدة البيانات
audit-kind-head-unknown = جهاز يعرف أكثر من قاعدة البيانات
audit-kind-peer-audit-cut = قُصّ سجل أحد الأجهزة
audit-kind-grant-key-trusted = وُثق بمفتاح التوقيع
audit-kind-grant-key-rotated = تغيّر مفتاح التوقيع
audit-kind-grant-keys-forgotten = نُسيت مفاتيح التوقيع
audit-kind-pairing-code = أُنشئ رمز اقتران
audit-kind-paired = اقترن المالك
audit-kind-pairing-failed = فشل الاقتران
audit-kind-stranger = كتب غريب
audit-kind-node-invited = دُعي جهاز
audit-kind-node-joined = جهاز يطلب الدخول
audit-kind-node-trusted = دخل جهاز
audit-kind-node-distrusted = أُبقي جهاز خارجًا
audit-kind-node-renamed = سُمّي جهاز من جديد
audit-kind-node-revoked = أُلغي جهاز
audit-kind-join-refused = رُفض طلب دخول
audit-kind-thread-private = صارت المحادثة خاصة
audit-kind-private-kind = تغيّر كشف الخصوصية
audit-kind-forgotten = نُسي

component-broker = وسيط الرسائل
component-joining = إضافة جهاز
alert-broker-tampered = يكتب إلى وسيط الرسائل من لا يحق له: رُفضت { $count } من الرسائل. لم يُنفذ منها شيء ولم يُقرأ شيء. غيّر كلمة سر الوسيط، وراجع دليل هذه الحالة.
alert-audit-cut = قُصّ سجل { $place } أو أُعيدت كتابته. إن لم تُعد تثبيته أنت فلا تثق بذلك الجهاز: ألغه من /nodes.
alert-pairing-used = استعمل أحدهم سطر اقتران { $name } مرة ثانية فرُفض. إن لم تكن أنت فقد قرأه غيرك: قارن الأرقام بعناية.
alert-pairing-expired = استعمل أحدهم سطر اقتران منتهيًا للجهاز { $name } فرُفض. إن كنت أنت فادع الجهاز من جديد.
alert-pairing-mac = طلب أحدهم الدخول باسم { $name } بلا السر الصحيح فرُفض. إن استمر ذلك فغيّر كلمة سر الوسيط.

err-pairing-unknown = لا دعوة لهذا الطلب. ادع الجهاز من جديد عبر /nodes.
err-pairing-mac = سطر الاقتران لا يطابق. انسخه كاملًا، أو ادع الجهاز من جديد عبر /nodes.
err-pairing-used = استُعمل سطر الاقتران هذا من قبل. ادع الجهاز من جديد عبر /nodes.
err-pairing-expired = انتهت صلاحية سطر الاقتران هذا. ادع الجهاز من جديد عبر /nodes.
err-pairing-refused = لم يُدخل المالك هذا الجهاز. ادعه من جديد عبر /nodes، وقارن الأرقام.
err-pairing-closed = انتهت هذه الدعوة. ادع الجهاز من جديد عبر /nodes.
err-node-name-taken = يوجد جهاز باسم { $name }. اختر اسمًا آخر، أو ألغ ذلك الجهاز أولًا.
err-grant-key-missing = مفتاح الأذون غير موجود بعد. شغّل البوت مرة، ثم حاول من جديد.
err-wait-over = لم يعد ينتظر. انظر ما آل إليه في /jobs.
err-service-unknown = لا خدمة في هذا النظام تُثبَّت وحدها. اتبع ملف التعليمات، ثم شغّلها بنفسك.
err-service-failed = رفض النظام الخدمة: { $why }. أصلح ذلك، ثم حاول من جديد.
err-home-lives-here = في هذا المجلد قاعدة البيانات الرئيسية، فلا يكون عقدة أيضًا. اجعل MASK_HOME مجلدًا آخر، ثم حاول من جديد.
err-join-unanswered = لم يجب الجهاز الرئيسي عشر دقائق. تأكد أنه يعمل وأن الاثنين يصلان إلى الوسيط نفسه، ثم ادع من جديد.
