"""What is remembered: threads and their messages now; facts, search and summaries later.

Decides what is kept and what a run of a given label may read. Never forgets silently, never
rewrites. Called by `conversation` for every turn, and by the bot's screens.
"""
