# /rules: what runs by itself, what asks, what never happens; and the owner's own rules.
cmd-rules = What I ask about, and your own rules

rules-title = Rules
rules-version = Policy, version { $version }
rules-class-auto = I do this by myself
rules-class-ask = I ask you first
rules-class-twice = I ask you twice, and on another machine for a code
rules-twice-too = 🗑 Delete outside the workspace · 🛂 Administrator rights
rules-class-deny = I never do this
rules-class-floor = Nobody can allow this, not even you
rules-floor = Format a disk. Delete outside the allowed folders, or such a folder itself. Read stored keys and passwords. Touch my own keys, database or policy. Switch me off. Smuggle in another program through the environment.
rules-own = { $count ->
    [0] Your own rules
    [one] Your own rule ({ $count })
   *[other] Your own rules ({ $count })
}
rules-own-none = None yet. When I ask for something small, its card offers to make a rule.
rules-place = On { $place }
rules-scope-command = Exactly this command:
rules-scope-place = Anywhere on this machine
rules-scope-file = Only this file:
rules-scope-folder = Here and below:
rules-until = Until
rules-uses = { $count ->
    [0] not used yet
    [one] used once
   *[other] used { $count } times
}

rules-choice-title = Ask less about this
rules-choice-text = Choose how long I need not ask. A card follows, because a rule itself needs your approval.
rules-choice-asked = I am asking for your approval now. The rule holds once you have given it.

rules-broken = The policy file cannot be used
rules-broken-line = line { $line }
rules-broken-means = Until it is corrected I ask about everything, and refuse what is most dangerous. Your own rules do not count.
rules-broken-missing = The file is not there.
rules-broken-yaml = The file cannot be read as it is written.
rules-broken-key = This name is not known.
rules-broken-twice = This name is there twice.
rules-broken-absent = Something that must be there is missing.
rules-broken-type = A value of another kind belongs here.
rules-broken-value = This value is not allowed.
rules-broken-class = This is not allowed for an action of this class.

rules-why-delete = Deleting is asked each time.
rules-why-money = Paying is asked each time.
rules-why-message = Messages to others are asked each time.
rules-why-private = Sending something private away is asked each time.
rules-why-self = Changes to myself are asked each time.
rules-why-policy = Changes to the rules are asked each time.
rules-why-highest = Whatever is of the highest risk is asked each time.
rules-why-kind = There is no rule for this kind of action.
rules-why-undo = This cannot be undone, so it is asked each time.
rules-why-shell = A shell or an interpreter can do anything, so it is asked each time.
rules-why-input = A command with input or a changed environment is asked each time.
rules-why-reach = This command reaches beyond its scratch folder, so it is asked each time.
rules-why-broken = The policy file cannot be used, so no rules count now.

rules-said-revoked = 🗑 Revoked; I ask again
rules-said-asked = 📜 Your approval is needed

button-rules-revoke = 🗑 Revoke { $number }
button-rules-days = { $number } · { $span }

err-policy-broken = The policy file { $file } has a mistake in line { $line } ({ $name }). Correct it and start me again; /rules tells more.
err-policy-denies = The rules forbid this. Send /rules to see them; whoever looks after the policy file can change it.
err-no-backup = There is no backup, and this could not be undone, so I did not ask. Make a backup first, then try again.
err-floor-disk = This would format a disk or write to one directly, which nobody can allow. Do it by hand on the machine itself.
err-floor-outside = This reaches outside the allowed folders, which nobody can allow. Name the folder in MASK_ROOTS, then ask again.
err-floor-root = This would delete one of the allowed folders itself, which nobody can allow. Delete what is in it instead.
err-floor-keys = This reaches for stored keys or passwords, which nobody can allow. Look at them on the machine itself.
err-floor-own = This reaches for my own keys, database or policy, which nobody can allow. Change them on the machine itself.
err-floor-disable = This would switch me off, which nobody can allow from here. Stop me on the machine itself.
err-floor-argv = This command is too long or not well-formed. Put what is long into a file, then ask again.
err-floor-environment = This sets a variable that makes programs run something else, which nobody can allow. Leave it out and ask again.
err-rule-not-allowed = No rule is possible for this. Approve it on its card each time.
err-rule-too-wide = This rule would cover too much. Choose a narrower one on the card.
err-rule-time = A rule holds for at most { $days } days, and not in the past. Choose a shorter time.
err-rule-too-many = There are { $most } rules already. Revoke some in /rules, then try again.
err-rule-revoked = You have revoked this rule, and it does not come back. Make a new one on a card.
err-code-wrong = { $left ->
    [one] The code is wrong, or was used before. { $left } try is left; type the one on the screen now.
   *[other] The code is wrong, or was used before. { $left } tries are left; type the one on the screen now.
}
err-code-locked = There were too many wrong codes, so the machine takes no more. Unlock it on the machine itself, then approve again.
err-code-not-set-up = The machine has no code yet. Look at its own screen and set up the code there, then approve again.
component-policy = the rules
