"""One turn of the conversation: recall, ask, act, answer.

Decides what goes into the prompt and when a turn ends. Never touches Telegram or a model library.
Called by the bot for every message of the owner. Start reading at `turn.py`.
"""
