# Errors by code: what happened, then what to do. Values are the error's own parameters; `wait` and
# `code` are always there.

## Anything without a sentence of its own, and what the owner did

err-unknown = حدث ما لا أستطيع تفسيره ({ $code }). تحقق مما أُنجز ثم حاول مرة أخرى.
err-failed = تعثّر جزء من العمل. حاول مرة أخرى، وإن تكرر ذلك فشغّل python3 -m ops doctor على الحاسوب.
err-refused = رُفض جزء من العمل فتوقفت هناك. اطلبه بطريقة أخرى.
err-cancelled = لقد أوقفتَ هذا. اضغط زر إعادة المحاولة إن أردته مع ذلك.
err-no-such-run = هذا العمل لم يعد موجودًا. أرسل /jobs لترى الأعمال الحالية.
err-not-owner = لا يفعل هذا إلا صاحبي. إن كنت أنت هو فاقرنّي من جديد على الحاسوب.
err-stale-button = هذا الزر قديم. اضغط مرة أخرى على البطاقة الجديدة.
err-unknown-command = لا أعرف هذا الأمر. أرسل /help لترى الأوامر كلها.
err-not-yet-voice = { reply-voice }
err-not-yet-photo = { reply-photo }
err-not-yet-video = { reply-video }
err-not-yet-file = { reply-file }
err-not-yet-sticker = { reply-sticker }
err-not-yet-location = { reply-location }
err-not-yet-contact = { reply-contact }
err-not-yet-poll = { reply-poll }
err-not-yet-other = { reply-other }
err-thread-missing = هذه المحادثة لم تعد موجودة. أرسل /threads لتختار غيرها.
err-thread-name-empty = تحتاج المحادثة إلى اسم مرئي. أرسل لي اسمًا من كلمة أو كلمتين.

## Models

err-all-models-failed = لم يستطع أي نموذج أن يجيب. انتظر { $wait } ثم حاول مرة أخرى، و /why يخبرك بما جُرِّب.
err-no-model = لا يوجد نموذج يمكن سؤاله عن هذا. اضبط GROQ_API_KEY أو شغّل Ollama ثم حاول مرة أخرى.
err-no-local-model = هذا خاص ولا يُرسَل إلا إلى نموذج على جهازك، لكن لا أحد يجيب هناك. شغّل Ollama ثم حاول مرة أخرى.
err-model-unreachable = تعذّر الوصول إلى النموذج. تحقق من الاتصال ثم حاول مرة أخرى.
err-model-timeout = تأخر النموذج كثيرًا. حاول مرة أخرى، وربما بسؤال أقصر.
err-model-limited = بلغ النموذج حدّ الاستخدام مؤقتًا. انتظر { $wait } ثم حاول مرة أخرى.
err-model-server = حدث خطأ عند مزوّد النموذج. انتظر { $wait } ثم حاول مرة أخرى.
err-model-broken-stream = انقطع النموذج في منتصف إجابته. حاول مرة أخرى.
err-model-unauthorised = يرفض مزوّد النموذج المفتاح. ضع مفتاحًا صالحًا في .env ثم شغّلني من جديد.
err-model-missing-model = هذا النموذج غير موجود. ما يصلحه: { $detail }
err-model-bad-request = لا يستطيع النموذج قبول هذا الطلب ({ $detail }). اختصره أو ابدأ محادثة جديدة من /threads.
err-model-not-set-up = هذا النموذج غير مُعدّ هنا ({ $detail }). أضف ما ينقص إلى .env ثم شغّلني من جديد.
err-script-not-readable = تعذّرت قراءة نص التدريب { $path }: { $why }. صحّحه أو أزل الإعداد.
err-out-of-rounds = طلب النموذج الأدوات { $rounds } مرات دون أن يصل إلى إجابة. اسأل مرة أخرى بدقة أكبر.

## The engine: runs and steps

err-policy-says-no = تمنع قاعدةٌ هذه الخطوة ({ $step }). غيّر القاعدة إن شئت ثم اطلب مرة أخرى.
err-action-changed = ما كان سيُنفَّذ لم يعد ما عُرض عليك (تغيّر { $was } إلى { $now })، فلم أفعل شيئًا. اطلب مرة أخرى لتراه من جديد.
err-run-stale = هذا العمل لا يوافق الإصدار الجديد من البرنامج ({ $why }). ابدأه من جديد أو تخلَّ عنه من /jobs.
err-run-keeps-crashing = انهار البرنامج كلما عمل على هذا فتوقفت. حاول مرة واحدة أخرى، وإن تكرر ذلك فشغّل python3 -m ops doctor على الحاسوب.
err-step-timed-out = لم تنته الخطوة { $step } بعد { $seconds } ثانية. حاول مرة أخرى.
err-step-cut-off = انقطعت الخطوة { $step } في منتصفها ولا أعلم هل تمّ أثرها. تحقق أولًا ثم قرر هل تعيدها.
err-step-crashed = تعثّرت الخطوة { $step } بسبب خطأ في البرنامج. حاول مرة واحدة أخرى، وإن تكرر ذلك فشغّل python3 -m ops doctor على الحاسوب.
err-step-without-prepare = لا تستطيع الخطوة { $step } أن تعرض ما ستفعله، فلا أشغّلها. ثبّت أحدث إصدار من فضلك.
err-step-declared-twice = الخطوة { $step } موجودة مرتين في البرنامج. أزل آخر إضافة وشغّلني من جديد.
err-step-not-here = الخطوة { $step } غير موجودة على هذا الجهاز. حدّثه إلى أحدث إصدار ثم حاول مرة أخرى.
err-unknown-step = الخطوة { $step } ليست من البرنامج. ثبّت أحدث إصدار ثم حاول مرة أخرى.
err-too-many-steps = بلغ هذا العمل { $most } خطوة وهو أقصى ما أسمح به دفعة واحدة. اطلبه مجزّأً.
err-list-without-keys = الخطأ في البرنامج: الخطوات المتوازية في { $step } بلا أسماء. ثبّت أحدث إصدار من فضلك.
err-workflow-without-end = الخطأ في البرنامج: انتهى هذا العمل بلا نتيجة. ثبّت أحدث إصدار من فضلك.
err-workflow-crashed = الخطأ في البرنامج ({ $why }). حاول مرة واحدة أخرى، وإن تكرر ذلك فشغّل python3 -m ops doctor على الحاسوب.
err-illegal-move = حاول البرنامج تغييرًا لا يجوز ({ $what }: من { $old } إلى { $new }) فتوقفت هناك. وإن تكرر ذلك فشغّل python3 -m ops doctor على الحاسوب.
err-round-exists = بدأ هذا العمل ({ $run }) من قبل. ابحث عنه في /jobs.
err-value-not-storable = الخطأ في البرنامج: لا يمكن حفظ قيمة من نوع { $what } ({ $why }). ثبّت أحدث إصدار من فضلك.
err-value-not-readable = قيمة محفوظة من نوع { $what } لم تعد توافق البرنامج (عدد الأخطاء { $count }). ابدأ العمل من جديد من /jobs.
err-notice-kind-unknown = لديّ ما أخبرك به لكن هذا الإصدار لا يستطيع عرضه ({ $kind }). ثبّت أحدث إصدار.

## Machines and what travels between them

err-node-name = لا يصلح { $name } اسمًا لجهاز. استخدم حروفًا لاتينية صغيرة وأرقامًا وشرطات.
err-node-unknown = لا أعرف الجهاز { $node }. اقرنه أولًا.
err-node-revoked = لم يعد الجهاز { $node } موثوقًا. اقرنه من جديد إن كان لك.
err-hello-old = أرسل الجهاز { $node } تحية ينحرف وقتها { $offset_s } ثانية. اضبط ساعته.
err-private-place = هذا خاص و { $node } ليس جهازك، فلم أرسله إليه. استخدم جهازًا من أجهزتك.
err-message-too-large = رسالة بين الأجهزة أكبر مما يجوز ({ $size } بايت والحد { $most }). اطلب أقل دفعة واحدة.
err-message-body = تعذّرت قراءة رسالة بين الأجهزة ({ $what }: { $fields }). اجعل الجهازين على الإصدار نفسه.
err-envelope-shape = رسالة من الخارج ذات شكل خاطئ. نحّيتها دون قراءة ولم يتأثر شيء آخر. وإن تكرر ذلك فشغّل python3 -m ops doctor على الحاسوب.
err-envelope-body = محتوى رسالة بين الأجهزة ليس كما ينبغي. نحّيتها دون قراءة ولم يتأثر شيء آخر. وإن تكرر ذلك فشغّل python3 -m ops doctor على الحاسوب.
err-envelope-too-large = رسالة من الخارج أكبر مما يجوز ({ $size } بايت والحد { $most }). نحّيتها دون قراءة ولم يتأثر شيء آخر. وإن تكرر ذلك فشغّل python3 -m ops doctor على الحاسوب.
err-envelope-not-mine = وصلت رسالة موجّهة إلى { $to } إلى جهاز آخر. نحّيتها دون قراءة ولم يتأثر شيء آخر. وإن تكرر ذلك فشغّل python3 -m ops doctor على الحاسوب.
err-envelope-time = وصلت رسالة بين الأجهزة خارج وقتها بمقدار { $offset_s } ثانية. اضبط ساعتي الجهازين.
err-envelope-validity = تدّعي رسالة بين الأجهزة صلاحية { $seconds } ثانية وهي أطول من المسموح. نحّيتها دون قراءة ولم يتأثر شيء آخر. وإن تكرر ذلك فشغّل python3 -m ops doctor على الحاسوب.
err-envelope-kind = رسالة بين الأجهزة من نوع لا أعرفه ({ $kind }). اجعل الجهازين على الإصدار نفسه.
err-envelope-incarnation = يتحدث الجهاز { $node } عن ماضٍ استُعيد من نسخة احتياطية. شغّله من جديد.
err-envelope-boot = تعود رسالة إلى تشغيل سابق للجهاز { $node }. نحّيتها دون قراءة ولم يتأثر شيء آخر. وإن تكرر ذلك فشغّل python3 -m ops doctor على الحاسوب.
err-signature-wrong = تحمل رسالة توقيعًا خاطئًا: ربما يعبث أحد بناقل الرسائل. نحّيتها دون قراءة ولم يتأثر شيء آخر. وإن تكرر ذلك فشغّل python3 -m ops doctor على الحاسوب.
err-seal-unreadable = لا يُفتح المحتوى المختوم بمفتاح هذا الجهاز. اقرن الأجهزة من جديد.
err-key-malformed = هذا ليس مفتاحًا: شكله خاطئ. انسخه كاملًا مرة أخرى.
err-key-checksum = في رمز الاستعادة خطأ كتابة. قارنه بورقتك حرفًا حرفًا.
err-key-damaged = ملف المفتاح { $file } تالف. أعده من نسخة احتياطية أو برمز الاستعادة.
err-key-files = ملفات مفاتيح هذا الجهاز لا تتوافق. أعدها من نسخة احتياطية واحدة.
err-public-key-malformed = مفتاح الجهاز الآخر شكله خاطئ. انسخ نص الاقتران كاملًا مرة أخرى.
err-blob-reference = إحالة إلى محتوى محفوظ شكلها خاطئ. نحّيتها دون قراءة ولم يتأثر شيء آخر. وإن تكرر ذلك فشغّل python3 -m ops doctor على الحاسوب.
err-blob-too-large = هذا المحتوى أكبر مما يجوز ({ $size } بايت والحد { $most }). أرسل جزءًا أصغر.
err-blob-part = جزء من محتوى لا يناسب موضعه ({ $offset }). سأطلبه من جديد بنفسي ولا يلزمك شيء.
err-blob-missing = محتوى محفوظ لم يعد موجودًا ({ $sha256 }). أعد العمل الذي أنشأه.
err-blob-damaged = محتوى محفوظ تالف ({ $sha256 }). أعد العمل الذي أنشأه وافحص القرص.
err-blob-private = هذا المحتوى خاص ويبقى في مكانه ({ $sha256 }). اطلبه على جهازك.
err-models-failed = لم يستطع أي نموذج في هذا المكان أن يجيب. انتظر { $wait } ثم حاول مرة أخرى، و /why يخبرك بما جُرِّب.
err-prompt-too-long = هذا أطول مما يحتمله أي نموذج يمكن سؤاله ({ $reasons }). أرسل أقل دفعة واحدة أو ابدأ محادثة جديدة من /threads.
err-broker-away = ناقل الرسائل لا يستجيب. لم يضع شيء وسأتابع بنفسي حالما يعود. وإن تكرر ذلك فشغّل python3 -m ops doctor على الحاسوب.
err-place-stayed-away = لم يعد الجهاز { $place } في الوقت المناسب. شغّله ثم حاول مرة أخرى.
err-node-silent = لم يستلم الجهاز { $node } أي رسالة منذ { $hours } ساعة. شغّله ثم ابدأ العمل من جديد من /jobs.
err-node-already-runs = يعمل على هذا الجهاز عامل من قبل. أوقفه أولًا.
err-node-not-paired = لم يُقرن هذا الجهاز بعد. شغّله مرة بنص الاقتران.
err-pairing-malformed = هذا ليس نص اقتران. انسخه كاملًا مرة أخرى.
err-frame-shape = قطعة من النص الحي شكلها خاطئ. نحّيتها دون قراءة ولم يتأثر شيء آخر. وإن تكرر ذلك فشغّل python3 -m ops doctor على الحاسوب.
err-frame-old = وصلت قطعة من النص الحي متأخرة فأسقطتها. ستصل الإجابة كاملة على كل حال ولا يلزمك شيء.
err-halt-shape = أمر إيقاف شكله خاطئ. نحّيتها دون قراءة ولم يتأثر شيء آخر. وإن تكرر ذلك فشغّل python3 -m ops doctor على الحاسوب.
err-halt-not-mine = أمر إيقاف كان موجّهًا إلى { $to } لا إلى هذا الجهاز. نحّيتها دون قراءة ولم يتأثر شيء آخر. وإن تكرر ذلك فشغّل python3 -m ops doctor على الحاسوب.
err-step-inputs-differ = ما وصل إلى الخطوة { $step } ليس ما أُرسل، فلم أشغّلها. حاول مرة أخرى.
err-step-needs-grant = تحتاج الخطوة { $step } إلى إذنك ولم يصل معها إذن. اطلبها مرة أخرى.
err-step-not-held = سُجّلت نتيجة الخطوة { $step } من قبل. انظر إلى العمل في /jobs.
err-step-used-up = بدأت الخطوة { $step } مرة ولا يجوز أن تعمل مرتين، ولا أعلم هل تمّ أثرها. تحقق أولًا ثم قرر.
err-step-version = على الجهاز إصدار آخر من الخطوة { $step } ({ $here }). اجعل الجهازين على الإصدار نفسه.
err-unknown-schedule = يذكر جدول المواعيد { $schedule } وهو غير معروف للبرنامج. ثبّت أحدث إصدار.
