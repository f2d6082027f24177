"""The report of /selftest: passed or not, the causes in words, its picture and its file."""

from __future__ import annotations

import json
from typing import Any

from bot.render.html import b, clip, code, esc
from bot.render.model import Part, Rendered, Translator
from core.runs.notices import NoticeRow

#: Characters of a cause.
MOST_CAUSE = 120


def tested(row: NoticeRow, t: Translator) -> Rendered:
    """The picture with the verdict as its words, then the report as a document."""
    params = row.notice.params
    report: dict[str, Any] = dict(params.get("report") or {})
    rate = float(report.get("success_rate") or 0.0)
    sign, verdict = ("✅", "selftest-passed") if params.get("passed") else ("❌", "selftest-failed")
    lines = [f"{sign} {b(t(verdict))} · {esc(t('selftest-rate', rate=t.number(rate)))}"]
    lines += [_line(t, dict(each)) for each in report.get("tests") or []]
    content = json.dumps(report, ensure_ascii=False, indent=1).encode()
    text = "\n".join(lines)
    picture = Part(
        text, html=True, file_name="switching.png", blob=params.get("blob"), is_photo=True
    )
    file = Part(t("selftest-report"), file_name="switching_report.json", file_bytes=content)
    return Rendered((picture, file), ())


def _line(t: Translator, test: dict[str, Any]) -> str:
    name = str(test.get("type"))
    key = f"selftest-scene-{name.replace('_', '-')}"
    words = esc(t(key)) if t.has(key) else code(clip(name, MOST_CAUSE))
    if test.get("success"):
        took = t.number(round(float(test.get("time_taken") or 0.0), 2))
        return f"• {words}: {esc(t('selftest-took', seconds=took))}"
    cause = code(clip(str(test.get("error_type") or ""), MOST_CAUSE))
    return f"• {words}: {esc(t('selftest-cause'))} {cause}"
