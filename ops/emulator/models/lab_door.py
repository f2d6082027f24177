"""Whom a fake endpoint turns away: wrong keys, models it lacks, drawn troubles, and its quota."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

from ops.emulator.models import lab_dialects as dialects
from ops.emulator.models.lab_books import LabCall
from ops.emulator.models.lab_desk import Desk
from ops.emulator.models.lab_dialects import Refused
from ops.emulator.models.lab_quota import Meter, Shortage
from ops.emulator.models.lab_script import Dialect, Trouble
from ops.emulator.models.simulation import tokens_of


class Door:
    """Decides in a real provider's order: key, model, body, trouble, context, quota."""

    def __init__(self, desk: Desk, meter: Meter) -> None:
        self.desk = desk
        self.meter = meter

    def refusal(
        self, call: LabCall, body: dict[str, Any], trouble: Trouble | None
    ) -> Refused | None:
        """Why this call is not answered at all; None lets it in."""
        fake = self.desk.fake
        is_known = not fake.keys or call.key in fake.keys
        if trouble is Trouble.REVOKED or not is_known:
            return dialects.failed(fake.dialect, 401, "Invalid API Key", "invalid_api_key")
        if trouble is Trouble.REMOVED or call.model != fake.model:
            message = f"The model `{call.model}` does not exist or you do not have access to it."
            return dialects.failed(fake.dialect, 404, message, "model_not_found")
        if not isinstance(body.get("messages"), list) or not body["messages"]:
            message = "'messages' : minimum number of items is 1"
            return dialects.failed(fake.dialect, 400, message, "invalid_request_error")
        return self._troubled(trouble) or self._metered(call, body)

    def _troubled(self, trouble: Trouble | None) -> Refused | None:
        fake = self.desk.fake
        match trouble:
            case Trouble.LIMITED:
                return self._limited(Shortage("rpm", 30, 30, 1, fake.wait_s))
            case Trouble.LIMITED_SILENTLY:
                return Refused(429, {"error": {"message": "Too Many Requests"}})
            case Trouble.CAPACITY:
                status = dialects.CAPACITY_STATUS
                if fake.dialect is Dialect.ANTHROPIC:
                    status = dialects.OVERLOADED_STATUS
                message = "capacity exceeded, please try again later"
                return dialects.failed(fake.dialect, status, message, "capacity_exceeded")
            case Trouble.BROKEN:
                return dialects.failed(fake.dialect, 500, "internal error", "internal_error")
            case Trouble.UNAVAILABLE:
                return dialects.failed(fake.dialect, 503, "service unavailable", "unavailable")
            case _:
                return None

    def _metered(self, call: LabCall, body: dict[str, Any]) -> Refused | None:
        fake = self.desk.fake
        prompt = tokens_of(json.dumps(body["messages"], ensure_ascii=False))
        if prompt > fake.context and not fake.cuts_silently:
            message = f"This model's maximum context length is {fake.context} tokens."
            return dialects.failed(fake.dialect, 400, message, "context_length_exceeded")
        call.was_cut = prompt > fake.context
        expected = most_output(body) if fake.dialect is Dialect.GROQ else fake.answer_chars // 4
        short = self.meter.take(time.monotonic(), min(prompt, fake.context) + expected)
        if short is not None:
            return self._limited(short)
        call.prompt = min(prompt, fake.context)
        return None

    def _limited(self, short: Shortage) -> Refused:
        fake = self.desk.fake
        refused = dialects.limited(
            fake.dialect,
            short,
            model=fake.model,
            organisation=fake.organisation,
            now=datetime.now(UTC),
        )
        self.desk.tell(time.monotonic(), refused.told_s)
        return refused

    def headers(self) -> dict[str, str]:
        """What an answer or a refusal says of limits."""
        gauges = self.meter.gauges(time.monotonic())
        return dialects.limit_headers(
            self.desk.fake.dialect, gauges, number=self.desk.calls, now=datetime.now(UTC)
        )


def most_output(body: dict[str, Any]) -> int:
    """The most tokens that a request lets an answer have."""
    most = body.get("max_completion_tokens") or body.get("max_tokens")
    most = most or (body.get("options") or {}).get("num_predict")
    return int(most) if most else 1024
