# The owner's machines, how one is let in, what waits for them, and the audit.
cmd-nodes = Your machines: who is there, add one
cmd-audit = What was decided and done, in a chain

nodes-title = Your machines
nodes-empty = No other machine yet. Add your PC: it can then open files, run commands and local models for you.
nodes-online = online
nodes-last-seen = Away. Last seen:
nodes-never = Has not been here yet
nodes-mine = your own machine
nodes-rented = a rented machine
nodes-sandbox = Commands run sandboxed: { $kind }
nodes-no-sandbox = Commands run NOT SANDBOXED
nodes-roots = Folders: { $names }
nodes-models = Local models: { $names }
nodes-busy = { $count ->
    [0] Nothing to do right now
    [one] { $count } task running
   *[other] { $count } tasks running
}
nodes-load = Processor: { $percent } %
nodes-clock = Its clock is { $seconds } seconds off. Above 120 seconds nothing runs there: set the clock.
nodes-tampered = It refuses messages that are not from here. Nothing of them ran.

nodes-ask-name = What shall the new machine be called? A short name in small Latin letters, for example pc.
nodes-ask-title = What do you want to call “{ $name }”?
nodes-revoke-sure = Revoke this machine for good? What waits for it fails, and it has to be invited anew with new keys.
nodes-revoked = { $name } is revoked.
nodes-let-in = { $name } is in.
nodes-kept-out = { $name } stays out.

nodes-invite-title = Let in “{ $name }”
nodes-invite-loopback = This broker is reachable from this machine only. For another machine set MASK_REDIS_URL to a Redis that both can reach.
nodes-invite-how = On that machine, in the folder of The Mask, type this:
nodes-invite-once = Good once. I delete this message when it was used, or:
nodes-joined-title = “{ $name }” wants in
nodes-joined-text = Compare with the eight digits on its screen. Let it in only if they are the same.
nodes-joined-until = This question ends:
nodes-invitation-trusted = ✅ { $name } is let in. It shows in /nodes as soon as it says hello.
nodes-invitation-refused = ❌ { $name } was not let in. If it was your machine, invite it anew; if not, somebody has read your pairing string.
nodes-invitation-expired = ⌛ The invitation of { $name } has expired. The string is worthless now.

nodes-waiting = Waiting for { $name }
nodes-waiting-then = It goes on by itself when the machine is back. If your approval is too old by then, I ask again.
nodes-wait-over = ▶️ Not waiting for { $name } any more.
nodes-wait-cancelled = ⏹ Cancelled, { $name } gets nothing.
nodes-at-home-now = Asked for here instead.

button-invite = ➕ Add a machine
button-nodes = 💻 Machines
button-revoke-node = 🗑 Revoke
button-revoke-sure = 🗑 Yes, revoke
button-keep-node = ◀️ Keep it
button-same-digits = ✅ Same, let it in
button-other-digits = ❌ Different
button-cancel-wait = ⏹ Cancel
button-elsewhere = 🏠 Do it here

audit-title = What was decided and done
audit-empty = Nothing yet.
audit-verified = Verified up to no. { $number }:
audit-broken = The chain does not hold at no. { $number }. Somebody changed the database: run “ops audit verify” on the main machine.
audit-unchained = No chained entries yet.
audit-person = you ({ $id })
audit-actor-owner = you
audit-actor-home = the main machine
audit-actor-broker = somebody on the broker
audit-outcome-done = done
audit-outcome-failed = failed
audit-outcome-refused = not run
audit-outcome-unknown = not known
audit-kind-asked = Asked you
audit-kind-approved = Approved
audit-kind-denied = Denied
audit-kind-expired = Expired without an answer
audit-kind-lapsed = Approval too old
audit-kind-withdrawn = Withdrawn
audit-kind-granted = Permission issued
audit-kind-grant-not-taken = Permission not taken
audit-kind-admitted = Let through with permission
audit-kind-admitted-auto = Let through by rule
audit-kind-begun = Begun
audit-kind-ended = Ended
audit-kind-action-mismatch = Not what was approved: refused
audit-kind-unknown-answered = You said what happened
audit-kind-code-wrong = Wrong code
audit-kind-restored = Database restored
audit-kind-head-unknown = A machine knows more than the database
audit-kind-peer-audit-cut = A machine's audit was cut
audit-kind-grant-key-trusted = Signing key trusted
audit-kind-grant-key-rotated = Signing key changed
audit-kind-grant-keys-forgotten = Signing keys forgotten
audit-kind-pairing-code = Pairing code made
audit-kind-paired = Owner paired
audit-kind-pairing-failed = Pairing failed
audit-kind-stranger = A stranger wrote
audit-kind-node-invited = Machine invited
audit-kind-node-joined = Machine asks to join
audit-kind-node-trusted = Machine let in
audit-kind-node-distrusted = Machine kept out
audit-kind-node-renamed = Machine renamed
audit-kind-node-revoked = Machine revoked
audit-kind-join-refused = Join refused
audit-kind-thread-private = Thread made private
audit-kind-private-kind = Private detection changed
audit-kind-forgotten = Forgotten

component-broker = the message broker
component-joining = adding a machine
alert-broker-tampered = Somebody writes to the message broker who should not: { $count } messages were refused. Nothing of them ran, and nothing could be read. Change the password of Redis and see the runbook broker-tampered.
alert-audit-cut = The audit of { $place } was cut or rewritten. If you did not reinstall it, do not trust that machine: revoke it under /nodes.
alert-pairing-used = Somebody used the pairing string of { $name } a second time and was refused. If it was not you, the string was read by others: compare the digits with care.
alert-pairing-expired = Somebody used an expired pairing string of { $name } and was refused. If it was you, invite the machine anew.
alert-pairing-mac = Somebody asked to join as { $name } without the right secret and was refused. If it goes on, change the password of Redis.

err-pairing-unknown = No invitation belongs to this request. Invite the machine anew with /nodes.
err-pairing-mac = The pairing string does not fit. Copy it whole, or invite the machine anew with /nodes.
err-pairing-used = This pairing string was used already. Invite the machine anew with /nodes.
err-pairing-expired = This pairing string has expired. Invite the machine anew with /nodes.
err-pairing-refused = The owner did not let this machine in. Invite it anew with /nodes, and compare the digits.
err-pairing-closed = This invitation is over. Invite the machine anew with /nodes.
err-node-name-taken = A machine called { $name } is here already. Choose another name, or revoke that one first.
err-grant-key-missing = The key for permissions is not there yet. Start the bot once, then try again.
err-wait-over = It is not waiting any more. See /jobs for what became of it.
err-service-unknown = This system has no service that could be installed by itself. Follow ops/pc/README.md instead.
err-service-failed = The system refused the service: { $why }. Correct that, then try again.
err-home-lives-here = This folder holds the main database, so it cannot be a node as well. Set MASK_HOME to another folder, then try again.
err-join-unanswered = Home did not answer for ten minutes. Check that it runs and that both reach the same Redis, then invite anew.
