"""The bot's Application: which handler gets which update, in order, after the gate.

Everything here is composition. PTB's Updater, JobQueue, persistence and ConversationHandler are
not used: updates come from `bot.dispatch`, one `handle` call each, and what must survive a restart
is rows.
"""

from __future__ import annotations

from typing import Any

import structlog
from telegram import LinkPreviewOptions, Update
from telegram.ext import (
    ApplicationBuilder,
    BaseHandler,
    CallbackQueryHandler,
    ContextTypes,
    Defaults,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot import errors
from bot.context import MaskApplication, MaskContext, taken
from bot.handlers import buttons, chat, commands, door, media, rest
from bot.handlers.incoming import MalformedError
from bot.handlers.obeying import bury
from bot.sender import Sender
from core.config import Settings
from core.runs.intake import IntakeRow

log = structlog.get_logger(__name__)

GATE, HANDLERS = -10, 0
#: Seconds: to connect, to wait for an answer, to send a request, to send a file.
CONNECT_S, READ_S, WRITE_S, MEDIA_S = 10, 20, 20, 60

IS_COMMAND = filters.Regex(f"^{commands.COMMAND.pattern}")


class StopHandler(BaseHandler[Update, MaskContext, None]):
    """Matches `stopped_message_generation`, a kind of update that PTB 22.8 does not know."""

    def check_update(self, update: object) -> bool:
        return isinstance(update, Update) and "stopped_message_generation" in update.api_kwargs


def build_application(settings: Settings, sender: Sender) -> MaskApplication:
    """The application for the token and address in `settings`; opens nothing yet. Its `services`
    are set before the first update."""
    assert settings.telegram_token is not None, "checked at start"
    api = settings.telegram_api.rstrip("/")
    no_preview = LinkPreviewOptions(is_disabled=True)
    builder: Any = (
        ApplicationBuilder()
    )  # its type parameters follow each call; the result's are ours
    application: MaskApplication = (
        builder.application_class(MaskApplication)
        .token(settings.telegram_token.get_secret_value())
        .base_url(f"{api}/bot")
        .base_file_url(f"{api}/file/bot")
        .rate_limiter(sender)
        .context_types(ContextTypes(context=MaskContext))
        .defaults(Defaults(link_preview_options=no_preview))
        .connect_timeout(CONNECT_S)
        .read_timeout(READ_S)
        .write_timeout(WRITE_S)
        .media_write_timeout(MEDIA_S)
        .updater(None)
        .job_queue(None)
        .build()
    )
    add_handlers(application)
    return application


def add_handlers(application: MaskApplication) -> None:
    """The table of handlers; the first that matches gets the update."""
    new, edited = filters.UpdateType.MESSAGE, filters.UpdateType.EDITED_MESSAGE
    application.add_handler(TypeHandler(Update, door.on_any), GATE)
    for handler in (
        StopHandler(chat.on_stopped),
        CallbackQueryHandler(buttons.on_tap),
        MessageHandler(edited, chat.on_edited),
        MessageHandler(new & filters.TEXT & IS_COMMAND, commands.on_command),
        MessageHandler(new & filters.TEXT, chat.on_text),
        MessageHandler(new & filters.StatusUpdate.ALL, rest.on_service_message),
        MessageHandler(new, media.on_media),
        TypeHandler(Update, rest.on_other),
    ):
        application.add_handler(handler, HANDLERS)


async def handle(application: MaskApplication, update: Update, row: IntakeRow) -> None:
    """One update through gate and table. One that makes no sense is dead-lettered at once; what
    else a handler raises is logged under an id and rises: the intake tries again."""
    token = taken.set(row)
    try:
        await application.process_update(update)
    except MalformedError:
        log.warning("update-malformed", seq=row.seq)
        services = application.services
        await services.bridge.run(bury, services.house, row)
    except Exception as error:
        errors.note(error, what="update", seq=row.seq)
        raise
    finally:
        taken.reset(token)
