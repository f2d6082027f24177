# /files, /run, /undo: what is shown, asked and done by hand.
cmd-files = Browse, get, put and change files
cmd-run = Run a command on one of your machines
cmd-undo = Take back what was changed last

button-files-create = ➕ New text file
button-files-put = 📥 Put a file here
button-files-machines = 🖥 Machines
button-files-up = ⬆️ One up
button-files-get = 📎 Get the file
button-files-edit = ✏️ Change
button-files-delete = 🗑 Delete
button-files-more = Read on ▶️
button-files-append = ➕ Add at the end
button-files-replace = 🔁 Replace words
button-files-whole = 📝 Write anew
button-files-drop = 🗑 Forget them
button-undo = ↩️ Undo
button-undo-number = ↩️ Undo { $number }

files-places-title = Whose files?
files-places-text = Choose a machine. One that sleeps answers when it is back.
files-awake = awake
files-asleep-since = asleep, last seen
files-asleep = 💤 { $place } is asleep just now. I have kept this for it and go on as soon as it is back; /jobs shows it and can stop it.
files-empty = Nothing is in this folder.
files-count = { $count ->
    [one] { $count } entry
   *[other] { $count } entries
 }
files-bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
 }
files-page = { $first } to { $last } of { $count }
files-nothing-found = Nothing fits these words.
files-no-text = (empty)
files-binary = This is no text, so I cannot show it here. Get it as a file.
files-text-cut = { $count } more characters are left out here.
files-lines = lines { $first } to { $last }
files-getting = 📎 It comes in a moment.
files-editing = How shall I change it? You see exactly what would change before anything does.
files-ask-name = 📄 A new file in { $what }. Send me its name, for example { $example }
files-ask-content = 📝 Send me the whole text of { $what }. I show you the difference first.
files-ask-append = ➕ Send me what shall stand at the end of { $what }.
files-ask-old = 🔁 Send me the words in { $what } that shall be replaced, exactly as they stand there.
files-ask-new = 🔁 And what shall stand there instead? A single - removes them.
files-ask-document = 📥 Send me the document for { $what }.
files-want-document = I am waiting for a document. Send one, or any command to leave it.
files-received = { $count ->
    [one] A document has come
   *[other] { $count } documents have come
 }
files-received-text = What shall I do with it? Open a machine, go to the folder, and tap “Put a file here”.
files-dropped = 🗑 Forgotten.
files-too-large = 📎 { $name } is too large: Telegram hands me files of at most { $most } MB. Send it in smaller pieces.
files-done = Done
files-undone = Taken back
files-ran-badly = It ran, but did not go well
files-whole-output = 📄 All that it printed
files-exit-code = exit code { $code }
files-killed = ended from outside
files-took = took { $took }

run-help-title = Run a command
run-help-text = Write the command behind /run. You see the card with exactly what would run, and nothing runs before you approve it.
run-help-0 = A program with its words; no shell reads them:
run-help-1 = On a certain machine:
run-help-2 = A script for the shell, with pipes and all:
run-help-3 = In a folder that it may change, with the network:
run-help-places = Your machines: { $names }

undo-title = The last changes
undo-empty = Nothing was changed in the last seven days that could be taken back.
undo-begins = ↩️ I take this back: { $what }
undo-already = This has been taken back already.
undo-done = taken back
undo-kind-create = Created
undo-kind-edit = Changed
undo-kind-delete = Deleted
undo-kind-delete_file = Deleted
undo-kind-put_file = Put there
undo-kind-cmd = Ran
undo-kind-undo = Took back
undo-kind-other = Changed

err-wish-not-allowed = The program asked for { $step }, which nobody may ask for this way. Install the newest version, then try again.
err-blob-on-its-way = The file is still on its way from { $place }. Try again when that machine is awake.
err-run-option = I do not know the option { $option }. Send /run alone to see what may stand before a command.
err-file-name = A file's name is one line without a slash. Send me another name.
err-undo-gone = This change cannot be taken back any more: what was there before is kept for seven days. Send /undo for the newer ones.
