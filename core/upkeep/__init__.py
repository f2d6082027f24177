"""What tends memory by itself: facts, summaries of what is old, mirror, integrity, forgetting.

Decides when such work is due and what the owner is told of it. Never overwrites what is remembered
without the owner, and never makes a fact of words that are not the owner's. Runs are started by
beat, by `conversation`, and by the bot's screens.
"""
