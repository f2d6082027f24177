# النماذج وتكلفتها: شاشات /models و/cost، والإضافة، والفحص، والأخبار.
cmd-models = النماذج: الحالة والحدود والإضافة والفحص
cmd-cost = كم تكلف النماذج، وميزانياتك

models-title = النماذج
models-none = لا يوجد نموذج بعد. أضف واحدًا من الأسفل.
models-more = و{ $count } غيرها
models-state-ready = جاهز
models-state-busy = يجيب الآن
models-state-cooling = تعثر، متروك الآن
models-state-used-up = نفد حده
models-again = يُسأل ثانية
models-state-unreachable = لا يمكن الوصول إليه
models-state-refused = رُفض مفتاحه
models-state-keyless = بلا مفتاح بعد
models-state-paused = موقوف مؤقتًا
models-left-rpm = بقي { $left } من { $most } طلب في الدقيقة
models-left-rpd = بقي { $left } من { $most } طلب في اليوم
models-left-tpm = بقي { $left } من { $most } رمز في الدقيقة
models-left-tpd = بقي { $left } من { $most } رمز في اليوم
models-limit-in = يبلغ حده بعد نحو { $seconds } ث
models-first = يبدأ بعد { $seconds } ث
models-cost = { $amount } هذا الشهر
models-share = { $percent } ٪ من الإجابات
models-mine = جهازك
models-cloud = في السحابة
models-window = يتسع لـ { $tokens } رمز
models-can = يستطيع: { $what }
models-can-tools = الأدوات
models-can-vision = الصور
models-role-chat = الحديث
models-role-code = البرمجة
models-role-summarise = التلخيص
models-role-embed = البحث
models-strength = قوته { $strength } من 100
models-price = { $prompt } لكل مليون رمز مقروء، و{ $completion } للمكتوب
models-free = لا يكلف شيئًا
models-month = { $calls ->
    [one] هذا الشهر: نداء واحد، أجاب عن { $answered }
    [two] هذا الشهر: نداءان، أجاب عن { $answered }
    [few] هذا الشهر: { $calls } نداءات، أجاب عن { $answered }
   *[other] هذا الشهر: { $calls } نداء، أجاب عن { $answered }
}
models-never-asked = لم يُسأل هذا الشهر.
models-remove-sure = هل أزيله؟ يمكن إرجاعه لاحقًا.
models-remove-keys = يُمحى مفتاحه معه إلى الأبد: { $hints }. ولاستخدامه ثانيةً تحتاج إلى المفتاح من جديد.
models-remove-local = تبقى ملفاته على ذلك الجهاز، لكنه لا يُسأل بعد الآن.
models-paused = أوقفتُ { $name } مؤقتًا
models-resumed = عاد { $name } إلى العمل
models-preferred = { $name } هو الخيار الأول
models-unpreferred = عاد { $name } إلى مكانه المعتاد
models-pinned = { $name } يجيب في هذه المحادثة
models-unpinned = صار الاختيار حرًا
models-gone = أُزيل { $name }
models-back = عاد { $name }
models-removed-title = النماذج المزالة
models-removed-text = لمسة واحدة تعيد النموذج كما كان.
models-removed-none = لا شيء مزال.

models-keys-title = المفاتيح: { $title }
models-keys-none = لا مفتاح بعد.
models-key-ready = يعمل
models-key-trial = قيد التجربة
models-key-dead = مرفوض
models-key-uses = { $count ->
    [one] نداء واحد
    [two] نداءان
    [few] { $count } نداءات
   *[other] { $count } نداء
}
models-key-environment = من الإعدادات
models-key-remove = 🗑 إزالة …{ $hint }
models-key-sure = 🔴 متأكد؟ …{ $hint }
models-key-gone = مُحي المفتاح
models-plan-ask = على أي خطة هذا المفتاح؟ بها تُحسب تكلفة النداء.
models-plan-free = يُحسب على الخطة المجانية
models-plan-paid = يُحسب على الخطة المدفوعة

models-add-title = إضافة نموذج
models-add-text = اختر من يقدمه. يُحفظ مفتاحك مختومًا، وتُحذف رسالته فورًا.
models-ask-key = أرسل المفتاح الآن وحده في رسالة. أحذف الرسالة فورًا وأجرب المفتاح. أي أمر ينهي هذا.
models-ask-keyless = ويمكن بلا مفتاح إن كان العنوان لا يطلبه.
models-ask-address = أرسل العنوان، مثل https://example.org/v1، وأي أمر ينهي هذا.
models-ask-model = أي نموذج هو؟ أرسل اسمه كما تكتبه الخدمة. أي أمر ينهي هذا.
models-trying = أجربه الآن
models-key-taken = 🔑 وصل. حُذفت رسالتك وخُتم المفتاح، وأجربه الآن.
models-added = { $title } يعمل
models-refused = رفض { $title } المفتاح
models-refused-text = مُحي المفتاح. تحقق منه عند مزود الخدمة ثم أرسله من جديد.
models-untested = تعذرت تجربة { $title }
models-untested-text = المفتاح محفوظ جانبًا ساعة واحدة. جرب ثانية، أو أبقه كما هو، أو تخلص منه.
models-kept = أُبقي
models-dropped = مُحي المفتاح

models-test-title = فحص كل النماذج
models-test-begun = 🩺 أفحص كل النماذج بنداء قصير لكل منها. الصورة تتبع.
models-tested = أجاب { $well } من { $count }
models-report = التقرير في ملف

models-places-title = النماذج على أجهزتك
models-places-none = لم يُرَ خادم نماذج على أي جهاز بعد. ثبّت Ollama على أحدها وشغّله.
models-place-title = النماذج: { $place }
models-server-running = يعمل
models-server-starting = يبدأ الآن
models-server-down = لا يجيب
models-server-absent = غير مثبت
models-memory = ذاكرة { $size }
models-smaller = لا يتسع المكان لـ { $model } الآن، فيجيب { $smaller }
models-loaded = في الذاكرة
models-serves = عمله: { $role }
models-passed-on = هذا يعمل على جهاز غيرك. لا يصله شيء خاص.
models-trial-text = لا يُشغَّل نموذج لعمل ما إلا بعد أن يجتاز تجربة قصيرة.
models-use-for = لأجل: { $role }
models-back-to = ↩️ رجوع: { $role }
models-ask-pull = أي نموذج أجلب إلى { $place }؟ أرسل اسمه كما في https://ollama.com/library مثل { $example }، وأي أمر ينهي هذا.
models-pull-begun = 📥 أبحث عن { $name }. ستسألك بطاقة فيها حجمه قبل جلب أي شيء.
models-trial-begun = بدأت التجربة
models-going-back = أرجع إلى السابق
models-looking = أبحث عن إصدارات أحدث
models-starting = أشغّل الخادم
models-title-pull = 📥 جلب { $name }
models-title-switch = 🔀 التحويل إلى { $name }
models-title-back = ↩️ الرجوع إلى { $name }
models-title-check = 🔎 البحث عن نماذج أحدث: { $name }
models-title-serve = ▶️ تشغيل خادم النماذج: { $name }
models-event-pulled = وصل { $model } ({ $size })، المكان: { $place }.
models-event-kept = الإصدار السابق محفوظ باسم { $name }.
models-event-switched = { $role }: الآن { $model }. وقبله: { $before }.
models-event-trial = التجربة: { $notes }
models-event-rolled-back = { $role }: عاد { $model }. وقبله: { $before }.
models-event-served = خادم النماذج يعمل، المكان: { $place }، الإصدار { $version }.
models-event-checked = بحثت عن نماذج أحدث: { $place }
models-new = جديد هنا
models-updates = له إصدار أحدث
models-update-unknown = تعذرت معرفته
models-all-new = كل شيء في أحدث إصدار.
err-models-no-server = لم يُرَ خادم نماذج في { $place }. شغّل Ollama هناك، ثم انظر ثانية.

models-pull-model = النموذج:
models-pull-digest = بصمة محتواه:
models-pull-free = المتاح على القرص { $size }
models-pull-tight = يكاد لا تتسع له الذاكرة هناك ({ $size })؛ وقد يجيب مكانه نموذج أصغر.
models-pull-replaces = إصدار أحدث من نموذج موجود؛ ويبقى ذاك باسم ثانٍ.

cost-title = كم تكلف النماذج
cost-today = اليوم
cost-month = هذا الشهر
cost-forecast = حتى آخر الشهر
cost-saved = وفّرته النماذج المجانية ونماذجك
cost-unsure = منها { $amount } محجوز أو مقدّر ولم يُحاسب بعد.
cost-calls = { $calls ->
    [one] نداء واحد، { $tokens } رمز
    [two] نداءان، { $tokens } رمز
    [few] { $calls } نداءات، { $tokens } رمز
   *[other] { $calls } نداء، { $tokens } رمز
}
cost-answers = { $count ->
    [one] إجابة واحدة
    [two] إجابتان
    [few] { $count } إجابات
   *[other] { $count } إجابة
}
cost-by-model = حسب النموذج، هذا الشهر
cost-by-kind = حسب نوع العمل
cost-kind-chat_turn = المحادثة
cost-kind-summarise_thread = التلخيص
cost-kind-add_model = تجربة المفاتيح
cost-kind-check_all_models = الفحص
cost-kind-carry_out = الأوامر
cost-budgets = الميزانيات
cost-budget-day = لليوم
cost-budget-month = للشهر
cost-budget-run = للعمل الواحد
cost-no-limit = بلا حد
cost-of = { $spent } من { $limit }
cost-raised-by = { $amount } زيادة لليوم
cost-new-at = تتجدد
cost-ask = المس مبلغًا، أو أرسله بالدولار. عند 80 ٪ أنبهك؛ وعند 100 ٪ تتوقف النماذج المدفوعة، وتستمر المجانية والمحلية.
cost-set = تغيرت الميزانية
cost-raised = اليوم حتى ${ $limit }
cost-drawing = الصورة تتبع
cost-chart = آخر { $days } يومًا
cost-chart-text = أُنفق { $spent }، منها { $month } هذا الشهر.
cost-chart-line = الخط المتقطع هو ميزانية اليوم.
cost-nothing = لم يُسأل أي نموذج هذا الشهر

component-key-named = مفتاح { $name }
component-model-named = النموذج { $name }
alert-key-revoked = يرفض { $title } المفتاح الذي ينتهي بـ { $hint }. لن يُستعمل بعد الآن؛ وغيره مستمر. أعطني مفتاحًا جديدًا من الأسفل.
alert-cloud-down = لا نموذج في السحابة يجيب، فيجيب { $helper } على جهازك. لم يضع شيء؛ وأخبرك حين ينتهي الأمر.
alert-models-down = لا نموذج يجيب، لا في السحابة ولا على أجهزتك. ما ترسله ينتظر أو يفشل. في /models ترى كلًا منها؛ أضف واحدًا، أو شغّل Ollama.

button-models = 🧠 النماذج
button-add-model = ➕ إضافة
button-add-key = 🔑 مفتاح جديد
button-test-models = 🩺 فحص الكل
button-local-models = 💻 أجهزتي
button-removed = 🗑 المزالة
button-pause-model = ⏸ إيقاف مؤقت
button-resume-model = ▶️ أعده للعمل
button-prefer = ⭐ تفضيل
button-unprefer = ☆ بلا تفضيل
button-pin = 📌 ثبّته هنا
button-unpin = 📌 فك التثبيت
button-remove-model = 🗑 إزالة
button-remove-sure = 🔴 نعم، أزله
button-keep-model = أبقه
button-keys = 🔑 المفاتيح
button-plan-free = خطة مجانية
button-plan-paid = خطة مدفوعة
button-other-address = 🌐 عنوان آخر
button-keyless = بلا مفتاح
button-anyway = أبقه كما هو
button-drop-key = 🗑 امح المفتاح
button-pull-model = 📥 جلب نموذج
button-look-updates = 🔎 الأحدث
button-start-server = ▶️ تشغيل
button-choose-model = استعمله لأجل…
button-cost = 💰 التكلفة
button-raise-today = ⬆️ زيادة لليوم
button-chart = 📊 صورة
button-budget-day = لليوم
button-budget-month = للشهر
button-budget-run = للعمل الواحد
button-no-limit = بلا حد
button-usual-limit = كالمعتاد

audit-kind-model-paused = نموذج أُوقف مؤقتًا
audit-kind-model-resumed = نموذج عاد للعمل
audit-kind-model-removed = نموذج أُزيل
audit-kind-model-restored = نموذج أُرجع
audit-kind-model-added = نموذج أُضيف
audit-kind-model-key-given = مفتاح أُعطي
audit-kind-model-key-removed = مفتاح مُحي
audit-kind-budget-set = ميزانية تغيرت
audit-kind-budget-raised = ميزانية يوم زيدت
audit-kind-model-preferred = نموذج قُدِّم على غيره
audit-kind-model-unpreferred = نموذج لم يعد مقدَّمًا
audit-kind-model-pinned = نموذج ثُبِّت لمحادثة
audit-kind-model-unpinned = نموذج أُزيل تثبيته
audit-kind-model-plan = تغيّرت خطة مفتاح
audit-kind-model-switched = بُدِّل نموذج محلي
audit-kind-key-refused = رفضت الخدمة مفتاحًا
audit-kind-models-imported = أُخذت نماذج من ملف
