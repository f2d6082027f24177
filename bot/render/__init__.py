"""From kinds and parameters to what the phone shows: texts, entities, buttons.

Decides wording, splitting and direction. Never does I/O and never invents content.
Called by `bot/mailbox.py`.
"""
