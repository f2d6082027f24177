# Limits, costs and budgets: what core raises, and what the owner is told of by itself.

component-budget = Budget

err-limit-reached = The model's limit leaves no room for this just now. Wait { $wait } and try again; /models shows what is left.
err-budget-used-up = The budget { $kind ->
    [day] for today
    [month] for this month
   *[run] for this job
} does not reach for a paid model. Free and local models go on; /cost shows it, and raises it if you want.
err-budget-not-a-sum = This is no sum of money that a budget could be. Send a number of dollars, such as 5.
alert-budget-near = { $percent } % of the budget { $kind ->
    [day] for today
    [month] for this month
   *[run] for this job
} is spent: ${ $spent } of ${ $limit }. When it is used up, paid models stop; free and local ones go on. /cost shows it, and raises it if you want.
alert-limit-near = { $endpoint }: { $left } of { $most } { $dimension ->
    [rpd] requests
   *[tpd] tokens
} a day are left. Other models are asked first, and this one again when there is room. /models shows it.
