# Short sentences of the bot itself: what it cannot take yet, who it obeys, what it has just done.
reply-voice = 🎙 I cannot listen to voice messages yet. Please write it to me.
reply-photo = 🖼 I cannot look at pictures yet. Please describe in words what you want to know.
reply-video = 🎬 I cannot watch videos yet. Please describe in words what you want to know.
reply-file = 📎 I cannot open files yet. Please copy the important part into a message.
reply-sticker = 😊 Nice one! I only understand words so far. Please write to me.
reply-location = 📍 I cannot use locations yet. Please write the name of the place.
reply-contact = 👤 I cannot use contacts yet. Please write what I should know.
reply-poll = 📊 I cannot take part in polls yet. Please write me the question.
reply-other = I cannot read this kind of message yet. Please write it to me in words.
reply-edited = ✏️ I saw that you changed a message. I answer new messages only: please send it again.
reply-unknown-command = I do not know the command { $command }. Here is what I can do:
reply-stranger =
    আমি শুধু আমার মালিকের কথা শুনি। ভালো থাকবেন।
    أنا أستجيب لصاحبي فقط. مع أطيب التمنيات.
    I answer only my owner. I wish you well.
reply-paired = 🤝 Done: from now on I obey you alone. What can I do for you?
reply-pairing-failed = This pairing link does not work: it has been used, or its ten minutes are over. Start me again on the computer and use the new link.
reply-stopping = ⏹ Stopping…
reply-stopped = ⏹ Stopped.
reply-nothing-to-stop = Nothing is running right now, so there is nothing to stop.
reply-button-old = This button is too old. Please tap again on the fresh card.
reply-saved = ✅ Saved.
reply-language-set = ✅ From now on I speak English with you.
reply-again = 🔁 I am trying again.
reply-dropped = 🗑 Let go.
reply-seen = ✔️ Noted.
reply-snoozed = 😴 I will stay quiet about this for { $minutes } minutes, unless it gets worse.
