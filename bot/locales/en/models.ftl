# Models and what they cost: the screens of /models and /cost, adding, checks, notices.
cmd-models = Models: state, limits, add, pause, test
cmd-cost = What models cost, and your budgets

models-title = Models
models-none = There is no model yet. Add one below.
models-more = and { $count } more
models-state-ready = ready
models-state-busy = answering just now
models-state-cooling = failed, rests
models-state-used-up = out of quota
models-again = asked again
models-state-unreachable = not reachable
models-state-refused = key refused
models-state-keyless = no key yet
models-state-paused = paused
models-left-rpm = { $left } of { $most } requests a minute left
models-left-rpd = { $left } of { $most } requests a day left
models-left-tpm = { $left } of { $most } tokens a minute left
models-left-tpd = { $left } of { $most } tokens a day left
models-limit-in = limit in about { $seconds } s
models-first = begins after { $seconds } s
models-cost = { $amount } this month
models-share = { $percent } % of answers
models-mine = your machine
models-cloud = in the cloud
models-window = holds { $tokens } tokens
models-can = can: { $what }
models-can-tools = tools
models-can-vision = pictures
models-role-chat = talking
models-role-code = code
models-role-summarise = summaries
models-role-embed = search
models-strength = strength { $strength } of 100
models-price = { $prompt } per million tokens read, { $completion } written
models-free = costs nothing
models-month = { $calls ->
    [one] this month: { $calls } call, { $answered } answered
   *[other] this month: { $calls } calls, { $answered } answered
}
models-never-asked = Not asked this month.
models-remove-sure = Remove it? It can be brought back later.
models-remove-keys = Its key goes with it for ever: { $hints }. To use it again you would need the key again.
models-remove-local = Its files stay on that machine; it is only not asked any more.
models-paused = { $name } is paused
models-resumed = { $name } is asked again
models-preferred = { $name } is the first choice
models-unpreferred = { $name } is in its usual place
models-pinned = { $name } answers this conversation
models-unpinned = The choice is free again
models-gone = { $name } is removed
models-back = { $name } is back
models-removed-title = Removed models
models-removed-text = A tap brings one back, as it was.
models-removed-none = None is removed.

models-keys-title = Keys: { $title }
models-keys-none = There is no key yet.
models-key-ready = works
models-key-trial = being tried
models-key-dead = refused
models-key-uses = { $count ->
    [one] { $count } call
   *[other] { $count } calls
}
models-key-environment = from the settings
models-key-remove = 🗑 Remove …{ $hint }
models-key-sure = 🔴 Sure? …{ $hint }
models-key-gone = The key is wiped
models-plan-ask = Which plan is the key on? It decides what a call costs.
models-plan-free = Counted as the free plan
models-plan-paid = Counted as the paid plan

models-add-title = Add a model
models-add-text = Choose who serves it. Your key is kept sealed, and its message is deleted at once.
models-ask-key = Send the key now, alone in one message. I delete the message at once and try the key. Any command ends this.
models-ask-keyless = Without a key it goes too, if the address wants none.
models-ask-address = Send the address, like https://example.org/v1. Any command ends this.
models-ask-model = Which model is it? Send its name as the service writes it. Any command ends this.
models-trying = Trying it now
models-key-taken = 🔑 Got it. Your message is gone, the key is sealed, and I am trying it now.
models-added = { $title } works
models-refused = { $title } refused the key
models-refused-text = The key is wiped. Check it at the provider, then send it again.
models-untested = { $title } could not be tried
models-untested-text = The key is kept aside for an hour. Try again, keep it as it is, or drop it.
models-kept = Kept
models-dropped = The key is wiped

models-test-title = Check of all models
models-test-begun = 🩺 Checking all models with one short call each. The picture follows.
models-tested = { $well } of { $count } answered
models-report = The report as a file

models-places-title = Models on your machines
models-places-none = No machine has told of a model server yet. Install Ollama on one of them and start it.
models-place-title = Models: { $place }
models-server-running = runs
models-server-starting = is starting
models-server-down = does not answer
models-server-absent = is not set up
models-memory = { $size } of memory
models-smaller = { $model } does not fit now, { $smaller } answers
models-loaded = in memory
models-serves = serves: { $role }
models-passed-on = This one runs on somebody else's machine. It gets nothing private.
models-trial-text = A model is switched on for a kind of work only after it passed a short trial.
models-use-for = Use: { $role }
models-back-to = ↩️ Back: { $role }
models-ask-pull = Which model shall I fetch for { $place }? Send its name as on https://ollama.com/library like { $example }. Any command ends this.
models-pull-begun = 📥 Looking up { $name }. A card with its size asks you before anything is fetched.
models-trial-begun = The trial has begun
models-going-back = Going back
models-looking = Looking for newer versions
models-starting = Starting the server
models-title-pull = 📥 Fetch { $name }
models-title-switch = 🔀 Switch to { $name }
models-title-back = ↩️ Back to { $name }
models-title-check = 🔎 Look for newer models: { $name }
models-title-serve = ▶️ Start the model server: { $name }
models-event-pulled = { $model } is here ({ $size }), at { $place }.
models-event-kept = The former version is kept as { $name }.
models-event-switched = { $model } serves { $role } now. Before: { $before }.
models-event-trial = Trial: { $notes }
models-event-rolled-back = Back to { $model } for { $role }. Before: { $before }.
models-event-served = The model server runs at { $place }, version { $version }.
models-event-checked = Looked for newer models: { $place }
models-new = new here
models-updates = newer version
models-update-unknown = cannot be told
models-all-new = Everything is in its newest version.
err-models-no-server = No model server has been seen at { $place }. Start Ollama there, then look again.

models-pull-model = Model:
models-pull-digest = Its bytes (sha256):
models-pull-free = { $size } free on the disk
models-pull-tight = It hardly fits into the memory there ({ $size }); a smaller model may answer in its place.
models-pull-replaces = A newer version of a model that is here; that one is kept under a second name.

cost-title = What models cost
cost-today = Today
cost-month = This month
cost-forecast = By the end of the month
cost-saved = Saved by free and own models
cost-unsure = Of this, { $amount } is reserved or estimated, not billed yet.
cost-calls = { $calls ->
    [one] { $calls } call, { $tokens } tokens
   *[other] { $calls } calls, { $tokens } tokens
}
cost-answers = { $count ->
    [one] { $count } answer
   *[other] { $count } answers
}
cost-by-model = By model, this month
cost-by-kind = By kind of work
cost-kind-chat_turn = conversation
cost-kind-summarise_thread = summaries
cost-kind-add_model = trying keys
cost-kind-check_all_models = checks
cost-kind-carry_out = commands
cost-budgets = Budgets
cost-budget-day = A day
cost-budget-month = A month
cost-budget-run = One job
cost-no-limit = no limit
cost-of = { $spent } of { $limit }
cost-raised-by = { $amount } more for today
cost-new-at = anew
cost-ask = Tap an amount, or send one in dollars. At 80 % I warn you; at 100 % paid models stop, free and local ones go on.
cost-set = The budget is changed
cost-raised = Today up to ${ $limit }
cost-drawing = The picture follows
cost-chart = The last { $days } days
cost-chart-text = Spent { $spent }, of it { $month } this month.
cost-chart-line = The dashed line is the budget of a day.
cost-nothing = No model was asked this month

component-key-named = the key of { $name }
component-model-named = the model { $name }
alert-key-revoked = { $title } refuses the key that ends with { $hint }. It is not used any more; others go on. Give a new one below.
alert-cloud-down = No model in the cloud answers, so { $helper } on your machine does. Nothing is lost; I tell you when it is over.
alert-models-down = No model answers, neither in the cloud nor on your machines. What you send waits or fails. /models shows each; add one, or start Ollama.

button-models = 🧠 Models
button-add-model = ➕ Add
button-add-key = 🔑 New key
button-test-models = 🩺 Test all
button-local-models = 💻 My machines
button-removed = 🗑 Removed
button-pause-model = ⏸ Pause
button-resume-model = ▶️ Use again
button-prefer = ⭐ Prefer
button-unprefer = ☆ Do not prefer
button-pin = 📌 Pin here
button-unpin = 📌 Unpin
button-remove-model = 🗑 Remove
button-remove-sure = 🔴 Yes, remove
button-keep-model = Keep it
button-keys = 🔑 Keys
button-plan-free = Free plan
button-plan-paid = Paid plan
button-other-address = 🌐 Other address
button-keyless = Without a key
button-anyway = Keep it
button-drop-key = 🗑 Drop the key
button-pull-model = 📥 Fetch a model
button-look-updates = 🔎 Newer ones
button-start-server = ▶️ Start it
button-choose-model = Use it for …
button-cost = 💰 Cost
button-raise-today = ⬆️ More for today
button-chart = 📊 Picture
button-budget-day = A day
button-budget-month = A month
button-budget-run = One job
button-no-limit = No limit
button-usual-limit = As usual

audit-kind-model-paused = Model paused
audit-kind-model-resumed = Model used again
audit-kind-model-removed = Model removed
audit-kind-model-restored = Model brought back
audit-kind-model-added = Model added
audit-kind-model-key-given = Key given
audit-kind-model-key-removed = Key wiped
audit-kind-budget-set = Budget changed
audit-kind-budget-raised = Budget raised for a day
audit-kind-model-preferred = Model preferred
audit-kind-model-unpreferred = Model not preferred any more
audit-kind-model-pinned = Model pinned to a thread
audit-kind-model-unpinned = Model unpinned
audit-kind-model-plan = Plan of a key changed
audit-kind-model-switched = Local model switched
audit-kind-key-refused = Key refused by its service
audit-kind-models-imported = Models taken from a file
