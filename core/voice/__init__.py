"""Ears and mouth: speech to text and text to speech.

Decides which engine hears and speaks in a language. Never approves anything on what it heard.
Called by `conversation`. Its first rooms come with the voice capability.
"""
