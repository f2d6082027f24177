"""Copies of everything that matters, verified, and the way back from them.

Decides what is copied when and kept how long. Never deletes the last good copy.
Called by beat through scheduled runs.
"""
