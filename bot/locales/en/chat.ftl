# What the handlers say besides.
reply-group = I only work in private. Please write to me there; I am leaving this group now.
threads-none-named = 🔍 No conversation has “{ $words }” in its name. Send /threads for all of them.
error-unavailable = Something I need is away just now. Try again in a moment.
error-broken = Something went wrong inside me (error { $id }). Nothing is lost; try again, and if it stays, look into the log for this number.
