"""Policy's answer about an action.

For now there is one answer: auto, for everything. No step with an effect outside the database
exists yet, so there is nothing to ask about; the place where rules will judge is here, and the
engine already asks before every gated step.
"""

from __future__ import annotations

from core.runs.model import Action, Gate, Label, StepSpec


class AutoGate:
    """Lets everything pass. Not a policy: the absence of one."""

    def judge(self, spec: StepSpec, action: Action, label: Label) -> Gate:  # noqa: ARG002
        return Gate.AUTO
