"""What beat ticks, and how often. Beat only sends the tick: a run keyed by name and due slot is
made from it, so two beats, or a beat that starts again, do no harm."""

from __future__ import annotations

from core.config import Settings

MINUTE_S = 60.0
HOUR_S = 3600.0
DAY_S = 86_400.0


def intervals(settings: Settings) -> dict[str, float]:
    """Seconds between ticks, by schedule name."""
    embeds = {"embed_items": HOUR_S} if settings.embed_model else {}
    return {
        "echo": MINUTE_S,  # proof of life through the full path
        "probe_models": 10 * MINUTE_S,  # is there a model on the owner's machines? costs no tokens
        "trash": DAY_S,  # what changes kept for seven days
        "pruning": DAY_S,  # what has been kept long enough
        "extract_facts": HOUR_S,  # reads along only while the owner is quiet
        "summarise_old": settings.summary_interval_days * DAY_S,
        "refresh_mirror": settings.mirror_interval * MINUTE_S,
        "check_memory": settings.check_interval * HOUR_S,
        **embeds,
    }
