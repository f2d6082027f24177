# Approvals and permissions: why something asked about does not run, and what to do then.

## Questions

err-approval-unknown = This question is not there any more. Send /pending for those that are.
err-approval-closed = This question is closed, so the tap did nothing. Send /pending for those still open.
err-approval-expired = Nobody answered in time, so it did not run. Ask for it again if you still want it.
err-approval-withdrawn = This question was withdrawn, so it does not run. Ask for it again if you still want it.
err-approval-mismatch = What I was to show and what was to run are not the same, so I did nothing. Ask again; if it keeps happening, run python3 -m ops doctor on the computer.
err-too-fast = The second tap came too fast. Look at the card once more, then tap after { $seconds } seconds.
err-owner-said-no = You said no. Reason: { $reason }

## Permissions

err-grant-missing = The machine wants your yes for this, and none came along. Ask for it again and approve the card.
err-grant-shape = The permission was not written the way ours are, so nothing ran. Ask again; if it keeps happening, run python3 -m ops doctor on the computer.
err-grant-key = The permission was signed with a key this machine does not trust. Bring both machines to the newest version, or pair this one again with /nodes.
err-grant-signature = The signature on the permission is wrong, so nothing ran. Ask again; if it keeps happening, somebody is tampering: run python3 -m ops doctor on the computer.
err-grant-node = The permission was meant for { $node }, not for { $here }, so nothing ran. Ask for it again.
err-grant-boot = The machine has started anew since the permission was made, so it counts no more. Ask for it again.
err-grant-incarnation = The permission comes from before the database was restored, so nothing ran. Ask for it again if you still want it.
err-grant-epoch = The permission comes from before you stopped everything there, so nothing ran. Ask for it again if you still want it.
err-grant-owner = The permission was not given by my owner, so nothing ran. If you are the owner, pair this machine again with /nodes.
err-grant-early = The permission lies { $seconds } seconds in the future. Set the clocks of both machines, then ask again.
err-grant-expired = The permission ran out { $seconds } seconds ago. Ask again; if it keeps happening, set the clocks of both machines.
err-grant-too-long = The permission claims to last { $seconds } seconds, more than the { $most } allowed, so nothing ran. Ask for it again.
err-grant-digest = The permission is for something else ({ $was }) than what was about to run ({ $now }), so nothing ran. Ask again to see it anew.
err-grant-approval = The permission belongs to another question, so nothing ran. Ask for it again.
err-grant-used = This permission was used once already, so nothing ran again. Look at what has been done, then ask anew if you need to.
err-code-missing = This needs the code from the machine's own screen. Approve again and send me the code.
err-code-unreadable = The code could not be opened on the machine. Approve again and send me a new code.

## Keys

err-grant-keys-set = This machine trusts another key already. Pair it again with /nodes if you want to change that.
err-grant-key-lost = The key that signs permissions is not the one the machines trust. Restore the folder of keys from a backup, or pair the machines again with /nodes.
err-rotation-shape = A message about a new key was not written the way ours are, so I left it aside. Bring both machines to the newest version.
err-rotation-unknown-key = A message about a new key is signed by one that does not count here. Pair this machine again with /nodes.

## A restored past

err-restored-past = The database was restored while { $step } was open; I cannot know whether it took effect. Look first, then decide whether to start it again.
err-incarnation-damaged = The file { $file } cannot be read. Remove it and start me again: I then take the database for a restored one, and nothing old runs.
alert-restored = The database was restored from an earlier time. Open questions are closed, and { $steps ->
    [one] one step is
   *[other] { $steps } steps are
} marked as unknown. Look at them before you start them again. (Incarnation { $incarnation })
alert-audit-behind = { $place } remembers entries of my audit that I do not have: my database was restored, or somebody changed it. Open questions are closed; compare with /audit.
