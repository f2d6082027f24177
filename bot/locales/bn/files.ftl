# /files, /run, /undo: what is shown, asked and done by hand.
cmd-files = ফাইল দেখুন, নিন, রাখুন, বদলান
cmd-run = আপনার কোনো যন্ত্রে কমান্ড চালান
cmd-undo = শেষ যা বদলেছে তা ফিরিয়ে নিন

button-files-create = ➕ নতুন লেখা
button-files-put = 📥 এখানে রাখুন
button-files-machines = 🖥 যন্ত্রগুলো
button-files-up = ⬆️ এক ধাপ ওপরে
button-files-get = 📎 ফাইলটি নিন
button-files-edit = ✏️ বদলান
button-files-delete = 🗑 মুছুন
button-files-more = আরও পড়ুন ▶️
button-files-append = ➕ শেষে যোগ করুন
button-files-replace = 🔁 শব্দ বদলান
button-files-whole = 📝 নতুন করে লিখুন
button-files-drop = 🗑 রাখতে হবে না
button-undo = ↩️ ফিরিয়ে নিন
button-undo-number = ↩️ { $number } ফেরান

files-places-title = কোন যন্ত্রের ফাইল?
files-places-text = একটি যন্ত্র বেছে নিন। যেটি ঘুমিয়ে আছে, সেটি জাগলে উত্তর দেবে।
files-awake = জেগে আছে
files-asleep-since = ঘুমিয়ে আছে, শেষ দেখা
files-asleep = 💤 { $place } এখন ঘুমিয়ে আছে। কাজটি তার জন্য রেখে দিলাম, জাগলেই এগোব; /jobs এ দেখতে ও থামাতে পারবেন।
files-empty = এই ফোল্ডারে কিছু নেই।
files-count = { $count ->
    [one] { $count }টি নাম
   *[other] { $count }টি নাম
 }
files-bytes = { $count } বাইট
files-page = { $count }টির মধ্যে { $first } থেকে { $last }
files-nothing-found = এই শব্দগুলোর সঙ্গে কিছু মেলেনি।
files-no-text = (খালি)
files-binary = এটি লেখা নয়, তাই এখানে দেখাতে পারছি না। ফাইল হিসেবে নিতে পারেন।
files-text-cut = আরও { $count }টি অক্ষর এখানে দেখানো হয়নি।
files-lines = সারি { $first } থেকে { $last }
files-getting = 📎 একটু পরেই আসছে।
files-editing = কীভাবে বদলাব? কিছু বদলানোর আগে ঠিক কী বদলাবে তা দেখতে পাবেন।
files-ask-name = 📄 { $what } এ নতুন ফাইল। নামটি পাঠান, যেমন { $example }
files-ask-content = 📝 { $what } এর পুরো লেখাটি পাঠান। আগে পার্থক্যটা দেখাব।
files-ask-append = ➕ { $what } এর শেষে যা থাকবে তা পাঠান।
files-ask-old = 🔁 { $what } এ যে শব্দগুলো বদলাতে হবে, হুবহু সেভাবেই পাঠান।
files-ask-new = 🔁 তার জায়গায় কী থাকবে? শুধু - পাঠালে ওগুলো মুছে যাবে।
files-ask-document = 📥 { $what } এ রাখার ফাইলটি পাঠান।
files-want-document = একটি ফাইলের অপেক্ষায় আছি। ফাইল পাঠান, অথবা যেকোনো কমান্ড দিয়ে বাদ দিন।
files-received = { $count ->
    [one] একটি ফাইল এসেছে
   *[other] { $count }টি ফাইল এসেছে
 }
files-received-text = এটি নিয়ে কী করব? কোনো যন্ত্র খুলে ফোল্ডারে যান, তারপর “এখানে রাখুন” চাপুন।
files-dropped = 🗑 বাদ দিলাম।
files-too-large = 📎 { $name } বেশি বড়: টেলিগ্রাম আমাকে সর্বোচ্চ { $most } মেগাবাইটের ফাইল দেয়। ছোট ছোট ভাগে পাঠান।
files-done = হয়ে গেছে
files-undone = ফিরিয়ে নিয়েছি
files-ran-badly = চলেছে, কিন্তু ঠিকমতো হয়নি
files-whole-output = 📄 যা যা ছাপা হয়েছে, সবটা
files-exit-code = শেষ সংকেত { $code }
files-killed = বাইরে থেকে থামানো হয়েছে
files-took = সময় লেগেছে { $took }

run-help-title = কমান্ড চালান
run-help-text = /run এর পরে কমান্ডটি লিখুন। ঠিক কী চলবে তা কার্ডে দেখবেন, আপনার সম্মতির আগে কিছুই চলবে না।
run-help-0 = একটি প্রোগ্রাম ও তার শব্দগুলো; কোনো শেল এগুলো পড়ে না:
run-help-1 = নির্দিষ্ট কোনো যন্ত্রে:
run-help-2 = শেলের জন্য পুরো স্ক্রিপ্ট:
run-help-3 = যে ফোল্ডার সে বদলাতে পারবে, ইন্টারনেটসহ:
run-help-places = আপনার যন্ত্র: { $names }

undo-title = শেষ বদলগুলো
undo-empty = গত সাত দিনে ফেরানোর মতো কিছু বদলায়নি।
undo-begins = ↩️ এটি ফিরিয়ে নিচ্ছি: { $what }
undo-already = এটি আগেই ফেরানো হয়েছে।
undo-done = ফেরানো হয়েছে
undo-kind-create = তৈরি
undo-kind-edit = বদল
undo-kind-delete = মোছা
undo-kind-delete_file = মোছা
undo-kind-put_file = রাখা
undo-kind-cmd = চালানো
undo-kind-undo = ফেরানো
undo-kind-other = বদল

err-wish-not-allowed = প্রোগ্রাম { $step } চেয়েছে, যা এভাবে চাওয়া যায় না। নতুন সংস্করণ বসান, তারপর আবার চেষ্টা করুন।
err-blob-on-its-way = ফাইলটি এখনো { $place } থেকে আসছে। যন্ত্রটি জেগে থাকলে আবার চেষ্টা করুন।
err-run-option = { $option } আমার জানা নেই। শুধু /run পাঠালে কমান্ডের আগে কী কী লেখা যায় তা দেখাব।
err-file-name = ফাইলের নাম এক সারির হয়, তাতে স্ল্যাশ থাকে না। অন্য একটি নাম পাঠান।
err-undo-gone = এই বদল আর ফেরানো যাবে না: আগের অবস্থা সাত দিন রাখা হয়। নতুনগুলো দেখতে /undo পাঠান।
