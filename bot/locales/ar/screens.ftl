# Cards: start, help, language, settings, jobs, status, why, threads, alerts, what failed.
start-hello = مرحبًا! أنا «القناع»، مساعدك الخاص.
start-hello-name = مرحبًا يا { $name }! أنا «القناع»، مساعدك الخاص.
start-step = الخطوة { $step } من { $steps }
start-text-0 =
    أستمع إليك وحدك، بالبنغالية أو العربية أو الإنجليزية.
    لا يضيع شيء مما تكتبه لي، حتى لو انقطعت الكهرباء في منتصف العمل.

    أي لغة تفضّل؟
start-title-1 = 💬 تحدّث معي
start-text-1 =
    اكتب ببساطة كما تكتب لإنسان. مثلًا:
    «ماذا تستطيع أن تفعل لي اليوم؟»

    ترى إجابتي وهي تُكتب. وإذا اكتفيت فاضغط زر الإيقاف أو أرسل /stop.
start-title-2 = 🛡 ما يمكنك الاعتماد عليه
start-text-2 =
    لا أغيّر شيئًا قبل أن توافق.
    ما هو خاص يبقى على أجهزتك أنت.
    وإذا حدث خلل أخبرك مرة واحدة: ماذا حدث، وماذا يمكنك أن تفعل.
start-title-3 = 🧭 أين تجد الأشياء
start-text-3 =
    لفصل محادثاتك بعضها عن بعض: /threads
    لرؤية ما أعمل عليه: /jobs، وللاطمئنان على حالي: /status
    ولكل ما عدا ذلك: /help

    هذا كل شيء. اكتب لي متى شئت.

help-title = ما أستطيع فعله
help-intro = اكتب لي فحسب. وهذه الأوامر تساعدك أيضًا:
help-group-talk = 💬 الحديث
help-group-work = 🗂 العمل
help-group-ways = ⚙️ طريقتي
help-group-more = 👋 الخطوات الأولى
help-outro = اضغط على أي أمر لتنفيذه.

language-title = اللغة
language-text = اختر اللغة التي أحدّثك بها، وسأظل أفهم اللغات الأخرى.

settings-title = الإعدادات
settings-text = اضغط للتغيير، ويسري فورًا.
settings-language = اللغة
settings-streaming = إظهار الإجابة أثناء كتابتها
settings-rich = جداول وعناوين منسّقة
settings-tag = ذكر النموذج الذي أجاب

jobs-title = الأعمال
jobs-empty = لا شيء يجري ولا شيء ينتظر. الجو هادئ.
jobs-untitled = بلا اسم
jobs-state-ready = على وشك البدء
jobs-state-running = يجري
jobs-state-done = انتهى
jobs-state-failed = تعثّر
jobs-state-cancelled = أوقفته أنت
jobs-state-stale = لا يوافق الإصدار الجديد
jobs-waiting-step = يجري، وينتظر جزءًا من عمله
jobs-waiting-time = متوقف حتى يحين وقته
jobs-waiting-owner = ينتظر قرارك
jobs-waiting-place = ينتظر عودة هذا الجهاز: { $what }

status-all-good = كل شيء على ما يرام
status-all-fair = يعمل، لكن هناك ما يستحق النظر
status-all-bad = هناك شيء متوقف
status-bot = البوت
status-bot-polling = مستيقظ منذ { $up }، ويسأل تيليغرام بنفسه
status-bot-webhook = مستيقظ منذ { $up }، وتيليغرام يستدعيه
status-workers = العمّال
status-echo = آخر إشارة حياة قبل { $ago }
status-no-echo = لا إشارة حياة بعد
status-work = العمل
status-going = { $going } جارٍ، { $waiting } في الانتظار
status-trouble = آخر 24 ساعة
status-failed = تعثّر { $failed }، وتقادم { $stale }
status-queue = الطابور
status-queue-length = { $length } في الانتظار
status-queue-away = لا يستجيب؛ يستمر العمل أبطأ قليلًا ولا يضيع شيء
status-models = النماذج
status-model = النموذج
status-no-models = لم يُعدّ أي نموذج
status-model-up = جاهز
status-model-down = غير متاح
status-node = الجهاز
status-node-seen = آخر ظهور قبل { $ago }
status-node-new = لم يظهر بعد
status-database = قاعدة البيانات
status-database-sound = سليمة، فُحصت قبل { $ago }
status-database-damaged = تالفة، اكتُشف ذلك قبل { $ago }: استعد نسخة احتياطية من فضلك
status-database-unchecked = لم تُفحص بعد

why-title = لماذا هذه الإجابة؟
why-nothing = لا توجد إجابة بعد لأشرحها. اكتب لي أولًا.
why-answered = أجاب
why-tokens = قرأ { $prompt } رمزًا وكتب { $completion }
why-tokens-about = قرأ نحو { $prompt } رمزًا وكتب { $completion }
why-took = استغرق { $took }
why-tried = سُئل قبله بلا جدوى
why-order = ترتيب من أسأل
why-ruled-out = من استُبعد
why-failure-unreachable = تعذّر الوصول إليه
why-failure-timeout = تأخر كثيرًا
why-failure-limited = بلغ حدّ الاستخدام
why-failure-server = خطأ عند مزوّد الخدمة
why-failure-broken-stream = انقطع في المنتصف
why-failure-unauthorised = رُفض المفتاح
why-failure-missing-model = هذا النموذج غير موجود
why-failure-bad-request = لم يستطع قبول هذا الطلب
why-failure-not-set-up = غير مُعدّ هنا
why-reason-preferred = اختيارك
why-reason-listed = مرتبته بحسب الكلفة والقوة والسرعة والانشغال
why-reason-cooling = يستريح بعد تعثّر، بقي { $detail }
why-reason-private = الكلام الخاص يبقى على أجهزتك
why-reason-not-set-up = غير مُعدّ، وينقصه: { $detail }
why-reason-not-there = لا يعمل هنا
why-reason-key-refused = رُفض مفتاحه
why-reason-context = المحادثة أطول مما يحتمل ({ $detail } رمزًا)
why-reason-no-tools = لا يستطيع استخدام الأدوات
why-reason-practice = للتدريب فقط، حين لا يوجد نموذج حقيقي

threads-title = المحادثات
threads-empty = لا محادثات بعد. اكتب لي فحسب.
threads-unnamed = بلا اسم
threads-count = { $count ->
    [one] رسالة واحدة
    [two] رسالتان
    [few] { $count } رسائل
   *[other] { $count } رسالة
 }
threads-summary = باختصار:
threads-last = آخر الرسائل:
threads-no-messages = لم يُقل شيء هنا بعد.
threads-you = أنت
threads-me = أنا
threads-created = 🧵 بدأت محادثة جديدة: { $name }. عمّ نتحدث؟
threads-switched = 🧵 نتابع في: { $name }
threads-renamed = ✏️ صار اسم هذه المحادثة: { $name }
threads-ask-name = ما اسم هذه المحادثة؟ أرسل لي الاسم.

alert-level-critical = عاجل
alert-level-problem = مشكلة
alert-level-notice = للعلم
alert-level-resolved = حُلّت
alert-over = انتهى الأمر، وكل شيء يعمل من جديد. كان السبب:
alert-count = { $count ->
    [one] حدث مرة واحدة
    [two] حدث مرتين
    [few] حدث { $count } مرات
   *[other] حدث { $count } مرة
 }
alert-first = أول مرة:
alert-last = آخر مرة:
alert-many-alerts = حدثت عدة مشكلات معًا: { $names }. أرسل /status لترى حالي.
alert-deaf = لم يعطِ العمّال إشارة حياة منذ { $minutes } دقيقة، لذا أعيد تشغيلهم. لم يضع شيء.
alert-turns-wait = رسالتك محفوظة، لكن لم يتولَّها أي عامل منذ أكثر من عشر ثوانٍ. أواصل المراقبة، وإن طال الأمر فأعد تشغيلي على الجهاز الرئيسي.
alert-deaf-bot = لم أسمع من تيليغرام منذ { $seconds } ثانية ({ $why }). أواصل المحاولة، وتحقق من الاتصال إن طال الأمر.
alert-update-dead = تعذّر عليّ التعامل مع رسالة واردة ثلاث مرات ({ $why }). نحّيتها جانبًا، فأرسلها مرة أخرى بصياغة مختلفة من فضلك.
alert-notice-dead = لم يقبل تيليغرام رسالة مني ({ $kind }): { $why }. اسألني مرة أخرى إن كان ينقصك شيء.
component-bot = البوت
component-worker = العامل
component-workers = العمّال
component-home = الجهاز الرئيسي
component-node = أحد أجهزتك
component-redis = ناقل الرسائل
component-queue = الطابور
component-database = قاعدة البيانات
component-models = النماذج
component-telegram = تيليغرام
component-intake = الرسائل الواردة
component-mailbox = الرسائل الصادرة
component-beat = جدول المواعيد
component-echo = إشارة الحياة
component-chat = المحادثة
component-node-named = الجهاز { $name }
component-chat_turn = المحادثة
component-summarise_thread = تلخيص المحادثة
component-pruning = الترتيب
component-probe_models = فحص النماذج

failed-title = لم ينجح الأمر هذه المرة
stale-title = هذا العمل لا يوافق الإصدار الجديد
stale-text = بدأ قبل تحديثي، ولن أخمّن كيف يُكمَل. ابدأه من جديد أو تخلَّ عنه.
pending-owner = ⏸ «{ $title }» ما زال ينتظر قرارك. سأهتم بالرسالة الجديدة أولًا.
pending-place = ⏸ «{ $title }» ما زال ينتظر عودة جهازه. سأهتم بالرسالة الجديدة أولًا.
pending-other = ⏸ «{ $title }» ما زال في الانتظار. سأهتم بالرسالة الجديدة أولًا.
