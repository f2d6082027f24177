# Limits, costs and budgets: what core raises, and what the owner is told of by itself.

component-budget = বাজেট

err-limit-reached = মডেলটির ব্যবহারের সীমায় এই মুহূর্তে এর জন্য জায়গা নেই। { $wait } পরে আবার চেষ্টা করুন; কতটা বাকি আছে তা /models দেখাবে।
err-budget-used-up = { $kind ->
    [day] আজকের
    [month] এই মাসের
   *[run] এই কাজের
} বাজেটে আর টাকা দিয়ে চালানো মডেল কুলায় না। বিনামূল্যের আর নিজের যন্ত্রের মডেল চলতে থাকবে; হিসাব দেখতে বা বাজেট বাড়াতে /cost পাঠান।
err-budget-not-a-sum = এটি বাজেটের মতো কোনো অঙ্ক নয়। ডলারে একটি সংখ্যা পাঠান, যেমন 5।
alert-budget-near = { $kind ->
    [day] আজকের
    [month] এই মাসের
   *[run] এই কাজের
} বাজেটের { $percent } শতাংশ খরচ হয়ে গেছে: ${ $limit } এর মধ্যে ${ $spent }। শেষ হলে টাকা দিয়ে চালানো মডেল থামবে; বিনামূল্যের আর নিজের যন্ত্রের মডেল চলবে। হিসাব দেখতে বা বাজেট বাড়াতে /cost পাঠান।
alert-limit-near = { $endpoint }: দিনে { $most }টি { $dimension ->
    [rpd] অনুরোধের
   *[tpd] টোকেনের
} মধ্যে { $left }টি বাকি। এখন আগে অন্য মডেলকে জিজ্ঞেস করছি; জায়গা হলে আবার এটিকে। /models এ দেখা যাবে।
