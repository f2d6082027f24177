"""What The Mask knows and decides.

Core is synchronous and knows neither Telegram nor Celery: the bot calls it through
`bot/bridge.py`, the workers through `workers/shell.py`. Floors, checked by import-linter:
errors, clock, ids; then config, db, seal; then the engine (`runs`); then the rooms that know one
subject each; then what composes them; `wiring` on top.
"""
