# Limits, costs and budgets: what core raises, and what the owner is told of by itself.

component-budget = الميزانية

err-limit-reached = لا يترك حدّ النموذج مكانًا لهذا الآن. انتظر { $wait } ثم حاول مرة أخرى، و /models يعرض ما بقي.
err-budget-used-up = لا تكفي ميزانية { $kind ->
    [day] اليوم
    [month] هذا الشهر
   *[run] هذه المهمة
} لنموذج مدفوع. النماذج المجانية والمحلية تستمر، و /cost يعرضها ويرفعها إن أردت.
err-budget-not-a-sum = هذا ليس مبلغًا يصلح ميزانية. أرسل عددًا بالدولار، مثل 5.
alert-budget-near = صُرف { $percent } ٪ من ميزانية { $kind ->
    [day] اليوم
    [month] هذا الشهر
   *[run] هذه المهمة
}: ${ $spent } من ${ $limit }. حين تنفد تتوقف النماذج المدفوعة وتستمر المجانية والمحلية. /cost يعرضها ويرفعها إن أردت.
alert-limit-near = { $endpoint }: بقي { $left } من { $most } { $dimension ->
    [rpd] طلبًا
   *[tpd] رمزًا
} في اليوم. أسأل النماذج الأخرى أولًا، ثم أعود إليه حين يتّسع المجال. /models يعرض ذلك.
