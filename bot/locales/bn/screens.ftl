# Cards: start, help, language, settings, jobs, status, why, threads, alerts, what failed.
start-hello = স্বাগতম! আমি দ্য মাস্ক, আপনার নিজের সহকারী।
start-hello-name = স্বাগতম, { $name }! আমি দ্য মাস্ক, আপনার নিজের সহকারী।
start-step = ধাপ { $step }, মোট { $steps }
start-text-0 =
    আমি শুধু আপনার কথাই শুনি, বাংলা, আরবি বা ইংরেজিতে।
    আপনি যা লেখেন তার কিছুই হারায় না, মাঝপথে বিদ্যুৎ চলে গেলেও না।

    কোন ভাষা আপনার সবচেয়ে ভালো লাগে?
start-title-1 = 💬 আমার সঙ্গে কথা বলুন
start-text-1 =
    যেভাবে একজন মানুষকে লেখেন, সেভাবেই লিখুন। যেমন:
    “আজ তুমি আমার জন্য কী করতে পারো?”

    উত্তর লেখা হতে হতেই দেখতে পাবেন। যথেষ্ট মনে হলে থামানোর বোতাম চাপুন বা /stop পাঠান।
start-title-2 = 🛡 যে ভরসা রাখতে পারেন
start-text-2 =
    আপনার সম্মতি ছাড়া আমি কিছুই বদলাই না।
    যা ব্যক্তিগত, তা আপনার নিজের যন্ত্রেই থাকে।
    কোনো সমস্যা হলে একবারই জানাই: কী হয়েছে, আর আপনি কী করতে পারেন।
start-title-3 = 🧭 কোথায় কী পাবেন
start-text-3 =
    আলাদা আলাদা আলাপ রাখতে /threads।
    আমি কী করছি দেখতে /jobs, আমি ঠিক আছি কি না দেখতে /status।
    বাকি সব আছে /help এ।

    ব্যস, এটুকুই। যখন ইচ্ছা লিখুন।

help-title = আমি যা পারি
help-intro = শুধু লিখলেই হবে। পাশাপাশি এই কমান্ডগুলো কাজে লাগে:
help-group-talk = 💬 কথাবার্তা
help-group-work = 🗂 কাজ
help-group-ways = ⚙️ আমার ধরন
help-group-more = 👋 প্রথম পরিচয়
help-outro = কোনো কমান্ডে চাপ দিলেই তা চলবে।

language-title = ভাষা
language-text = আমি কোন ভাষায় কথা বলব, বেছে নিন। অন্য ভাষাগুলোও বুঝব।

settings-title = সেটিংস
settings-text = চাপ দিলেই বদলাবে, সঙ্গে সঙ্গে কাজ করবে।
settings-language = ভাষা
settings-streaming = উত্তর লেখা হতে হতেই দেখানো
settings-rich = সাজানো সারণি ও শিরোনাম
settings-tag = কোন মডেল উত্তর দিল, তা জানানো

jobs-title = কাজ
jobs-empty = এখন কিছু চলছে না, কিছু অপেক্ষাতেও নেই। সব শান্ত।
jobs-untitled = নাম নেই
jobs-state-ready = এখনই শুরু হবে
jobs-state-running = চলছে
jobs-state-done = শেষ হয়েছে
jobs-state-failed = হয়নি
jobs-state-cancelled = আপনি থামিয়েছেন
jobs-state-stale = নতুন সংস্করণের সঙ্গে মেলে না
jobs-waiting-step = চলছে, একটি অংশের অপেক্ষায়
jobs-waiting-time = সময় হওয়া পর্যন্ত বিরতি
jobs-waiting-owner = আপনার সিদ্ধান্তের অপেক্ষায়
jobs-waiting-place = এই যন্ত্রটি ফেরার অপেক্ষায়: { $what }

status-all-good = সব ঠিক আছে
status-all-fair = চলছে, তবে কিছু একটা দেখা দরকার
status-all-bad = কিছু একটা বন্ধ আছে
status-bot = বট
status-bot-polling = { $up } ধরে জেগে, নিজেই টেলিগ্রামকে জিজ্ঞেস করে
status-bot-webhook = { $up } ধরে জেগে, টেলিগ্রাম নিজে ডাকে
status-workers = কর্মী
status-echo = শেষ সাড়া { $ago } আগে
status-no-echo = এখনো কোনো সাড়া নেই
status-work = কাজ
status-going = { $going }টি চলছে, { $waiting }টি অপেক্ষায়
status-trouble = গত ২৪ ঘণ্টায়
status-failed = { $failed }টি হয়নি, { $stale }টি পুরোনো হয়ে গেছে
status-queue = সারি
status-queue-length = { $length }টি অপেক্ষায়
status-queue-away = সাড়া দিচ্ছে না; কাজ একটু ধীরে চলবে, কিছুই হারাবে না
status-models = মডেল
status-model = মডেল
status-no-models = কোনোটিই যুক্ত করা নেই
status-model-up = প্রস্তুত
status-model-down = পাওয়া যাচ্ছে না
status-node = যন্ত্র
status-node-seen = শেষ দেখা { $ago } আগে
status-node-new = এখনো দেখা যায়নি
status-database = তথ্যভান্ডার
status-database-sound = ঠিক আছে, { $ago } আগে পরীক্ষা করা
status-database-damaged = ক্ষতিগ্রস্ত, { $ago } আগে ধরা পড়েছে: অনুগ্রহ করে ব্যাকআপ থেকে ফিরিয়ে আনুন
status-database-unchecked = এখনো পরীক্ষা করা হয়নি

why-title = এই উত্তর কেন?
why-nothing = ব্যাখ্যা করার মতো কোনো উত্তর এখনো নেই। আগে কিছু লিখুন।
why-answered = উত্তর দিয়েছে
why-tokens = { $prompt } টোকেন পড়েছে, { $completion } টোকেন লিখেছে
why-tokens-about = প্রায় { $prompt } টোকেন পড়েছে, { $completion } টোকেন লিখেছে
why-took = সময় লেগেছে { $took }
why-tried = আগে যাদের জিজ্ঞেস করে উত্তর মেলেনি
why-order = যে ক্রমে জিজ্ঞেস করি
why-ruled-out = যারা বাদ পড়েছে
why-failure-unreachable = পৌঁছানো যায়নি
why-failure-timeout = বেশি সময় নিচ্ছিল
why-failure-limited = ব্যবহারের সীমা শেষ
why-failure-server = সেবাদাতার দিকে ত্রুটি
why-failure-broken-stream = মাঝপথে থেমে গেছে
why-failure-unauthorised = চাবি গ্রহণ করেনি
why-failure-missing-model = মডেলটি সেখানে নেই
why-failure-bad-request = এই অনুরোধ নিতে পারেনি
why-failure-not-set-up = এখানে যুক্ত করা নেই
why-reason-preferred = আপনার পছন্দ
why-reason-listed = খরচ, শক্তি, গতি ও চাপ মিলিয়ে এই জায়গায়
why-reason-cooling = ব্যর্থ হওয়ার পর বিশ্রামে, আরও { $detail }
why-reason-private = ব্যক্তিগত কথা আপনার নিজের যন্ত্রেই থাকে
why-reason-not-set-up = যুক্ত করা নেই, যা লাগবে: { $detail }
why-reason-not-there = এখানে চালু নেই
why-reason-key-refused = চাবি গ্রহণ করেনি
why-reason-context = আলাপটি এর জন্য বেশি বড় ({ $detail } টোকেন)
why-reason-no-tools = সরঞ্জাম ব্যবহার করতে পারে না
why-reason-practice = শুধু অনুশীলনের জন্য, যখন কোনো আসল মডেল নেই

threads-title = আলাপ
threads-empty = এখনো কোনো আলাপ নেই। শুধু লিখুন।
threads-unnamed = নাম নেই
threads-count = { $count }টি বার্তা
threads-summary = সংক্ষেপে:
threads-last = শেষ বার্তাগুলো:
threads-no-messages = এখানে এখনো কিছু বলা হয়নি।
threads-you = আপনি
threads-me = আমি
threads-created = 🧵 নতুন আলাপ শুরু হলো: { $name }। কী নিয়ে কথা বলব?
threads-switched = 🧵 আবার এই আলাপে ফিরলাম: { $name }
threads-renamed = ✏️ এই আলাপের নাম এখন: { $name }
threads-ask-name = এই আলাপের নাম কী হবে? নামটি লিখে পাঠান।

alert-level-critical = জরুরি
alert-level-problem = সমস্যা
alert-level-notice = জেনে রাখুন
alert-level-resolved = মিটে গেছে
alert-over = এটি মিটে গেছে, সব আবার চলছে। যা হয়েছিল:
alert-count = { $count } বার হয়েছে
alert-first = প্রথম:
alert-last = সর্বশেষ:
alert-many-alerts = একসঙ্গে কয়েকটি সমস্যা হয়েছে: { $names }। আমি কেমন আছি দেখতে /status পাঠান।
alert-deaf = কর্মীরা { $minutes } মিনিট ধরে সাড়া দেয়নি, তাই তাদের আবার চালু করাচ্ছি। কিছুই হারায়নি।
alert-turns-wait = আপনার বার্তা নিরাপদে আছে, কিন্তু দশ সেকেন্ডের বেশি কোনো কর্মী সেটি হাতে নেয়নি। আমি নজর রাখছি; বেশিক্ষণ চললে মূল মেশিনে আমাকে আবার চালু করুন।
alert-deaf-bot = { $seconds } সেকেন্ড ধরে টেলিগ্রামের সাড়া নেই ({ $why })। চেষ্টা চালিয়ে যাচ্ছি; বেশিক্ষণ চললে ইন্টারনেট সংযোগ দেখুন।
alert-update-dead = আসা একটি বার্তা তিনবার চেষ্টা করেও বুঝতে পারিনি ({ $why })। সরিয়ে রেখেছি; অনুগ্রহ করে অন্যভাবে লিখে আবার পাঠান।
alert-notice-dead = টেলিগ্রাম আমার একটি বার্তা নেয়নি ({ $kind }): { $why }। কিছু না পেয়ে থাকলে আবার জিজ্ঞেস করুন।
component-bot = বট
component-worker = কর্মী
component-workers = কর্মীরা
component-home = মূল মেশিন
component-node = আপনার একটি যন্ত্র
component-redis = বার্তাবাহক
component-queue = সারি
component-database = তথ্যভান্ডার
component-models = মডেল
component-telegram = টেলিগ্রাম
component-intake = আসা বার্তা
component-mailbox = যাওয়া বার্তা
component-beat = সময়সূচি
component-echo = সাড়া
component-chat = আলাপ
component-node-named = { $name } যন্ত্র
component-chat_turn = আলাপ
component-summarise_thread = আলাপের সারসংক্ষেপ
component-pruning = গোছানো
component-probe_models = মডেল পরীক্ষা

failed-title = এবার হলো না
stale-title = কাজটি নতুন সংস্করণের সঙ্গে মেলে না
stale-text = আমার হালনাগাদের আগে এটি শুরু হয়েছিল, আর কীভাবে চলবে তা আমি অনুমান করব না। নতুন করে শুরু করুন, নয়তো বাদ দিন।
pending-owner = ⏸ “{ $title }” এখনো আপনার সিদ্ধান্তের অপেক্ষায়। আগে নতুন বার্তাটি দেখছি।
pending-place = ⏸ “{ $title }” তার যন্ত্র ফেরার অপেক্ষায়। আগে নতুন বার্তাটি দেখছি।
pending-other = ⏸ “{ $title }” এখনো অপেক্ষায়। আগে নতুন বার্তাটি দেখছি।
