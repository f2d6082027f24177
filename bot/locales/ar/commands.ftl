# What each command does: Telegram's menu and /help show it.
cmd-start = ابدأ بجولة قصيرة
cmd-help = كل الأوامر في لمحة
cmd-stop = أوقف ما يجري الآن
cmd-jobs = ما يجري وما ينتظر وما تعثّر
cmd-status = هل كل شيء على ما يرام؟
cmd-why = لماذا أجاب هذا النموذج؟
cmd-settings = غيِّر طريقة عملي
cmd-language = العربية · বাংলা · English
cmd-threads = محادثاتك: اعرضها وبدِّل بينها وسمِّها
