# ما الذي تطلبه الرسالة من النماذج، بكلماتها أو بقول المالك.

cmd-urgent = أجب عن هذا أولًا وبأقوى نموذج
wish-urgent-how = اكتب /urgent ثم سؤالك. أو ابدأ رسالتك بكلمة «عاجل:». عندها يجيب أقوى نموذج، ولو كان بمقابل.

why-asked = فُهم الطلب هكذا
why-asked-urgent = عاجل
why-asked-is-hard = صعب
why-asked-private = 🔒 خاص
why-asked-released = سمحتَ بخروجه
why-asked-needs-tools = مع الأدوات
why-asked-needs-vision = مع الصور
why-asked-characters = { $count ->
    [one] حرف واحد
    [two] حرفان
    [few] { $count } أحرف
   *[other] { $count } حرفًا
}
why-spent = ${ $amount }
why-rounds = عدد الطلبات { $count }
why-considered = كان يمكن أن يجيب { $could }، واستُبعد { $out }.
why-more = و{ $count } غيرها
button-why-details = 🔍 كل التفاصيل
button-why-short = ▴ باختصار

cost-unraised = عادت ميزانية اليوم كما كانت
button-unraise = ↩️ كما كان
audit-kind-budget-unraised = أُلغيت زيادة الميزانية
