# The lines around a model's answer.
answer-tag = · النموذج { $model } على { $place }
answer-practice = 🧪 تدريب: كتب هذا نصٌّ مُعدّ مسبقًا، ولا يوجد نموذج حقيقي متصل.
answer-stopped = ⏹ تم الإيقاف. هذا ما وصل حتى الآن.
answer-length = ✂️ بلغ النموذج حدّ الطول. اكتب «تابع» لتحصل على الباقي.
answer-stopped-early = ⏹ تم الإيقاف قبل كتابة أي شيء.
answer-empty = أرسل النموذج إجابة فارغة. اسأل مرة أخرى من فضلك، وربما بصياغة مختلفة.
answer-maybe-repeat = ↻ ربما وصلتك هذه الرسالة من قبل.
answer-in-file = 📄 الإجابة طويلة. تجدها كاملة في الملف أدناه.
answer-file-caption = 📄 الإجابة كاملة
turn-stopped = ⏹ تم الإيقاف.
