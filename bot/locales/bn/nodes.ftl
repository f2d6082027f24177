# মালিকের মেশিন, নতুন মেশিন ঢোকানো, কোন মেশিনের জন্য অপেক্ষা, আর হিসাবের খাতা।
cmd-nodes = আপনার মেশিন: কে আছে, নতুন যোগ করুন
cmd-audit = কী ঠিক হলো আর কী হলো, তার খাতা

nodes-title = আপনার মেশিনগুলো
nodes-empty = এখনো অন্য কোনো মেশিন নেই। আপনার কম্পিউটার যোগ করুন: তখন সেটা আপনার হয়ে ফাইল খুলবে, কমান্ড চালাবে, নিজের মডেল চালাবে।
nodes-online = চালু আছে
nodes-last-seen = এখন নেই। শেষ দেখা গেছে:
nodes-never = এখনো একবারও আসেনি
nodes-mine = আপনার নিজের মেশিন
nodes-rented = ভাড়া করা মেশিন
nodes-sandbox = কমান্ড চলে ঘেরাওয়ের ভেতরে: { $kind }
nodes-no-sandbox = কমান্ড চলে ঘেরাও ছাড়া (NOT SANDBOXED)
nodes-roots = ফোল্ডার: { $names }
nodes-models = নিজের মডেল: { $names }
nodes-busy = { $count ->
    [0] এখন কোনো কাজ নেই
   *[other] { $count }টি কাজ চলছে
}
nodes-load = প্রসেসর: { $percent } %
nodes-clock = এর ঘড়ি { $seconds } সেকেন্ড এদিক-ওদিক। ১২০ সেকেন্ডের বেশি হলে ওখানে কিছুই চলবে না: ঘড়ি ঠিক করুন।
nodes-tampered = এখান থেকে নয় এমন বার্তা সে ফিরিয়ে দিচ্ছে। সেগুলোর কিছুই চলেনি।

nodes-ask-name = নতুন মেশিনের নাম কী হবে? ছোট হাতের ইংরেজি অক্ষরে ছোট একটা নাম লিখুন।
nodes-ask-title = “{ $name }” মেশিনকে কী নামে ডাকতে চান?
nodes-revoke-sure = এই মেশিনকে চিরতরে বাদ দেবেন? এর জন্য যা অপেক্ষায় আছে তা ব্যর্থ হবে, আর ফিরতে হলে নতুন চাবি নিয়ে নতুন করে ডাকতে হবে।
nodes-revoked = { $name } বাদ দেওয়া হলো।
nodes-let-in = { $name } ঢুকেছে।
nodes-kept-out = { $name } বাইরেই রইল।

nodes-invite-title = “{ $name }” মেশিনকে ঢোকান
nodes-invite-loopback = এই ব্রোকারে শুধু এই মেশিন থেকেই পৌঁছানো যায়। অন্য মেশিনের জন্য MASK_REDIS_URL এমন জায়গায় বসান যেখানে দুজনেই পৌঁছায়।
nodes-invite-how = ওই মেশিনে, প্রোগ্রামের ফোল্ডারে, এটা লিখুন:
nodes-invite-once = একবারই কাজে লাগে। ব্যবহার হলেই এই বার্তা মুছে দেব, নইলে:
nodes-joined-title = “{ $name }” ঢুকতে চায়
nodes-joined-text = ওর পর্দার আটটি সংখ্যার সঙ্গে মিলিয়ে দেখুন। হুবহু এক হলে তবেই ঢুকতে দিন।
nodes-joined-until = এই প্রশ্ন শেষ হবে:
nodes-invitation-trusted = ✅ { $name } ঢুকেছে। প্রথম সাড়া দিলেই /nodes এ দেখা যাবে।
nodes-invitation-refused = ❌ { $name } ঢুকতে পারেনি। আপনার মেশিন হলে আবার ডাকুন; না হলে কেউ আপনার জোড়ার লাইন পড়ে ফেলেছে।
nodes-invitation-expired = ⌛ { $name } মেশিনের ডাকের সময় শেষ। লাইনটি এখন আর কোনো কাজের নয়।

nodes-waiting = { $name } মেশিনের অপেক্ষায়
nodes-waiting-then = মেশিন ফিরলে নিজেই চলবে। ততদিনে আপনার অনুমতি পুরোনো হয়ে গেলে আবার জিজ্ঞেস করব।
nodes-wait-over = ▶️ { $name } মেশিনের জন্য আর অপেক্ষা নেই।
nodes-wait-cancelled = ⏹ বাতিল, { $name } মেশিনে কিছু যাবে না।
nodes-at-home-now = এখানেই করতে দিলাম।

button-invite = ➕ মেশিন যোগ করুন
button-nodes = 💻 মেশিন দেখুন
button-revoke-node = 🗑 বাদ দিন
button-revoke-sure = 🗑 হ্যাঁ, বাদ দিন
button-keep-node = ◀️ রেখে দিন
button-same-digits = ✅ এক, ঢুকতে দিন
button-other-digits = ❌ মেলে না
button-cancel-wait = ⏹ বাতিল করুন
button-elsewhere = 🏠 এখানেই করুন

audit-title = কী ঠিক হলো আর কী হলো
audit-empty = এখনো কিছু নেই।
audit-verified = { $number } নম্বর পর্যন্ত মিলিয়ে দেখা:
audit-broken = { $number } নম্বরে শিকল ছিঁড়ে গেছে। কেউ তথ্যভান্ডার বদলেছে: মূল মেশিনে খাতা যাচাই করুন।
audit-unchained = শিকলে এখনো কিছু নেই।
audit-person = আপনি ({ $id })
audit-actor-owner = আপনি
audit-actor-home = মূল মেশিন
audit-actor-broker = ব্রোকারে কেউ একজন
audit-outcome-done = হয়েছে
audit-outcome-failed = হয়নি
audit-outcome-refused = চালানো হয়নি
audit-outcome-unknown = জানা নেই
audit-kind-asked = আপনাকে জিজ্ঞেস করা হলো
audit-kind-approved = অনুমতি দেওয়া হলো
audit-kind-denied = মানা করা হলো
audit-kind-expired = উত্তর না পেয়ে শেষ
audit-kind-lapsed = অনুমতি পুরোনো
audit-kind-withdrawn = তুলে নেওয়া হলো
audit-kind-granted = ছাড়পত্র দেওয়া হলো
audit-kind-grant-not-taken = ছাড়পত্র নেওয়া হয়নি
audit-kind-admitted = ছাড়পত্র নিয়ে ঢুকেছে
audit-kind-admitted-auto = নিয়মে ঢুকেছে
audit-kind-begun = শুরু
audit-kind-ended = শেষ
audit-kind-action-mismatch = যা অনুমতি ছিল তা নয়: ফেরানো হলো
audit-kind-unknown-answered = কী হয়েছিল, আপনি জানালেন
audit-kind-code-wrong = ভুল কোড
audit-kind-restored = তথ্যভান্ডার পুরোনো অবস্থায় ফেরানো
audit-kind-head-unknown = একটি মেশিন তথ্যভান্ডারের চেয়ে বেশি জানে
audit-kind-peer-audit-cut = একটি মেশিনের খাতা কাটা হয়েছে
audit-kind-grant-key-trusted = সইয়ের চাবি মানা হলো
audit-kind-grant-key-rotated = সইয়ের চাবি বদল
audit-kind-grant-keys-forgotten = সইয়ের চাবি ভোলা হলো
audit-kind-pairing-code = জোড়ার কোড তৈরি
audit-kind-paired = মালিক জোড়া হলেন
audit-kind-pairing-failed = জোড়া হয়নি
audit-kind-stranger = অচেনা কেউ লিখেছে
audit-kind-node-invited = মেশিন ডাকা হলো
audit-kind-node-joined = মেশিন ঢুকতে চায়
audit-kind-node-trusted = মেশিন ঢুকেছে
audit-kind-node-distrusted = মেশিন বাইরে রইল
audit-kind-node-renamed = মেশিনের নাম বদল
audit-kind-node-revoked = মেশিন বাদ
audit-kind-join-refused = ঢোকার চেষ্টা ফেরানো হলো
audit-kind-thread-private = আলাপ গোপন করা হলো
audit-kind-private-kind = গোপন চেনার নিয়ম বদল
audit-kind-forgotten = ভুলে যাওয়া হলো

component-broker = বার্তার ব্রোকার
component-joining = মেশিন যোগ করা
alert-broker-tampered = বার্তার ব্রোকারে এমন কেউ লিখছে যার লেখার কথা নয়: { $count }টি বার্তা ফেরানো হয়েছে। সেগুলোর কিছুই চলেনি, কিছু পড়াও যায়নি। ব্রোকারের পাসওয়ার্ড বদলান, আর এই বিষয়ের রানবুক দেখুন।
alert-audit-cut = { $place } মেশিনের খাতা কাটা বা নতুন করে লেখা হয়েছে। আপনি নতুন করে না বসিয়ে থাকলে মেশিনটিকে বিশ্বাস করবেন না: /nodes থেকে বাদ দিন।
alert-pairing-used = { $name } মেশিনের জোড়ার লাইন কেউ দ্বিতীয়বার ব্যবহার করতে গিয়ে ফিরেছে। আপনি না হলে লাইনটি অন্য কেউ পড়েছে: সংখ্যাগুলো সাবধানে মেলান।
alert-pairing-expired = { $name } মেশিনের মেয়াদ শেষ লাইন কেউ ব্যবহার করতে গিয়ে ফিরেছে। আপনি হলে মেশিনটিকে আবার ডাকুন।
alert-pairing-mac = কেউ ঠিক গোপন কথা ছাড়া { $name } নামে ঢুকতে গিয়ে ফিরেছে। চলতে থাকলে ব্রোকারের পাসওয়ার্ড বদলান।

err-pairing-unknown = এই অনুরোধের কোনো ডাক নেই। /nodes থেকে মেশিনটিকে আবার ডাকুন।
err-pairing-mac = জোড়ার লাইন মেলে না। পুরোটা কপি করুন, নয়তো /nodes থেকে আবার ডাকুন।
err-pairing-used = এই জোড়ার লাইন আগেই ব্যবহার হয়েছে। /nodes থেকে মেশিনটিকে আবার ডাকুন।
err-pairing-expired = এই জোড়ার লাইনের মেয়াদ শেষ। /nodes থেকে মেশিনটিকে আবার ডাকুন।
err-pairing-refused = মালিক এই মেশিনকে ঢুকতে দেননি। /nodes থেকে আবার ডাকুন, সংখ্যাগুলো মেলান।
err-pairing-closed = এই ডাক শেষ হয়ে গেছে। /nodes থেকে মেশিনটিকে আবার ডাকুন।
err-node-name-taken = { $name } নামে একটি মেশিন আগেই আছে। অন্য নাম দিন, নয়তো আগে ওটাকে বাদ দিন।
err-grant-key-missing = ছাড়পত্রের চাবি এখনো তৈরি হয়নি। বটটি একবার চালু করুন, তারপর আবার চেষ্টা করুন।
err-wait-over = এটা আর অপেক্ষায় নেই। কী হলো তা /jobs এ দেখুন।
err-service-unknown = এই সিস্টেমে নিজে নিজে বসানোর মতো কোনো সেবা নেই। নির্দেশনার ফাইল দেখে হাতে বসান, তারপর চালু করুন।
err-service-failed = সিস্টেম সেবাটি নেয়নি: { $why }। সেটা ঠিক করুন, তারপর আবার চেষ্টা করুন।
err-home-lives-here = এই ফোল্ডারে মূল তথ্যভান্ডার আছে, তাই এটা নোড হতে পারে না। MASK_HOME অন্য ফোল্ডারে দিন, তারপর আবার চেষ্টা করুন।
err-join-unanswered = দশ মিনিটেও মূল মেশিনের উত্তর নেই। সেটা চলছে কি না আর দুজনেই একই ব্রোকারে পৌঁছায় কি না দেখুন, তারপর আবার ডাকুন।
