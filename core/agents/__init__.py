"""Roles with their own instructions and tools.

Decides which role works on what. Never widens what a role may touch. Called by `conversation`.
"""
