"""One renderer per kind of notice: parameters in, messages and buttons out.

Decides wording, order and which buttons a screen offers. Never looks anything up, never acts:
a button only names a command that the handlers obey. Called by `bot/render/registry.py`.
"""
