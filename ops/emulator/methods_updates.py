"""Methods by which a bot gets its updates: long polling or a webhook, never both."""

from __future__ import annotations

import re
from typing import Any

from ops.emulator.context import Context
from ops.emulator.updates import BATCH, LONGEST_POLL_S
from ops.emulator.wire import Call, Json, bad

CONNECTIONS = 40
SECRET_LIMIT = 256


async def get_updates(context: Context, call: Call) -> list[Json]:
    context.updates.remember_allowed(_kinds(call))
    limit = min(max(call.integer("limit", BATCH), 1), BATCH)
    timeout_s = min(max(call.integer("timeout"), 0), LONGEST_POLL_S)
    return await context.updates.poll(call.integer("offset"), limit, timeout_s)


def _kinds(call: Call) -> Any:
    """The server ignores a list that it cannot read."""
    return call.json("allowed_updates", "can't parse allowed updates JSON object")


def set_webhook(context: Context, call: Call) -> bool:
    url = call.text("url")
    if not url:
        return delete_webhook(context, call)
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    secret = call.text("secret_token")
    if len(secret) > SECRET_LIMIT:
        raise bad("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad("secret token contains unallowed characters")
    context.updates.remember_allowed(_kinds(call))
    if call.flag("drop_pending_updates"):
        context.updates.drop_all()
    connections = min(max(call.integer("max_connections", CONNECTIONS), 1), 100)
    context.store.put(
        "meta", "webhook", {"url": url, "secret": secret, "max_connections": connections}
    )
    context.updates.end_poll("webhook")
    context.updates.on_new.set()
    return True


def delete_webhook(context: Context, call: Call) -> bool:
    if call.flag("drop_pending_updates"):
        context.updates.drop_all()
    context.store.drop("meta", "webhook")
    return True


def get_webhook_info(context: Context, _call: Call) -> Json:
    row = context.store.get("meta", "webhook") or {}
    info: Json = {
        "url": row.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": len(context.updates.pending()),
    }
    if row:
        info["max_connections"] = row["max_connections"]
    for name in ("last_error_date", "last_error_message"):
        if row.get(name):
            info[name] = row[name]
    if context.updates.allowed:
        info["allowed_updates"] = context.updates.allowed
    return info


METHODS = {
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
