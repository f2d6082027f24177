# Approval cards: what would run, what a yes would mean, and what became of it.
cmd-pending = What waits for your answer

## The question

approval-asks = Your approval is needed
approval-risk = risk: { $risk }
approval-risk-low = low
approval-risk-medium = medium
approval-risk-high = high
approval-risk-highest = highest
approval-where = Where:

approval-kind-list-files = 📂 Look into a folder
approval-kind-read-file = 📄 Read a file
approval-kind-search-files = 🔎 Search files
approval-kind-machine-facts = 🖥 Ask a machine about itself
approval-kind-status-access = 📊 Look at the status
approval-kind-create = 🆕 Make a new file
approval-kind-edit = ✏️ Change a file
approval-kind-undo = ↩️ Put things back
approval-kind-cmd = ⌨️ Run a command
approval-kind-local-exec = ⌨️ Run a program of our own
approval-kind-delete = 🗑 Delete
approval-kind-delete-file = 🗑 Delete
approval-kind-put-file = 📥 Put a file
approval-kind-test-run = 🧪 Run tests
approval-kind-learn = 🎓 Learn something
approval-kind-sync = 🔄 Bring the machines in step
approval-kind-upgrade = ⬆️ Install a new version
approval-kind-upgrade-code = 🧬 Change its own code
approval-kind-flow = 🧩 Change how work is done
approval-kind-backup = 💾 Make a backup
approval-kind-proposal = 💡 A proposal
approval-kind-sensitive = ☁️ Send private text to a cloud model
approval-kind-rule = 📜 Change a rule
approval-kind-other = ❔ Something that this version has no words for:
approval-shell-script = SHELL SCRIPT

approval-arguments = What will run:
approval-shell = The shell that runs it:
approval-script = Script:
approval-folder = Folder:
approval-exe = Program:
approval-operand = Script file:
approval-env = Added to the environment:
approval-writes = Where it may write:
approval-path = File or folder:
approval-new-folders = Folders that are made:
approval-rule = The new rule:
approval-endpoints = Who gets it:
approval-type-file = 📄 a file
approval-type-folder = 📁 a folder with everything in it
approval-type-link = 🔗 a link that points elsewhere
approval-type-special = 🔌 a special file
approval-inexact = Too large to compare letter by letter; only names and sizes are compared
approval-conflict = Somebody changed it in between; putting it back wipes that change
approval-rule-means = From then on this runs without asking: { $name }, until { $when }
approval-real-path = Whole path on the machine:
approval-fields = Particulars:
approval-empty = (empty)
approval-more-characters = … { $count ->
    [one] { $count } more character
   *[other] { $count } more characters
}
approval-more-lines = … { $count ->
    [one] { $count } more line
   *[other] { $count } more lines
}
approval-long = This does not fit on a card. Read all of it first; then you can approve it.
approval-long-read = All of it is in the file below. Read it, then decide.

approval-entries = { $count ->
    [one] { $count } entry, { $size }
   *[other] { $count } entries, { $size }
}
approval-size = { $size }
approval-bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}
approval-outside = Deletes outside the workspace
approval-first-names = The first ones:
approval-names-more = and { $count } more
approval-privilege = CAN RUN WITH ADMINISTRATOR RIGHTS
approval-sandboxed = Sandboxed
approval-unsandboxed = NOT SANDBOXED
approval-secrets = SECRETS REACHABLE
approval-network-yes = Can use the network
approval-network-no = No network
approval-stdin = Digest of the text it is fed:
approval-most-time = Runs { $most } at most
approval-leaves = { $count ->
    [one] { $count } character goes to a cloud model
   *[other] { $count } characters go to a cloud model
}
approval-undo-trash = Can be undone: kept in the trash for seven days
approval-undo-version = Can be undone: the former version is kept
approval-undo-snapshot = Can be undone: the folders are copied first ({ $size })
approval-undo-scratch = Writes into a scratch folder only and changes nothing else
approval-undo-nothing-changes = Changes nothing
approval-undo-none = CANNOT BE UNDONE
approval-diff = What changes:
approval-left-at-node = 🔒 Particulars of the content stay on that machine; this one is rented.
approval-diff-in-file = What changes ({ $count ->
    [one] { $count } line
   *[other] { $count } lines
}) is in the file

approval-read = What the model had seen before it asked:
approval-read-files-list = folder
approval-read-files-read = file
approval-read-files-fetch = file
approval-read-files-search = search
approval-read-command-run = output of
approval-read-other = other
approval-label-private = 🔒 private
approval-label-open = 🔓 open
approval-digest = digest
approval-count = { $count ->
    [one] Asked { $count } time
   *[other] Asked { $count } times; one answer counts for all
}
approval-behind = { $count ->
    [one] { $count } more waits behind this
   *[other] { $count } more wait behind this
}
approval-expires = Closes { $when }. Without your yes it does not run.

approval-second-tap = Really do it? Wait two seconds, then tap the red button at the bottom.
approval-code-asks = Type the six digits that { $place } shows on its own screen, and send them here
approval-code-left = { $count ->
    [one] { $count } try left
   *[other] { $count } tries left
}
approval-code-taken = 🔢 I have the code; I am deleting your message.

## What became of it

approval-state-queued = In line
approval-state-queued-text = It comes up when the cards before it are answered.
approval-state-approved = Approved
approval-state-running = Running
approval-state-denied = You said no, so it did not run
approval-state-expired = Nobody answered, so it did not run
approval-state-expired-text = Nothing has changed. If you still want it, have it asked again.
approval-state-lapsed = Your yes is too old
approval-state-lapsed-text = The machine came back late, so I ask again.
approval-state-withdrawn = Not needed any more
approval-state-withdrawn-text = What it was asked for has ended or was stopped.
approval-state-edited = You changed it
approval-state-edited-text = A new card comes for the changed command.
approval-state-stopped = You stopped it
approval-state-stopped-text = It had begun; what it had done by then stays.
approval-did-not-run = It did not run.
approval-state-done = Done
approval-state-nonzero = It ended and reports an error itself
approval-state-failed = It failed
approval-state-refused = It was not run
approval-state-unknown = I do not know whether it happened
approval-state-unknown-text = It was cut off in the middle. I will not run it again by myself. Please look, and tell me: did it happen?
approval-by-owner = You
approval-approved-by = { $name } approved, { $when }
approval-denied-by = { $name } said no, { $when }
approval-reason = Reason:
approval-starts = It starts as soon as { $place } is ready.
approval-began = Began { $when }
approval-live = The newest lines:
approval-ended = Ended
approval-exit = exit code { $code }
approval-took = took { $took }
approval-entries-done = { $count ->
    [one] { $count } entry
   *[other] { $count } entries
}
approval-killed-time = Ended, because its time was up
approval-killed-stop = You stopped it
approval-killed-output = Ended, because it printed too much
approval-output-cut = … { $count ->
    [one] the { $count } character before is
   *[other] the { $count } characters before are
} not shown here
approval-output-file = The whole output can be had as a file.
approval-undo-ready = This can be undone.

## Papers that go with it

approval-text-caption = The whole text of the request
approval-output-caption = The whole output
approval-output-part = This is the end of it; all of it is kept on { $place }.
approval-sha256 = SHA-256 of this file:
approval-details-title = Details
approval-sha-digest = Whole digest
approval-sha-exe = SHA-256 of the program
approval-sha-operand = SHA-256 of the script file
approval-sha-before = SHA-256 of the file as it is
approval-sha-after = SHA-256 after the change
approval-sha-tree = SHA-256 of everything in it
approval-sha-stdin = SHA-256 of the text it is fed
approval-sha-messages = SHA-256 of what is sent
approval-asked-by = The rule that asks:
approval-asked-at = Asked:
approval-ask-why = Why not? Write one line, and the model is told.
approval-edit-line = Copy the command, change it and send it. A new card comes, and the old one never runs. Put what contains spaces into quotes.
approval-edit-script = Copy the script, change it and send it. A new card comes, and the old one never runs.
approval-pending-title = What waits
approval-pending-none = Nothing waits.
approval-pending-asked = { $count ->
    [one] { $count } waits for your answer; its card is here again.
   *[other] { $count } wait for your answer; their cards are here again.
}
approval-pending-queued = { $count ->
    [one] { $count } more is in line.
   *[other] { $count } more are in line.
}
approval-pending-more = { $count ->
    [one] { $count } more job waits for a machine; see /jobs.
   *[other] { $count } more jobs wait for a machine; see /jobs.
}
approval-waits-place = Waits for { $place }, last seen { $ago } ago
approval-waits-new = Waits for { $place }, never seen yet

## Words for a tap

approval-said-approved = ✅ Approved
approval-said-again = ⚠️ One more tap is needed
approval-said-code = 🔢 Now send the code
approval-said-denied = ❌ Denied
approval-said-back = ↩️ Back again
approval-said-asked = 🔁 Asking again
approval-said-thanks = ✔️ Noted
approval-said-sent = 📄 Sending it
approval-said-edited = ✏️ The card of the changed command is coming.
approval-said-cloud = ☁️ Running it in the cloud

## Buttons

button-approval-approve = ✅ Approve
button-approval-confirm = ⚠️ Yes, do it
button-approval-deny = ❌ Deny
button-approval-why = 💬 Deny, say why
button-approval-edit = ✏️ Edit
button-approval-details = 🔎 Details
button-approval-read-whole = 📄 Read all of it
button-approval-rule = ⏱ Make a rule
button-approval-back = ◀️ Go back
button-approval-stop = ⏹ Stop
button-approval-again = 🔁 Ask again
button-approval-happened = ✔️ It happened
button-approval-did-not = ✖️ It did not
button-approval-undo = ↩️ Undo
button-approval-output = 📄 Whole output
button-approval-copy = 📋 Copy
button-approval-cancel = ❌ Cancel { $number }
button-approval-cloud = ☁️ In cloud { $number }

## Errors

err-approval-text-first = The text is long, so it must be read first. Read the file I sent, then approve again.
err-approval-digits = I do not know which request you mean. Give the eight characters of its digest, as in /approve 1a2b3c4d.
err-approval-which = More than one request has this digest, so I did nothing. Send /pending and tap the card's button.
err-approval-not-asked = No request with this digest waits now. Send /pending to see what does.
err-approval-not-command = Only a command can be changed this way. Deny it, and ask anew.
err-command-line = The quotes of this command do not match, or it is empty. Correct it and send it again; the card is still open.
err-code-format = A code has exactly six digits. Type the one that the screen shows now, and send it.
err-code-which = More than one card asks for a code. Send the code as a reply to its card.
err-approval-no-output = Nothing that it printed is kept here. Ask for it as a file, on the machine where it ran.
err-owner-edited = You changed the command, so the former one was not run. Answer the card of the new one.
err-action-text = The text holds characters that are not the same on every machine, so I did nothing. Write it anew, and ask again.
err-action-too-large = This is longer than { $most } bytes, so I did not even ask. Put long text into a file, and ask again.
err-action-malformed = The program is wrong: an action of the kind { $kind } was not spelled as it must be, so nothing ran. Please install the newest version.
