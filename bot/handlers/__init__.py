"""What each kind of update becomes: a command of core, or a screen.

Decides which use case an update means. Never waits for a model. Called by `bot/app.py`'s table.
"""
