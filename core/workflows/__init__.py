"""Work that the owner describes as several steps, kept as data.

Decides the order of such steps. Never executes one: the engine does. Called by the bot.
"""
