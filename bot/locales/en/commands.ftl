# What each command does: Telegram's menu and /help show it.
cmd-start = Begin, take the short tour
cmd-help = All commands at a glance
cmd-stop = Stop what is running now
cmd-jobs = What runs, waits or failed
cmd-status = Is everything all right?
cmd-why = Why did this model answer?
cmd-settings = Change how I behave
cmd-language = English · বাংলা · العربية
cmd-threads = Your conversations: list, switch, rename
