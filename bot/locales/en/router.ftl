# Why a model was chosen or left out, and what an answer says about how it came about.

err-models-at-limit = Every model that could answer has used up its limit. Wait { $wait } and try again, or add another one in /models.
err-models-over-budget = The models that could answer cost money, and the budget is used up. Raise it for today in /cost, or add a free model in /models.
err-model-budget = This call does not fit into the budget. Raise it for today in /cost, or use a free model.
err-router-weights = This part of MASK_ROUTER_WEIGHTS cannot be read: { $part }. Write name=number, several with a semicolon between them.

answer-cut = ✂️ The model broke off and no other one could go on. Write “go on” to try again.
answer-joined = 🧵 Another model began this answer and broke off; this one went on.
answer-cached = ♻️ The same question as a moment ago, so the same answer.

why-joined = Began the answer and broke off
why-cached = the answer of a moment ago; nobody was asked anew
why-failure-budget = its price does not fit into the budget
why-reason-pinned = your choice for this conversation
why-reason-urgent = urgent, so the strongest first
why-reason-hard = hard work, so the strongest first
why-reason-kept = private, so a machine of yours
why-reason-large = a long text (over { $detail } characters), so your own machine
why-reason-role = made for this kind of work ({ $detail })
why-reason-rested = not asked for long, so it gets a turn
why-reason-near-limit = near its limit, { $detail } % left
why-reason-at-limit = at its limit, free again in { $detail }
why-reason-over-limit = the request is larger than its limit
why-reason-used-up = its limit is used up for { $detail }
why-reason-paused = paused by you
why-reason-away = { $detail } does not answer now
why-reason-no-vision = cannot see pictures
why-reason-no-role = not made for this ({ $detail })
why-reason-budget = does not fit into the budget (up to ${ $detail })
why-note-free = free
why-note-cost = up to ${ $detail }
why-note-left = { $detail } % of its limit left
why-note-runs-out = at its limit in about { $detail }
why-note-first-token = begins after about { $detail } s
why-note-failed = failed { $detail } times lately
why-note-busy = { $detail } calls under way
