"""A strict practice Telegram: a Bot API server with a chat page, for tests, CI and a person at a
browser.

Decides like the real server where that is known (texts of refusals, limits, parsing, order,
expiry) and never reaches outside 127.0.0.1. Nothing of the product imports it; tests drive it
through `client.Simulator`.
"""
