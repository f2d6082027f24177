"""Is everything alive: echo runs, missed echoes, the facts of /status.

Decides when a component counts as deaf. Never restarts a process itself: the supervisor does,
when asked. Called by beat, by the watchdog and by the bot status screen.
"""
