"""The only place that knows how Celery runs things.

Decides which queue a place listens to and how a task ends. Never speaks Telegram and holds no
business rule: each task calls one use case of core. Celery starts it as `-A workers.app`.
"""
