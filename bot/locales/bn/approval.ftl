# Approval cards: what would run, what a yes would mean, and what became of it.
cmd-pending = আপনার উত্তরের অপেক্ষায় যা আছে

## The question

approval-asks = অনুমতি দরকার
approval-risk = ঝুঁকি: { $risk }
approval-risk-low = কম
approval-risk-medium = মাঝারি
approval-risk-high = বেশি
approval-risk-highest = সর্বোচ্চ
approval-where = কোথায়:

approval-kind-list-files = 📂 ফোল্ডারে কী আছে দেখা
approval-kind-read-file = 📄 ফাইল পড়া
approval-kind-search-files = 🔎 ফাইলে খোঁজা
approval-kind-machine-facts = 🖥 যন্ত্রের খবর নেওয়া
approval-kind-status-access = 📊 অবস্থা দেখা
approval-kind-create = 🆕 নতুন ফাইল বানানো
approval-kind-edit = ✏️ ফাইল বদলানো
approval-kind-undo = ↩️ আগের অবস্থায় ফেরানো
approval-kind-cmd = ⌨️ কমান্ড চালানো
approval-kind-local-exec = ⌨️ নিজের একটি প্রোগ্রাম চালানো
approval-kind-delete = 🗑 মুছে ফেলা
approval-kind-delete-file = 🗑 মুছে ফেলা
approval-kind-put-file = 📥 ফাইল রাখা
approval-kind-test-run = 🧪 পরীক্ষা চালানো
approval-kind-learn = 🎓 নতুন কিছু শেখা
approval-kind-sync = 🔄 যন্ত্রগুলো মেলানো
approval-kind-upgrade = ⬆️ নতুন সংস্করণ বসানো
approval-kind-upgrade-code = 🧬 নিজের কোড বদলানো
approval-kind-flow = 🧩 কাজের ধারা বদলানো
approval-kind-backup = 💾 ব্যাকআপ নেওয়া
approval-kind-proposal = 💡 একটি প্রস্তাব
approval-kind-sensitive = ☁️ ব্যক্তিগত লেখা ক্লাউডে পাঠানো
approval-kind-rule = 📜 নিয়ম বদলানো
approval-kind-other = ❔ এমন কাজ, যার বর্ণনা এই সংস্করণে নেই:
approval-shell-script = শেল স্ক্রিপ্ট

approval-arguments = যা চলবে:
approval-shell = যে শেল চালাবে:
approval-script = স্ক্রিপ্ট:
approval-folder = ফোল্ডার:
approval-exe = প্রোগ্রাম:
approval-operand = স্ক্রিপ্টের ফাইল:
approval-env = পরিবেশে যোগ হবে:
approval-writes = যেখানে লিখতে পারবে:
approval-path = ফাইল বা ফোল্ডার:
approval-new-folders = যে ফোল্ডার বানানো হবে:
approval-rule = নতুন নিয়ম:
approval-endpoints = যাদের কাছে যাবে:
approval-type-file = 📄 একটি ফাইল
approval-type-folder = 📁 একটি ফোল্ডার, ভেতরের সবকিছুসহ
approval-type-link = 🔗 একটি সংযোগ, যা অন্য কোথাও দেখায়
approval-type-special = 🔌 বিশেষ ধরনের ফাইল
approval-inexact = এত বড় যে ভেতরের লেখা মিলিয়ে দেখিনি, শুধু নাম ও আকার দেখেছি
approval-conflict = মাঝখানে কেউ এটি বদলেছে; ফেরালে সেই বদল মুছে যাবে
approval-rule-means = এরপর { $name } না জিজ্ঞেস করেই চলবে, মেয়াদ { $when }
approval-real-path = যন্ত্রে পুরো পথ:
approval-fields = বিশদ:
approval-empty = (খালি)
approval-more-characters = … আরও { $count }টি অক্ষর
approval-more-lines = … আরও { $count }টি লাইন
approval-long = লেখাটি কার্ডে ধরে না। আগে পুরোটা পড়ুন, তারপর অনুমতি দিতে পারবেন।
approval-long-read = পুরো লেখাটি নিচের ফাইলে আছে। পড়ে নিয়ে ঠিক করুন।

approval-entries = { $count }টি জিনিস, { $size }
approval-size = { $size }
approval-bytes = { $count } বাইট
approval-outside = কাজের ফোল্ডারের বাইরে মুছবে
approval-first-names = প্রথম কয়েকটি:
approval-names-more = এবং আরও { $count }টি
approval-privilege = প্রশাসকের ক্ষমতায় চলতে পারে
approval-sandboxed = আলাদা ঘেরের ভেতরে চলবে
approval-unsandboxed = ঘেরের বাইরে, সরাসরি চলবে
approval-secrets = গোপন চাবি ও পাসওয়ার্ড নাগালে থাকবে
approval-network-yes = ইন্টারনেট ব্যবহার করতে পারবে
approval-network-no = ইন্টারনেট পাবে না
approval-stdin = যে লেখা খাওয়ানো হবে, তার ছাপ:
approval-most-time = বড়জোর { $most } চলবে
approval-leaves = ক্লাউডের মডেলে যাবে { $count }টি অক্ষর
approval-undo-trash = ফেরানো যাবে: সাত দিন ট্র্যাশে থাকবে
approval-undo-version = ফেরানো যাবে: আগের রূপটি রাখা থাকবে
approval-undo-snapshot = ফেরানো যাবে: আগে ফোল্ডারগুলোর নকল রাখা হবে ({ $size })
approval-undo-scratch = শুধু একটি ফাঁকা ফোল্ডারে লিখবে, আর কিছু বদলাবে না
approval-undo-nothing-changes = কিছুই বদলাবে না
approval-undo-none = ফেরানো যাবে না
approval-diff = যা বদলাবে:
approval-left-at-node = 🔒 ভেতরের বিস্তারিত ওই মেশিনেই থাকছে, কারণ মূল মেশিনটি ভাড়ার।
approval-diff-in-file = যা বদলাবে, { $count }টি লাইন, ফাইলে আছে

approval-read = চাওয়ার আগে মডেল যা দেখেছে:
approval-read-files-list = ফোল্ডার
approval-read-files-read = ফাইল
approval-read-files-fetch = ফাইল
approval-read-files-search = খোঁজ
approval-read-command-run = কমান্ডের ফল
approval-read-other = অন্য কিছু
approval-label-private = 🔒 ব্যক্তিগত
approval-label-open = 🔓 সাধারণ
approval-digest = ছাপ
approval-count = একই অনুরোধ { $count } বার এসেছে; এক উত্তরেই সব হবে
approval-behind = পেছনে আরও { $count }টি অপেক্ষায়
approval-expires = সময় শেষ { $when }। আপনি হ্যাঁ না বললে এটি চলবে না।

approval-second-tap = সত্যিই চালাব? দুই সেকেন্ড ভেবে নিচের লাল বোতামটি চাপুন।
approval-code-asks = { $place } যন্ত্রের পর্দায় যে ছয় অঙ্কের কোড আছে, সেটি এখানে লিখে পাঠান
approval-code-left = আর { $count } বার চেষ্টা করা যাবে
approval-code-taken = 🔢 কোড পেয়েছি; আপনার বার্তাটি মুছে দিচ্ছি।

## What became of it

approval-state-queued = লাইনে আছে
approval-state-queued-text = আগের কার্ডগুলোর উত্তর দিলেই এটি সামনে আসবে।
approval-state-approved = অনুমতি পেয়েছে
approval-state-running = চলছে
approval-state-denied = আপনি না বলেছেন, তাই চলেনি
approval-state-expired = উত্তর আসেনি, তাই চলেনি
approval-state-expired-text = কিছুই বদলায়নি। এখনো চাইলে আবার জিজ্ঞেস করতে বলুন।
approval-state-lapsed = অনুমতির মেয়াদ ফুরিয়েছে
approval-state-lapsed-text = যন্ত্রটি দেরিতে ফিরেছে, তাই নতুন করে জিজ্ঞেস করছি।
approval-state-withdrawn = আর দরকার নেই
approval-state-withdrawn-text = যে কাজের জন্য চাওয়া হয়েছিল, তা শেষ হয়ে গেছে বা থামানো হয়েছে।
approval-state-edited = আপনি বদলে দিয়েছেন
approval-state-edited-text = বদলানো কমান্ডের জন্য নতুন কার্ড আসছে।
approval-state-stopped = আপনি থামিয়েছেন
approval-state-stopped-text = এটি চলতে শুরু করেছিল; তার আগে যা হয়ে গেছে, তা রয়ে গেছে।
approval-did-not-run = এটি চলেনি।
approval-state-done = হয়ে গেছে
approval-state-nonzero = শেষ হয়েছে, তবে নিজেই ত্রুটি জানিয়েছে
approval-state-failed = হয়নি
approval-state-refused = চালানো হয়নি
approval-state-unknown = হয়েছে কি না জানি না
approval-state-unknown-text = মাঝপথে যোগাযোগ কেটে গেছে। আমি নিজে থেকে আবার চালাব না। একবার দেখে নিয়ে জানান, কাজটি হয়েছে কি?
approval-by-owner = আপনি
approval-approved-by = { $name } অনুমতি দিয়েছেন, { $when }
approval-denied-by = { $name } না বলেছেন, { $when }
approval-reason = কারণ:
approval-starts = { $place } তৈরি হলেই শুরু হবে।
approval-began = শুরু { $when }
approval-live = এখন পর্যন্ত শেষ কয়েক লাইন:
approval-ended = শেষ
approval-exit = ফলাফলের কোড { $code }
approval-took = সময় লেগেছে { $took }
approval-entries-done = { $count }টি জিনিস
approval-killed-time = সময়সীমা পেরোনোয় থামানো হয়েছে
approval-killed-stop = আপনি থামিয়েছেন
approval-killed-output = লেখা সীমা ছাড়ানোয় থামানো হয়েছে
approval-output-cut = … আগের { $count }টি অক্ষর এখানে নেই
approval-output-file = পুরো ফল ফাইল হিসেবে নেওয়া যাবে।
approval-undo-ready = চাইলে আগের অবস্থায় ফেরানো যাবে।

## Papers that go with it

approval-text-caption = অনুরোধের পুরো লেখা
approval-output-caption = পুরো ফল
approval-output-part = এটি শেষের অংশ; পুরোটা { $place } যন্ত্রে আছে।
approval-sha256 = ফাইলের SHA-256:
approval-details-title = বিশদ
approval-sha-digest = পুরো ছাপ
approval-sha-exe = প্রোগ্রামের SHA-256
approval-sha-operand = স্ক্রিপ্টের SHA-256
approval-sha-before = এখনকার ফাইলের SHA-256
approval-sha-after = বদলের পর SHA-256
approval-sha-tree = সবকিছু মিলিয়ে SHA-256
approval-sha-stdin = খাওয়ানো লেখার SHA-256
approval-sha-messages = যা পাঠানো হবে, তার SHA-256
approval-asked-by = যে নিয়মে জিজ্ঞেস করা হচ্ছে:
approval-asked-at = কখন চাওয়া হয়েছে:
approval-ask-why = কেন না বলছেন, এক লাইনে লিখুন। মডেলকে জানাব।
approval-edit-line = কমান্ডটি নকল করে বদলে পাঠান। নতুন কার্ড আসবে, পুরোনোটি আর চলবে না। ফাঁকা থাকা অংশ উদ্ধৃতির ভেতরে রাখুন।
approval-edit-script = স্ক্রিপ্টটি নকল করে বদলে পাঠান। নতুন কার্ড আসবে, পুরোনোটি আর চলবে না।
approval-pending-title = যা অপেক্ষায় আছে
approval-pending-none = কিছুই অপেক্ষায় নেই।
approval-pending-asked = আপনার উত্তর চাই { $count }টিতে; কার্ডগুলো আবার পাঠালাম।
approval-pending-queued = আরও { $count }টি লাইনে আছে।
approval-pending-more = আরও { $count }টি কাজ যন্ত্রের অপেক্ষায়; /jobs দেখুন।
approval-waits-place = { $place } এর অপেক্ষায়, শেষ দেখা গেছে { $ago } আগে
approval-waits-new = { $place } এর অপেক্ষায়, এখনো দেখা যায়নি

## Words for a tap

approval-said-approved = ✅ অনুমতি দিলেন
approval-said-again = ⚠️ আরেকবার চাপতে হবে
approval-said-code = 🔢 কোডটি লিখে পাঠান
approval-said-denied = ❌ না বললেন
approval-said-back = ↩️ ফিরে এলাম
approval-said-asked = 🔁 আবার জিজ্ঞেস করছি
approval-said-thanks = ✔️ জেনে রাখলাম
approval-said-sent = 📄 পাঠাচ্ছি
approval-said-edited = ✏️ বদলানো কমান্ডের কার্ড আসছে।
approval-said-cloud = ☁️ ক্লাউডে চালাচ্ছি

## Buttons

button-approval-approve = ✅ অনুমতি দিন
button-approval-confirm = ⚠️ হ্যাঁ, চালান
button-approval-deny = ❌ না বলুন
button-approval-why = 💬 কারণসহ না
button-approval-edit = ✏️ বদলান
button-approval-details = 🔎 বিশদ দেখুন
button-approval-read-whole = 📄 পুরোটা পড়ুন
button-approval-rule = ⏱ নিয়ম করুন
button-approval-back = ◀️ ফিরে যান
button-approval-stop = ⏹ থামান
button-approval-again = 🔁 আবার চান
button-approval-happened = ✔️ হয়েছে
button-approval-did-not = ✖️ হয়নি
button-approval-undo = ↩️ ফেরান
button-approval-output = 📄 পুরো ফল নিন
button-approval-copy = 📋 নকল করুন
button-approval-cancel = ❌ বাতিল { $number }
button-approval-cloud = ☁️ ক্লাউডে { $number }

## Errors

err-approval-text-first = লেখাটি লম্বা, তাই আগে পুরোটা পড়তে হবে। পাঠানো ফাইলটি পড়ে আবার অনুমতি দিন।
err-approval-digits = কোন অনুরোধ তা বুঝিনি। কার্ডে লেখা ছাপের আটটি অক্ষর দিন, যেমন /approve 1a2b3c4d।
err-approval-which = এই ছাপের একটির বেশি অনুরোধ আছে, তাই কিছুই করিনি। /pending পাঠিয়ে কার্ডের বোতাম চাপুন।
err-approval-not-asked = এই ছাপের কোনো অনুরোধ এখন অপেক্ষায় নেই। কী আছে দেখতে /pending পাঠান।
err-approval-not-command = শুধু কমান্ড এভাবে বদলানো যায়। না বলে নতুন করে চান।
err-command-line = কমান্ডের উদ্ধৃতি চিহ্ন মেলেনি বা লেখাটি খালি। ঠিক করে আবার পাঠান; আগের কার্ডটি এখনো আছে।
err-code-format = কোডে ঠিক ছয়টি অঙ্ক থাকে। পর্দায় এখন যে কোড দেখাচ্ছে, সেটি আবার লিখে পাঠান।
err-code-which = একটির বেশি কার্ড কোড চাইছে। যেটির কোড, সেই কার্ডের উত্তর হিসেবে লিখে পাঠান।
err-approval-no-output = এর কোনো লেখা এখানে রাখা নেই। যে যন্ত্রে চলেছে, সেখান থেকে ফাইল হিসেবে চেয়ে নিন।
err-owner-edited = আপনি কমান্ডটি বদলে দিয়েছেন, তাই আগেরটি চলেনি। নতুনটির কার্ডে উত্তর দিন।
err-action-text = লেখায় এমন অক্ষর আছে যা সব যন্ত্রে এক থাকে না, তাই চালাইনি। লেখাটি নতুন করে লিখে আবার চান।
err-action-too-large = কাজটির লেখা { $most } বাইটের বেশি, তাই জিজ্ঞেসই করিনি। লম্বা লেখা ফাইলে রেখে আবার চান।
err-action-malformed = প্রোগ্রামের ভুল: { $kind } ধরনের কাজটি ঠিকভাবে বলা হয়নি, তাই চালাইনি। অনুগ্রহ করে নতুন সংস্করণ বসান।
