# النماذج على أجهزة المالك: الأخطاء والتنبيهات وبطاقة التنزيل.

approval-kind-model-pull = 📥 تنزيل نموذج
component-local-models = خادم النماذج

err-model-name = ليس { $model } اسم نموذج يمكن جلبه. اكتب الاسم كما هو في موقع Ollama.
err-model-in-cloud = يعمل { $model } على جهاز شخص آخر، فهو ليس نموذجًا محليًا. اختر نموذجًا لا يعمل في السحابة.
err-model-unknown = لا يوجد نموذج باسم { $model } لجلبه. تحقق من اسمه الدقيق في موقع Ollama، ثم حاول مرة أخرى.
err-model-is-here = النموذج { $model } موجود هنا بأحدث إصدار. لا شيء لجلبه، ويمكنك اختياره من /models.
err-model-changed = تغيّر { $model } أثناء جلبه، فما وصل ليس ما وافقت عليه. اطلبه من جديد وانظر إلى البطاقة.
err-model-registry-away = المصدر الذي تأتي منه النماذج لا يجيب ({ $why }). تحقق من الشبكة، ثم حاول مرة أخرى.
err-model-unfit = لم يُصنع { $model } لهذا العمل ({ $role }). اختر له نموذجًا آخر من /models.
err-model-failed-trial = لم ينجح { $model } في تجربته ({ $why })، فبقي كل شيء كما كان. حاول مرة أخرى، أو اختر نموذجًا آخر.
err-version-unknown = لم يعد هذا الإصدار في السجل. افتح /models، واختر واحدًا من القائمة.
err-local-model-missing = النموذج { $model } غير مثبت هناك. نزّله من /models، ثم حاول مرة أخرى.
err-local-server-away = خادم النماذج في { $address } لا يجيب ({ $why }). شغّل Ollama هناك، أو افتح /models.
err-local-server-failed = رفض خادم النماذج ({ $why }). حاول مرة أخرى؛ وإن بقي الأمر كذلك فحدّث Ollama.
err-local-server-not-started = تعذّر تشغيل خادم النماذج ({ $why }). ثبّت Ollama على ذلك الجهاز أو أصلحه، ثم حاول مرة أخرى.
err-local-models-down = توقف خادم النماذج ({ $why }). أعيد تشغيله حيث يُسمح لي؛ وفي الأثناء يجيب غيره، وينتظر ما هو خاص.
err-local-model-smaller = لا تتسع الذاكرة الآن للنموذج { $model }، لذلك يجيب { $smaller } مكانه. أغلق البرامج الكبيرة، أو اختر نموذجًا أصغر من /models.
