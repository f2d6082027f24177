# What a message asks of the models, by its words or by the owner's word.

cmd-urgent = Answer this one first, by the strongest model
wish-urgent-how = Write /urgent and then your question. Or begin a message with “urgent:”. The strongest model answers then, also one that costs.

why-asked = Taken as
why-asked-urgent = urgent
why-asked-is-hard = hard
why-asked-private = 🔒 private
why-asked-released = you let it leave
why-asked-needs-tools = with tools
why-asked-needs-vision = with pictures
why-asked-characters = { $count ->
    [one] { $count } character
   *[other] { $count } characters
}
why-spent = ${ $amount }
why-rounds = { $count } calls
why-considered = { $could } could answer, { $out } were left out.
why-more = and { $count } more
button-why-details = 🔍 Everything
button-why-short = ▴ Shorter

cost-unraised = Today is as it was before
button-unraise = ↩️ As before
audit-kind-budget-unraised = Raise of a budget taken back
