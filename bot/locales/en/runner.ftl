# Commands: what could not be run, and what to do.

err-command-quote = A quotation mark at letter { $at } is not closed, so I cannot tell where the argument ends. Close it, then send the command again.
err-command-empty = There is no program to run, or there are two things at once. Send either a program with its arguments or a script.
err-command-environment = The variable { $name } may not be set for a command: it could make the program run something else. Leave it out, then ask again.
err-command-not-found = I do not find { $program } on that machine. Install it, or name it with its full path.
err-command-unreadable = I cannot read { $path } ({ $why }), so I cannot show what would run. Correct its permissions, then ask again.
err-command-too-large = { $path } is larger than { $most } bytes, too large to be checked before it runs. Use a smaller program.
err-command-changed = { $path } was changed just before the start, so I ran nothing. Ask again to see it as it is now.
err-command-operand = I cannot tell for certain which file { $program } would run. Name one script file, or write the whole as a script.
err-command-wrapper = { $program } would start another program in its place, which could not be checked. Run that program directly; time limit and environment can be given apart.
err-command-time = A command may take { $most } seconds at most. Choose a shorter time, or split the work.
err-command-input = A command may be given { $most } bytes to read at most. Put the text into a file and name that.
err-command-too-long = The command is longer than the { $most } letters that Windows takes. Put it into a script file and run that.
err-command-not-started = The command could not be started ({ $why }). Check the program, then try again.
err-command-lost = The command { $program } took its keeper with it, so I do not know how it ended; I have ended what was left of it. Look first, then decide whether to run it again.
err-sandbox-failed = The sandbox for { $program } could not be set up, so nothing was run. Try again once; if it keeps happening, run python3 -m ops doctor on the computer.
err-system-unsupported = Commands cannot run on this kind of system ({ $system }). Ask another machine of yours.
