# What each command does: Telegram's menu and /help show it.
cmd-start = শুরু করুন, অল্প কথায় ঘুরে দেখুন
cmd-help = সব কমান্ড এক নজরে
cmd-stop = এখন যা চলছে তা থামান
cmd-jobs = কী চলছে, কী অপেক্ষায়, কী হয়নি
cmd-status = সব ঠিক আছে কি না দেখুন
cmd-why = কেন এই মডেল উত্তর দিল
cmd-settings = আমার আচরণ বদলান
cmd-language = বাংলা · العربية · English
cmd-threads = আপনার আলাপগুলো: দেখুন, বেছে নিন, নাম বদলান
