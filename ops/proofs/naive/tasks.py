"""The plain Celery app: one task that answers. Settings: NAIVE_REDIS, NAIVE_API, NAIVE_TOKEN.

NAIVE_VERSION=2 is the same app after a change of the task's signature.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import httpx
from celery import Celery

app = Celery("naive", broker=os.environ["NAIVE_REDIS"])


@cache
def client() -> httpx.Client:
    """One connection per worker process."""
    return httpx.Client(base_url=f"{os.environ['NAIVE_API']}/bot{os.environ['NAIVE_TOKEN']}/")


def send(chat_id: int, text: str) -> None:
    client().post("sendMessage", json={"chat_id": chat_id, "text": text}).raise_for_status()


def answer_of_today(chat_id: int, text: str) -> None:
    send(chat_id, text)


def answer_of_tomorrow(chat_id: int, text: str, style: str) -> None:
    send(chat_id, f"{text} ({style})")


changed = os.environ.get("NAIVE_VERSION") == "2"
answer: Any = app.task(name="answer")(answer_of_tomorrow if changed else answer_of_today)
