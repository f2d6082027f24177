# Errors by code: what happened, then what to do. Values are the error's own parameters; `wait` and
# `code` are always there.

## Anything without a sentence of its own, and what the owner did

err-unknown = Something happened that I cannot explain ({ $code }). Check what has been done, then try again.
err-failed = A part of the work failed. Try again; if it keeps happening, run python3 -m ops doctor on the computer.
err-refused = A part of the work was refused, so I stopped there. Ask for it in another way.
err-cancelled = You stopped this. Tap Try again if you want it after all.
err-no-such-run = This job is not there any more. Send /jobs for the present ones.
err-not-owner = Only my owner may do that. If that is you, pair me again on the computer.
err-stale-button = This button is too old. Tap again on the fresh card.
err-unknown-command = I do not know this command. Send /help for all of them.
err-not-yet-voice = { reply-voice }
err-not-yet-photo = { reply-photo }
err-not-yet-video = { reply-video }
err-not-yet-file = { reply-file }
err-not-yet-sticker = { reply-sticker }
err-not-yet-location = { reply-location }
err-not-yet-contact = { reply-contact }
err-not-yet-poll = { reply-poll }
err-not-yet-other = { reply-other }
err-thread-missing = This conversation is not there any more. Send /threads to choose another.
err-thread-name-empty = A conversation needs a name that can be seen. Send me one of a few words.

## Models

err-all-models-failed = None of the models could answer. Wait { $wait } and try again; /why tells what was tried.
err-no-model = No model may be asked for this. Set GROQ_API_KEY or start Ollama, then try again.
err-no-local-model = This is private and may only go to a model on your own machine, but none answers there. Start Ollama, then try again.
err-model-unreachable = The model could not be reached. Check the connection and try again.
err-model-timeout = The model took too long. Try again, perhaps with a shorter question.
err-model-limited = The model's limit is reached for now. Wait { $wait } and try again.
err-model-server = The model's provider has an error on its side. Wait { $wait } and try again.
err-model-broken-stream = The model broke off in the middle of its answer. Try again.
err-model-unauthorised = The model's provider refuses the key. Put a valid key into .env and start me again.
err-model-missing-model = This model is not there. What helps: { $detail }
err-model-bad-request = The model cannot take this request ({ $detail }). Make it shorter or begin a new conversation with /threads.
err-model-not-set-up = This model is not set up here ({ $detail }). Add what is missing to .env and start me again.
err-script-not-readable = The practice script { $path } cannot be read: { $why }. Correct it or take the setting away.
err-out-of-rounds = The model asked for tools { $rounds } times without coming to an answer. Ask again, more precisely.

## The engine: runs and steps

err-policy-says-no = A rule forbids this step ({ $step }). Change the rule if you want it, then ask again.
err-action-changed = What was about to run is no longer what was shown ({ $was } became { $now }), so I did nothing. Ask again to see it anew.
err-run-stale = This job does not fit the new version of the program ({ $why }). Start it again or let it go in /jobs.
err-run-keeps-crashing = The program crashed each time it worked on this, so I gave up. Try again once; if it keeps happening, run python3 -m ops doctor on the computer.
err-step-timed-out = The step { $step } was not done after { $seconds } seconds. Try again.
err-step-cut-off = The step { $step } was cut off in the middle; I cannot know whether it took effect. Look first, then decide whether to start it again.
err-step-crashed = The step { $step } failed through an error in the program. Try again once; if it keeps happening, run python3 -m ops doctor on the computer.
err-step-without-prepare = The step { $step } cannot show what it would do, so I do not run it. Please install the newest version.
err-step-declared-twice = The step { $step } exists twice in the program. Take away the plugin added last and start me again.
err-step-not-here = The step { $step } does not exist on this machine. Bring it to the newest version, then try again.
err-unknown-step = The step { $step } is not part of the program. Install the newest version, then try again.
err-too-many-steps = This job reached { $most } steps, the most I allow at once. Ask for it in smaller pieces.
err-list-without-keys = The program is at fault: parallel steps of { $step } have no names. Please install the newest version.
err-workflow-without-end = The program is at fault: this job ended without a result. Please install the newest version.
err-workflow-crashed = The program is at fault ({ $why }). Try again once; if it keeps happening, run python3 -m ops doctor on the computer.
err-illegal-move = The program tried to change a { $what } from { $old } to { $new }, which must not happen; I stopped there. If it keeps happening, run python3 -m ops doctor on the computer.
err-round-exists = This job (run { $run }) has been started already. Look for it in /jobs.
err-value-not-storable = The program is at fault: a value of kind { $what } cannot be stored ({ $why }). Please install the newest version.
err-value-not-readable = A stored value of kind { $what } no longer fits the program ({ $count } errors). Start the job anew in /jobs.
err-notice-kind-unknown = I have something to tell you of a kind that this version cannot show ({ $kind }). Install the newest version.

## Machines and what travels between them

err-node-name = { $name } cannot be a machine's name. Use small Latin letters, digits and hyphens.
err-node-unknown = I do not know the machine { $node }. Pair it first.
err-node-revoked = The machine { $node } is no longer trusted. Pair it again if it is yours.
err-hello-old = The machine { $node } sent a greeting that is { $offset_s } seconds off. Set its clock right.
err-private-place = This is private, but { $node } is not your own machine, so I did not send it there. Use a machine of yours.
err-message-too-large = A message between machines is too large ({ $size } of at most { $most } bytes). Ask for less at once.
err-message-body = A message between machines cannot be read ({ $what }: { $fields }). Bring both machines to the same version.
err-envelope-shape = A message from outside has the wrong form. I have set it aside unread; nothing else is affected. If it keeps happening, run python3 -m ops doctor on the computer.
err-envelope-body = The content of a message between machines is not what it should be. I have set it aside unread; nothing else is affected. If it keeps happening, run python3 -m ops doctor on the computer.
err-envelope-too-large = A message from outside is too large ({ $size } of at most { $most } bytes). I have set it aside unread; nothing else is affected. If it keeps happening, run python3 -m ops doctor on the computer.
err-envelope-not-mine = A message for { $to } came to the wrong machine. I have set it aside unread; nothing else is affected. If it keeps happening, run python3 -m ops doctor on the computer.
err-envelope-time = A message between machines came { $offset_s } seconds out of its time. Set the clocks of both machines right.
err-envelope-validity = A message between machines claims to be valid for { $seconds } seconds, longer than allowed. I have set it aside unread; nothing else is affected. If it keeps happening, run python3 -m ops doctor on the computer.
err-envelope-kind = A message between machines is of a kind I do not know ({ $kind }). Bring both machines to the same version.
err-envelope-incarnation = The machine { $node } speaks for a past that has been restored from a backup. Start it again.
err-envelope-boot = A message belongs to an earlier start of { $node }. I have set it aside unread; nothing else is affected. If it keeps happening, run python3 -m ops doctor on the computer.
err-signature-wrong = A message carries a wrong signature: somebody may be tampering with the broker. I have set it aside unread; nothing else is affected. If it keeps happening, run python3 -m ops doctor on the computer.
err-seal-unreadable = Sealed content cannot be opened with the key of this machine. Pair the machines again.
err-key-malformed = This is not a key: it has the wrong form. Copy it again, whole.
err-key-checksum = The recovery code has a typing mistake. Compare it with your paper, letter by letter.
err-key-damaged = The key file { $file } is damaged. Put it back from a backup or with the recovery code.
err-key-files = The key files of this machine do not belong together. Put them back from one backup.
err-public-key-malformed = The other machine's key has the wrong form. Copy the pairing string again, whole.
err-blob-reference = A reference to stored content is malformed. I have set it aside unread; nothing else is affected. If it keeps happening, run python3 -m ops doctor on the computer.
err-blob-too-large = This content is too large ({ $size } of at most { $most } bytes). Send a smaller piece.
err-blob-part = A part of some content does not fit its place ({ $offset }). I ask for it again by myself; nothing to do for you.
err-blob-missing = Content that was stored is gone ({ $sha256 }). Start the job that made it again.
err-blob-damaged = Stored content is damaged ({ $sha256 }). Start the job that made it again, and check the disk.
err-blob-private = This content is private and stays where it is ({ $sha256 }). Ask for it on your own machine.
err-models-failed = None of the models at this place could answer. Wait { $wait } and try again; /why tells what was tried.
err-prompt-too-long = This is too long for every model that may be asked ({ $reasons }). Send less at once or begin a new conversation with /threads.
err-broker-away = The message broker does not answer. Nothing is lost; I go on by myself as soon as it is back. If it keeps happening, run python3 -m ops doctor on the computer.
err-place-stayed-away = The machine { $place } did not come back in time. Switch it on, then try again.
err-node-silent = The machine { $node } has taken no message for { $hours } hours. Switch it on, then start the job again in /jobs.
err-node-already-runs = This machine already runs a worker. Stop that one first.
err-node-not-paired = This machine is not paired yet. Start it once with the pairing string.
err-pairing-malformed = This is not a pairing string. Copy it again, whole.
err-frame-shape = A piece of live text has the wrong form. I have set it aside unread; nothing else is affected. If it keeps happening, run python3 -m ops doctor on the computer.
err-frame-old = A piece of live text came too late, so I dropped it. The whole answer comes all the same; nothing to do for you.
err-halt-shape = An order to stop has the wrong form. I have set it aside unread; nothing else is affected. If it keeps happening, run python3 -m ops doctor on the computer.
err-halt-not-mine = An order to stop was meant for { $to }, not for this machine. I have set it aside unread; nothing else is affected. If it keeps happening, run python3 -m ops doctor on the computer.
err-step-inputs-differ = What the step { $step } was given is not what was sent, so I did not run it. Try again.
err-step-needs-grant = The step { $step } needs your permission, and none came with it. Ask for it again.
err-step-not-held = The result of the step { $step } has been recorded already. Look at the job in /jobs.
err-step-used-up = The step { $step } was begun once and must not run twice; I cannot know whether it took effect. Look first, then decide.
err-step-version = The machine has another version of the step { $step } ({ $here }). Bring both machines to the same version.
err-unknown-schedule = The timetable names { $schedule }, which the program does not know. Install the newest version.
