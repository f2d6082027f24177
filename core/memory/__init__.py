"""What is remembered: threads and messages, records, summaries, archives, and the index over them.

Decides what is kept, what is found, and what a run of a given label may read. Never forgets
silently, never rewrites, never asks a model: `core.upkeep` does. Called by `conversation` for every
turn, by `upkeep`, and by the bot's screens.
"""
