"""The plain bot: `python -m ops.proofs.naive.bot echo|celery|model`.

`echo` answers in the handler, `celery` hands over with `.delay()`, `model` answers with a long
text marked as Markdown, as a bot that trusts its model would. Settings: NAIVE_API, NAIVE_TOKEN.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path

from telegram import Update
from telegram.constants import ParseMode
from telegram.ext import Application, ContextTypes, MessageHandler, filters


async def echo(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message is not None
    await update.message.reply_text(update.message.text or "")


async def hand_over(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    from ops.proofs.naive.tasks import answer

    assert update.message is not None
    answer.delay(update.message.chat_id, update.message.text)


async def recite(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message is not None
    await update.message.reply_text(text_of_model(), parse_mode=ParseMode.MARKDOWN_V2)


@cache
def text_of_model() -> str:
    """The file that NAIVE_TEXT names."""
    return Path(os.environ["NAIVE_TEXT"]).read_text(encoding="utf-8")


HANDLERS = {"echo": echo, "celery": hand_over, "model": recite}


def main(arguments: list[str]) -> None:
    api, token = os.environ["NAIVE_API"], os.environ["NAIVE_TOKEN"]
    application = Application.builder().token(token).base_url(f"{api}/bot").build()
    application.add_handler(MessageHandler(filters.TEXT, HANDLERS[arguments[0]]))
    application.run_polling()


if __name__ == "__main__":
    main(sys.argv[1:])
