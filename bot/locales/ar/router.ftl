# لماذا اختير نموذج أو تُرك، وما يقوله الجواب عن كيفية وصوله.

err-models-at-limit = كل نموذج كان يمكنه الإجابة بلغ حدّ استخدامه. انتظر { $wait } ثم حاول مرة أخرى، أو أضف نموذجًا آخر من /models.
err-models-over-budget = النماذج التي يمكنها الإجابة مدفوعة، والميزانية نفدت. ارفع ميزانية اليوم من /cost، أو أضف نموذجًا مجانيًا من /models.
err-model-budget = تكلفة هذا الطلب لا تتسع لها الميزانية. ارفع ميزانية اليوم من /cost، أو استعمل نموذجًا مجانيًا.
err-router-weights = لا يمكن قراءة هذا الجزء من MASK_ROUTER_WEIGHTS: { $part }. اكتب اسم=رقم، وافصل بين الأجزاء بفاصلة منقوطة.

answer-cut = ✂️ انقطع النموذج ولم يستطع غيره أن يكمل. اكتب «تابع» للمحاولة مرة أخرى.
answer-joined = 🧵 بدأ نموذج آخر هذا الجواب ثم انقطع، فأكمله هذا النموذج.
answer-cached = ♻️ السؤال نفسه قبل لحظات، لذلك الجواب نفسه.

why-joined = بدأ الجواب ثم انقطع
why-cached = جواب قبل لحظات؛ لم يُسأل أحد من جديد
why-failure-budget = سعره لا تتسع له الميزانية
why-reason-pinned = اختيارك لهذه المحادثة
why-reason-urgent = الأمر عاجل، لذلك الأقوى أولًا
why-reason-hard = عمل صعب، لذا الأقوى أولًا
why-reason-kept = كلام خاص، لذلك جهازك أنت
why-reason-large = نص طويل (أكثر من { $detail } حرف)، لذلك جهازك أنت
why-reason-role = مصنوع لهذا النوع من العمل ({ $detail })
why-reason-rested = لم يُسأل منذ مدة، فهذا دوره
why-reason-near-limit = قريب من حدّه، بقي { $detail } %
why-reason-at-limit = بلغ حدّه، ويتاح بعد { $detail }
why-reason-over-limit = الطلب أكبر من حدّه
why-reason-used-up = نفد حدّه، يتاح بعد { $detail }
why-reason-paused = أوقفته أنت مؤقتًا
why-reason-away = { $detail } لا يجيب الآن
why-reason-no-vision = لا يرى الصور
why-reason-no-role = غير مصنوع لهذا ({ $detail })
why-reason-budget = لا تتسع له الميزانية (حتى ${ $detail })
why-note-free = مجاني
why-note-cost = حتى ${ $detail }
why-note-left = بقي { $detail } % من حدّه
why-note-runs-out = يبلغ حدّه بعد نحو { $detail }
why-note-first-token = يبدأ بعد نحو { $detail } ثانية
why-note-failed = فشل { $detail } مرات مؤخرًا
why-note-busy = { $detail } طلبات جارية الآن
