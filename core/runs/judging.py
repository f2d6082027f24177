"""What two places that judge the same action agree on: in everything the stricter one. Pure."""

from __future__ import annotations

from core.runs.model import Gate
from core.runs.ports import Judgement, Risk

#: From the mildest to the strictest.
GATES = (Gate.AUTO, Gate.ASK, Gate.DENY)
RISKS = tuple(Risk)
#: How a refusal's code begins when the permit was not used up, so that another may be tried.
PERMIT_CODES = ("grant-", "code-")


def strictest(one: Judgement, other: Judgement) -> Judgement:
    """The stricter gate with its rule, the higher risk, the shorter validity; a second factor when
    either wants one. Of two that are alike, the rule of `one`."""
    leading = max(one, other, key=lambda each: (GATES.index(each.gate), RISKS.index(each.risk)))
    return Judgement(
        gate=leading.gate,
        rule=leading.rule,
        risk=max(one.risk, other.risk, key=RISKS.index),
        validity_s=min(one.validity_s, other.validity_s),
        second_factor=one.second_factor or other.second_factor,
        error=leading.error,
    )


def is_about_permit(error: dict[str, object] | None) -> bool:
    """Was a step refused for its permit only, as `MaskError.to_json` says?"""
    return str((error or {}).get("code", "")).startswith(PERMIT_CODES)
