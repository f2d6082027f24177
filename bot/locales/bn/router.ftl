# কেন একটি মডেল বাছা হলো বা বাদ গেল, আর উত্তরটি কীভাবে এলো তা নিয়ে যা বলা হয়।

err-models-at-limit = যারা উত্তর দিতে পারত তাদের সবার ব্যবহারের সীমা এখন শেষ। { $wait } পরে আবার চেষ্টা করুন, অথবা /models থেকে আরেকটি মডেল যোগ করুন।
err-models-over-budget = যারা উত্তর দিতে পারত তাদের জন্য টাকা লাগে, আর বাজেট শেষ। /cost থেকে আজকের বাজেট বাড়ান, অথবা /models থেকে একটি বিনা মূল্যের মডেল যোগ করুন।
err-model-budget = এই কাজের খরচ বাজেটে কুলায় না। /cost থেকে আজকের বাজেট বাড়ান, অথবা বিনা মূল্যের মডেল ব্যবহার করুন।
err-router-weights = MASK_ROUTER_WEIGHTS-এর এই অংশটি পড়া যাচ্ছে না: { $part }। নাম=সংখ্যা এভাবে লিখুন, একাধিক হলে মাঝে সেমিকোলন দিন।

answer-cut = ✂️ মডেলটি মাঝপথে থেমে গেছে, আর কেউ বাকিটা লিখতে পারেনি। আবার চেষ্টা করতে লিখুন “চালিয়ে যাও”।
answer-joined = 🧵 শুরুটা আরেকটি মডেলের লেখা; সে মাঝপথে থেমে যাওয়ায় এটি বাকিটা লিখেছে।
answer-cached = ♻️ একটু আগের একই প্রশ্ন, তাই একই উত্তর।

why-joined = শুরু করে মাঝপথে থেমে গেছে
why-cached = একটু আগের উত্তর; নতুন করে কাউকে জিজ্ঞেস করা হয়নি
why-failure-budget = এর দাম বাজেটে কুলায় না
why-reason-pinned = এই আলাপের জন্য আপনার বাছাই
why-reason-urgent = জরুরি, তাই সবচেয়ে শক্তিশালীটি আগে
why-reason-hard = কঠিন কাজ, তাই সবচেয়ে শক্তিশালীটি আগে
why-reason-kept = ব্যক্তিগত কথা, তাই আপনার নিজের যন্ত্রে
why-reason-large = লম্বা লেখা ({ $detail } অক্ষরের বেশি), তাই আপনার নিজের যন্ত্রে
why-reason-role = এই ধরনের কাজের জন্যই তৈরি ({ $detail })
why-reason-rested = অনেকক্ষণ জিজ্ঞেস করা হয়নি, তাই এবার তার পালা
why-reason-near-limit = সীমার কাছাকাছি, { $detail } % বাকি
why-reason-at-limit = সীমায় পৌঁছেছে, { $detail } পরে আবার খালি হবে
why-reason-over-limit = অনুরোধটি তার সীমার চেয়ে বড়
why-reason-used-up = তার সীমা শেষ, আরও { $detail }
why-reason-paused = আপনি থামিয়ে রেখেছেন
why-reason-away = { $detail } এখন সাড়া দিচ্ছে না
why-reason-no-vision = ছবি দেখতে পারে না
why-reason-no-role = এই কাজের জন্য তৈরি নয় ({ $detail })
why-reason-budget = বাজেটে কুলায় না (${ $detail } পর্যন্ত লাগত)
why-note-free = বিনা মূল্যে
why-note-cost = সর্বোচ্চ ${ $detail }
why-note-left = সীমার { $detail } % বাকি
why-note-runs-out = প্রায় { $detail } পরে সীমায় পৌঁছাবে
why-note-first-token = প্রায় { $detail } সেকেন্ডে শুরু করে
why-note-failed = সম্প্রতি { $detail } বার পারেনি
why-note-busy = এখন { $detail }টি কাজ চলছে
