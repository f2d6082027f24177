# Cards: start, help, language, settings, jobs, status, why, threads, alerts, what failed.
start-hello = Hello! I am The Mask, your own assistant.
start-hello-name = Hello { $name }! I am The Mask, your own assistant.
start-step = step { $step } of { $steps }
start-text-0 =
    I listen to you alone, in Bengali, Arabic or English.
    Nothing you write to me gets lost, even if the power fails in the middle.

    Which language do you like best?
start-title-1 = 💬 Talk to me
start-text-1 =
    Simply write, as you would to a person. For example:
    “What can you do for me today?”

    You see my answer while it grows. When you have read enough, tap Stop or send /stop.
start-title-2 = 🛡 What you can rely on
start-text-2 =
    I do nothing that changes anything before you have agreed.
    What is private stays on your own machines.
    If something goes wrong, I tell you once: what happened, and what you can do.
start-title-3 = 🧭 Where to find things
start-text-3 =
    /threads keeps your conversations apart.
    /jobs shows what I am working on, /status whether I am well.
    /help shows everything else.

    That is all. Write to me whenever you like.

help-title = What I can do
help-intro = Just write to me. These commands help besides:
help-group-talk = 💬 Talking
help-group-work = 🗂 Work
help-group-ways = ⚙️ My ways
help-group-more = 👋 First steps
help-outro = Tap a command to use it.

language-title = Language
language-text = Choose the language I speak with you. I still understand the others.

settings-title = Settings
settings-text = Tap to change. It takes effect at once.
settings-language = Language
settings-streaming = Show the answer while it grows
settings-rich = Rich tables and headings
settings-tag = Tell which model answered

jobs-title = Jobs
jobs-empty = Nothing is running and nothing waits. All quiet.
jobs-untitled = without a name
jobs-state-ready = about to begin
jobs-state-running = going
jobs-state-done = done
jobs-state-failed = failed
jobs-state-cancelled = stopped by you
jobs-state-stale = does not fit the new version
jobs-waiting-step = going, waits for a part of its work
jobs-waiting-time = pauses until its time
jobs-waiting-owner = waits for your decision
jobs-waiting-place = waits until this machine is back: { $what }

status-all-good = All is well
status-all-fair = Working, but something deserves a look
status-all-bad = Something is down
status-bot = Bot
status-bot-polling = awake for { $up }, asks Telegram itself
status-bot-webhook = awake for { $up }, Telegram calls it
status-workers = Workers
status-echo = last sign of life { $ago } ago
status-no-echo = no sign of life yet
status-work = Work
status-going = { $going } going, { $waiting } waiting
status-trouble = Last 24 hours
status-failed = { $failed } failed, { $stale } outdated
status-queue = Queue
status-queue-length = { $length } waiting
status-queue-away = not answering; work goes on more slowly, nothing is lost
status-models = Models
status-model = Model
status-no-models = none is set up
status-model-up = ready
status-model-down = not available
status-node = Machine
status-node-seen = last seen { $ago } ago
status-node-new = not seen yet
status-database = Database
status-database-sound = sound, checked { $ago } ago
status-database-damaged = DAMAGED, found { $ago } ago: please restore a backup
status-database-unchecked = not checked yet

why-title = Why this answer?
why-nothing = There is no answer yet that I could explain. Write to me first.
why-answered = Answered by
why-tokens = { $prompt } tokens read, { $completion } written
why-tokens-about = about { $prompt } tokens read, { $completion } written
why-took = took { $took }
why-tried = Asked before, in vain
why-order = Order in which I would ask
why-ruled-out = Left out
why-failure-unreachable = could not be reached
why-failure-timeout = took too long
why-failure-limited = its limit is reached
why-failure-server = an error at the provider
why-failure-broken-stream = broke off in the middle
why-failure-unauthorised = the key was refused
why-failure-missing-model = this model is not there
why-failure-bad-request = could not take this request
why-failure-not-set-up = not set up here
why-reason-preferred = your choice
why-reason-listed = in its place by cost, strength, speed and load
why-reason-cooling = rests after a failure, for another { $detail }
why-reason-private = private words stay on your own machines
why-reason-not-set-up = not set up, missing: { $detail }
why-reason-not-there = not running here
why-reason-key-refused = its key was refused
why-reason-context = the conversation is too long for it ({ $detail } tokens)
why-reason-no-tools = cannot use tools
why-reason-practice = only for practice, when no real model is there

threads-title = Conversations
threads-empty = No conversation yet. Just write to me.
threads-unnamed = without a name
threads-count = { $count ->
    [one] { $count } message
   *[other] { $count } messages
 }
threads-summary = In short:
threads-last = Last messages:
threads-no-messages = Nothing has been said here yet.
threads-you = You
threads-me = I
threads-created = 🧵 A new conversation begins: { $name }. What shall we talk about?
threads-switched = 🧵 We go on with: { $name }
threads-renamed = ✏️ This conversation is now called: { $name }
threads-ask-name = What shall this conversation be called? Send me the name.

alert-level-critical = Urgent
alert-level-problem = Problem
alert-level-notice = Good to know
alert-level-resolved = Solved
alert-over = This is over; everything works again. It was:
alert-count = { $count ->
    [one] happened { $count } time
   *[other] happened { $count } times
 }
alert-first = First:
alert-last = Last:
alert-many-alerts = Several things went wrong at once: { $names }. Send /status to see how I am.
alert-deaf = The workers gave no sign of life for { $minutes } minutes, so I have them started again. Nothing is lost.
alert-turns-wait = Your message is safe, but no worker has taken it up for more than ten seconds. I keep looking; if it lasts, restart The Mask on its machine.
alert-deaf-bot = I have not heard from Telegram for { $seconds } seconds ({ $why }). I keep trying; check the connection if it lasts.
alert-update-dead = I could not handle a message that came in, three times over ({ $why }). I have put it aside; please send it again in other words.
alert-notice-dead = Telegram did not take a message of mine ({ $kind }): { $why }. Ask me again if you are missing something.
component-bot = the bot
component-worker = the worker
component-workers = the workers
component-home = the main machine
component-node = a machine of yours
component-redis = the message broker
component-queue = the queue
component-database = the database
component-models = the models
component-telegram = Telegram
component-intake = incoming messages
component-mailbox = outgoing messages
component-beat = the timetable
component-echo = the sign of life
component-chat = the conversation
component-node-named = the machine { $name }
component-chat_turn = the conversation
component-summarise_thread = the summary of a conversation
component-pruning = tidying up
component-probe_models = the check of the models

failed-title = That did not work
stale-title = This job does not fit the new version
stale-text = It began before I was updated, and I will not guess how it should go on. Start it again, or let it go.
pending-owner = ⏸ “{ $title }” still waits for your decision. I am taking care of the new message first.
pending-place = ⏸ “{ $title }” still waits until its machine is back. I am taking care of the new message first.
pending-other = ⏸ “{ $title }” is still waiting. I am taking care of the new message first.
