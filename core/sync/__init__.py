"""The same memory at every place.

Decides which version of a field wins, and why. Never drops the losing one silently.
Called by beat, and when a node comes back.
"""
