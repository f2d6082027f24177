# Times, sizes, names and buttons that every screen shares. Button labels: verb first, 18 characters.
date-month-1 = January
date-month-2 = February
date-month-3 = March
date-month-4 = April
date-month-5 = May
date-month-6 = June
date-month-7 = July
date-month-8 = August
date-month-9 = September
date-month-10 = October
date-month-11 = November
date-month-12 = December
date-and-time = { $day } { $month }, { $time } UTC

span-seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
 }
span-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
 }
span-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
 }
span-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
 }
span-soon = a little while

place-home = the main machine
language-name-bn = Bengali
language-name-ar = Arabic
language-name-en = English

button-again = 🔁 Try again
button-again-number = 🔁 Try { $number } again
button-stop-number = ⏹ Stop { $number }
button-drop = 🗑 Let it go
button-drop-number = 🗑 Drop { $number }
button-stop = ⏹ Stop
button-earlier = ◀️ Back
button-later = Next ▶️
button-refresh = 🔄 Refresh
button-seen = ✔️ I have seen it
button-snooze = 😴 Wait one hour
button-next = Next ▶️
button-back = ◀️ Back
button-help = 💡 Show commands
button-tour = 👋 Take the tour
button-jobs = 🗂 Show jobs
button-status = 📊 Show status
button-settings = ⚙️ Open settings
button-threads = 🧵 Show threads
button-new-thread = ➕ Start a new one
button-use-thread = ✅ Continue here
button-rename = ✏️ Rename
button-on = Turn on
button-off = Turn off
button-on-streaming = Show live text
button-off-streaming = Hide live text
button-on-rich = Use rich tables
button-off-rich = Use plain tables
button-on-tag = Name the model
button-off-tag = Hide the model
