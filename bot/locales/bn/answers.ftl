# The lines around a model's answer.
answer-tag = · { $model } · { $place }
answer-practice = 🧪 অনুশীলন: এটি আগে থেকে সাজানো উত্তর, কোনো আসল মডেল এখনো যুক্ত নেই।
answer-stopped = ⏹ থামানো হয়েছে। এ পর্যন্ত এটুকুই এসেছিল।
answer-length = ✂️ মডেল তার লেখার সীমায় পৌঁছে গেছে। বাকিটুকুর জন্য লিখুন “চালিয়ে যাও”।
answer-stopped-early = ⏹ কিছু লেখার আগেই থামানো হয়েছে।
answer-empty = মডেল খালি উত্তর পাঠিয়েছে। অনুগ্রহ করে আবার জিজ্ঞেস করুন, চাইলে একটু অন্যভাবে।
answer-maybe-repeat = ↻ এই বার্তাটি আপনি হয়তো আগেই পেয়েছেন।
answer-in-file = 📄 উত্তরটি বড়। পুরোটা নিচের ফাইলে আছে।
answer-file-caption = 📄 পুরো উত্তর
turn-stopped = ⏹ থামানো হয়েছে।
