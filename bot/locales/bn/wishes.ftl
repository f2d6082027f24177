# একটি বার্তা মডেলের কাছে কী চায়: তার শব্দ থেকে, অথবা মালিকের কথায়।

cmd-urgent = এটির উত্তর আগে, সবচেয়ে শক্তিশালী মডেলে
wish-urgent-how = /urgent লিখে তারপর আপনার প্রশ্ন লিখুন। অথবা বার্তা শুরু করুন “জরুরি:” দিয়ে। তখন সবচেয়ে শক্তিশালী মডেল উত্তর দেয়, টাকা লাগলেও।

why-asked = যেভাবে বুঝেছি
why-asked-urgent = জরুরি
why-asked-is-hard = কঠিন
why-asked-private = 🔒 ব্যক্তিগত
why-asked-released = আপনি বাইরে যেতে দিয়েছেন
why-asked-needs-tools = সরঞ্জামসহ
why-asked-needs-vision = ছবিসহ
why-asked-characters = { $count }টি অক্ষর
why-spent = ${ $amount }
why-rounds = { $count } বার জিজ্ঞেস
why-considered = উত্তর দিতে পারত { $could }টি, বাদ পড়েছে { $out }টি।
why-more = আরও { $count }টি
button-why-details = 🔍 সব দেখুন
button-why-short = ▴ সংক্ষেপে

cost-unraised = আজকের বাজেট আগের মতো হলো
button-unraise = ↩️ আগের মতো
audit-kind-budget-unraised = বাজেট বাড়ানো ফিরিয়ে নেওয়া হয়েছে
