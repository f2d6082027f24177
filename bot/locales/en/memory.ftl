# What is remembered: /memory, /remember, /summarize, facts, forgetting; threads joined and split.
cmd-memory = What I remember: search, change, forget
cmd-remember = Remember something, as you say it
cmd-summarize = Sum up what is old

memory-title = Memory
memory-empty = I remember nothing yet. Tell me “remember that …”, or use /remember.
memory-nothing = Nothing was found. Fewer words or another filter may bring more.
memory-newest = Newest
memory-like = Like what you opened:
memory-found = { $count ->
    [one] one found
   *[other] { $count } found
 }
memory-found-more = more than { $count } found; the newest of them are ranked
memory-way-part = by parts of words
memory-way-meaning = by meaning
memory-day = { $day } { $month } { $year }
memory-since = since
memory-until = until
memory-only-archived = only archived
memory-ask-words = What shall I look for? Send me the words. Any command ends this.
memory-ask-days = Which days? Send me a day, month or year, or two of them: 2025-11 .. 2026-02. Any command ends this.

memory-filters = Narrow down
memory-filters-text = By what?
memory-filter-category = Which category?
memory-filter-when = From when?
memory-filter-thread = From which conversation?
memory-filter-origin = From which machine?
memory-filter-label = How private?
memory-filter-archived = Archived or not?
memory-when-day = The last day
memory-when-week = The last week
memory-when-month = Last 30 days
memory-when-year = The last year
memory-when-older = Older
memory-when-own = 📅 Other days …
memory-label-private = private
memory-label-open = open

memory-category-fact = about you
memory-category-note = notes
memory-category-interaction = what was said
memory-category-task = tasks
memory-category-learning = lessons
memory-category-upgrade = upgrades
memory-category-routing = choice of models
memory-category-monitoring = watching
memory-category-security = safety
memory-category-execution = commands
memory-category-model = models
memory-category-testing = tests
memory-category-backup = backups
memory-category-recovery = recovery
memory-category-state = state
memory-category-chaining = chains
memory-category-error = errors
memory-category-summary = summaries
memory-category-archived = archived
memory-category-plugin = plugins
memory-category-voice = voice
memory-category-ui = appearance
memory-category-release = releases

memory-kept = Remembered:
memory-known = I know that already:
memory-taken-back = Taken back:
memory-changed-edited = Reworded:
memory-changed-corrected = Corrected:
memory-changed-same = Nothing is different:
memory-remember-how = What shall I remember? Write /remember and the words, or answer a message with /remember.
memory-undone = Taken back
memory-pinned = Pinned: I always think of it
memory-unpinned = Not pinned any more
memory-now-private = Private: it stays on your machines
memory-now-open = Open: any model may read it
memory-filed = Filed elsewhere
memory-none-similar = Nothing is like it
memory-said-here = 👆 That was here.
memory-said-nowhere = That message is not in this chat

memory-source-owner = in your own words
memory-source-tapped = accepted by you
memory-source-feature = noted by a part of me
memory-source-imported = from your file
memory-source-forwarded = passed on by you
memory-source-untrusted = not in your words
memory-answered-by = answered by
memory-id = Number:
memory-gone = taken back; it can be brought back from its history
memory-changes = { $count ->
    [one] changed once
   *[other] changed { $count } times
 }
memory-opening = If it is open, models that are not yours may read it. Sure?
memory-filing = Where does it belong?
memory-ask-edit = Send me the new wording; what it says stays as old as it is. Tap the text to copy it:
memory-ask-correct = Send me what holds from now on. The old wording stays in its history. Tap the text to copy it:
memory-ask-summary = Send me the summary in your words. Tap the text to copy it:

memory-history = History
memory-never-changed = Nothing has changed since.
memory-changes-more = and { $count } older changes
memory-born = Remembered
memory-by-you = by you
memory-by = by { $name }
memory-by-extract-facts = from what you said
memory-by-import = from your file
memory-change-edited = Reworded
memory-change-corrected = Corrected
memory-change-pinned = Pinned or unpinned
memory-change-labelled = Made private or open
memory-change-filed = Filed elsewhere
memory-change-forgotten = Forgotten
memory-change-undone = Taken back
memory-change-retired = Taken back whole
memory-change-merged = Replaced by another machine's version
memory-field-category = Category before
memory-field-label = Before
memory-field-is-pinned = Pinned before
memory-field-happened-at = Date before
memory-field-deleted-at = Hidden before
memory-yes = yes
memory-no = no

memory-forget-title = Forget this for good?
memory-forget-text = { $count ->
    [one] It would go from one place:
   *[other] It would go from { $count } places:
 }
memory-forget-runs = { $count ->
    [one] A job that holds it would be ended.
   *[other] { $count } jobs that hold it would be ended.
 }
memory-forget-final = This cannot be undone. Summaries, archives, the mirror, logs and other machines forget it, too.
memory-forgetting = Forgetting
memory-forgetting-title = I am forgetting it …
memory-forgetting-text = Every table, file and machine is gone through. The receipt comes here.
memory-forgotten = { $count ->
    [one] Forgotten, in one place
   *[other] Forgotten, in { $count } places
 }
memory-nowhere = Looked for once more: it is nowhere.
memory-forgotten-left = Looked for once more: it is still in { $count } places. Try it again later.
memory-forget-waits = Asleep, will be told when awake: { $names }
memory-forgotten-chat = I deleted its messages in this chat as far as Telegram lets me, which is for two days. Delete older ones yourself.
memory-holder-others = others
memory-holder-threads = names of conversations
memory-holder-messages = messages
memory-holder-records = memories
memory-holder-record-history = former versions
memory-holder-proposals = questions about facts
memory-holder-summaries = summaries
memory-holder-archives = archives
memory-holder-preferences = preferences
memory-holder-runs = jobs
memory-holder-steps = steps of jobs
memory-holder-notices = cards and answers
memory-holder-buttons = buttons
memory-holder-intake = what came in
memory-holder-outbox = letters to machines
memory-holder-inbox = letters from machines
memory-holder-blob-parts = large contents
memory-holder-approvals = approvals
memory-holder-rules = rules
memory-holder-changes = changed files
memory-holder-embeddings = search by meaning
memory-holder-mirror = the mirror
memory-holder-trash = the trash
memory-holder-scratch = scratch files
memory-holder-export = exports
memory-holder-log = logs
memory-holder-damaged = damaged databases

memory-exporting = The document follows
memory-export-none = There is no memory of its own in this
memory-exported = { $count ->
    [one] One row of memory
   *[other] { $count } rows of memory
 }
memory-exported-text = Readable, not sealed: keep it where nobody else reads it.
memory-title-export = 📦 Export memory
memory-title-import = 📥 Import memories
memory-ask-document = Send me the document: an export of mine, or an old memory.json. Any command ends this.
memory-want-document = I am waiting for the document with the memories. Any command ends this.
memory-importing = 📥 I am reading it. What it brought follows.
memory-imported = { $count ->
    [one] One row is here now
   *[other] { $count } rows are here now
 }
memory-imported-skipped = Known already: { $count }
memory-imported-unreadable = Made no sense and left out: { $count }

facts-title = What I should know about you
facts-none = Nothing waits for your word.
facts-fact = Shall I remember this?
facts-contradiction = This does not fit
facts-before = You said
facts-now = Now:
facts-not-yours = not in your words
facts-ask-keep = I took it from what was said. Is it so?
facts-ask-replace = Shall the new one take its place?
facts-sign-keep = ✅
facts-sign-replace = 🔁 New
facts-sign-both = ➕ Both
facts-sign-drop = 🗑
facts-kept = Remembered
facts-replaced = Replaced
facts-both-kept = Both hold
facts-dropped = Left as it was
facts-undone = Taken back
facts-state-stored = ✅ Remembered
facts-state-accepted = ✅ Remembered
facts-state-replaced = 🔁 Replaced; the old one is in its history
facts-state-both = ➕ Both are remembered
facts-state-refused = 🗑 Not remembered
facts-state-expired = ⌛ Nobody answered; nothing was changed

summaries-title = Summaries
summaries-title-run = 📋 Sum up what is old
summaries-due = { $count ->
    [0] Nothing is older than { $months } months and without a summary.
    [one] One item is older than { $months } months and has no summary yet.
   *[other] { $count } items are older than { $months } months and have no summary yet.
 }
summaries-last = Last time
summaries-next = Next time
summaries-begun = I am at it. Each summary comes here for your word.
summaries-none = There is no summary yet.
summaries-none-due = Nothing is old enough
summaries-count = { $count ->
    [one] one item
   *[other] { $count } items
 }
summaries-stands-for = { $count ->
    [one] one item → 1 summary
   *[other] { $count } items → 1 summary
 }
summaries-run = Summing up …
summaries-run-done = Summed up
summaries-made = Items: { $originals } → summaries: { $count }
summaries-run-refused = Refused, because facts were missing: { $count }
summaries-run-unanswered = Without a model that may read them, still due: { $count }
summaries-run-left = Items still due: { $count }
summaries-points = Key points
summaries-points-more = and { $count } more
summaries-from = from { $count }
summaries-missing = Facts missing in it ({ $count }):
summaries-made-by = written by { $name }
summaries-state-review = The originals stay as they are until you decide.
summaries-state-refused = Not kept: names, dates or numbers are missing. Correct it, or keep it all the same.
summaries-state-kept = Kept. The originals are archived, readable and searchable.
summaries-state-corrected = Kept in your words. The originals are archived, readable and searchable.
summaries-state-discarded = Discarded. The originals stay as they are.
summaries-kept = Kept
summaries-discarded = Discarded
summaries-corrected = ✏️ Kept in your words.
summaries-archive = Archive
summaries-live = Originals
summaries-originals-gone = Nothing of the originals is left.

settings-summary-review = Show summaries before they are kept

threads-join-into = “{ $name }” shall become part of which one?
threads-no-other = There is no other conversation.
threads-joined = “{ $source }” is part of “{ $target }” now. Messages: { $count }
threads-split-done = From “{ $source }” came “{ $target }”. Messages: { $count }
threads-unmoved = Everything is where it was
threads-split-where = With which message shall the new one begin?
threads-page = Page { $page } of { $pages } · { $count } messages
threads-ask-words = What shall I look for in this conversation? Send me the words. Any command ends this.
threads-short = Too short for a summary
threads-summary-fresh = The summary is up to date
threads-summing = I am writing it
threads-summing-text = The summary comes to this card.
threads-summed = Summary
threads-not-summed = No model could write the summary now; ask again later.

why-memory = Remembered for this answer
why-memory-used = { $count ->
    [one] one thing remembered went in
   *[other] { $count } things remembered went in
 }
why-memory-pinned = pinned or always known: { $count }
why-memory-fact = facts about you: { $count }
why-memory-found = called up by your words: { $count }
why-memory-recent = what was said lately: { $count }
why-memory-summary = summary of the conversation: { $count }
why-memory-gone = gone since

err-memory-no-days = These are no days that I understand. Send a day, month or year like 2025-11, or two with .. between them.
err-memory-forget-short = That is too short to be looked for everywhere: at least { $least } characters. Name more of it, or open the memory and forget it there.
err-memory-form = I cannot write memory as “{ $form }”. Use /memory export or /memory export markdown.
err-thread-same = A conversation cannot become part of itself. Choose another one.
err-thread-empty = There is no message there that could move. Open the conversation again and choose one.
err-thread-split-first = The whole conversation would move. Choose a later message, so that something stays.
err-thread-too-long = This conversation has more than { $most } messages; that many cannot move at once. Split it further back first.
err-thread-split-how = Which message shall begin the new one? Answer that message with /threads split, or tap Split in the conversation.
err-move-missing = This was taken back already, or is not known any more. Open /threads to see how it stands.
err-move-superseded = Some of these messages have moved on since. Take the newer move back first, then this one.

audit-kind-memory-forgotten = Memory forgotten

button-previous = ◀️ Previous
button-memory = 🧠 Memory
button-memory-search = 🔎 Search
button-memory-filter = 🎛 Narrow down
button-memory-take = 📦 Export these
button-memory-open = 🔍 Open
button-memory-edit = ✏️ Reword
button-memory-correct = 🔁 Correct
button-memory-file = 🗂 Category
button-memory-history = 🕘 History
button-memory-said = 💬 Where was it?
button-memory-similar = ≈ Similar
button-memory-keep = 🧠 Remember it
button-memory-import = 🧠 As memories
button-pin-memory = 📌 Pin
button-unpin-memory = 📌 Unpin
button-make-private = 🔒 Private
button-open-memory = 🔓 Open to all
button-keep-private = 🔒 Keep private
button-make-open = 🔓 Yes, open it
button-undo-change = ↩️ Undo the last
button-redo-memory = ↪️ Bring back
button-said-number = 💬 Message { $number }
button-forget = 🗑 Forget
button-forget-sure = 🔴 Yes, forget it
button-keep-it = ◀️ Keep it
button-filter-category = 🗂 Category
button-filter-when = 📅 When
button-filter-thread = 🧵 Conversation
button-filter-origin = 📍 Machine
button-filter-label = 🔒 Private?
button-filter-archived = 🗄 Archived
button-filter-clear = ✖️ Show everything
button-filter-none = ✖️ Any
button-export-json = 📦 As JSON
button-export-md = 📄 As text
button-facts = 💡 Decide ({ $number })
button-fact-keep = ✅ Yes, remember
button-fact-replace = 🔁 Replace
button-fact-both = ➕ Both are true
button-fact-drop = 🗑 No
button-fact-drop-old = Keep the old one
button-summaries = 📋 Summaries
button-summarise-now = ▶️ Sum up now
button-summary-keep = ✅ Keep
button-summary-correct = ✏️ Correct
button-summary-discard = 🗑 Discard
button-summary-number = 📋 { $number }
button-originals = 🗄 Originals
button-open-thread = 🧵 Conversation
button-thread-whole = 📜 All of it
button-thread-search = 🔎 Search in it
button-thread-summary = 📝 Summary
button-thread-join = 🔀 Join
button-thread-split = ✂️ Split
