"""Extra capabilities from outside, each with a manifest and an approval.

Decides what a plugin may touch. Never loads one the owner has not approved.
Called by wiring at start.
"""
