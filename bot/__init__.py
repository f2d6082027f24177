"""The only process that speaks Telegram, and the only holder of its token.

Decides how things look and who is heard. Never calls a model, never runs a command: it starts
runs, records taps, and delivers notices. Core is entered only through `bot/bridge.py`.
"""
