"""The system changes its own code: proposes, tests, asks, applies, rolls back.

Decides whether a release is good. Never judges with code that the release itself brought.
Called by the bot and by beat.
"""
