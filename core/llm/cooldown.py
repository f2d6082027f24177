"""How long an endpoint is left alone after a failure; pure.

A provider's own wait is kept to the second; where it names none, waits grow with failures in a row.
A machine of the owner's is never out for long, whatever it says: nobody else may have its work. A
bad request is the request's fault and cools nobody down.
"""

from __future__ import annotations

from core.llm.model import Endpoint, Failure
from core.llm.ports import ModelFailed

#: First wait in seconds where the provider names none; doubled at each further failure in a row.
FIRST_WAIT_S = {
    Failure.LIMITED: 10.0,
    Failure.SERVER: 2.0,
    Failure.BROKEN_STREAM: 2.0,
    Failure.TIMEOUT: 5.0,
    Failure.UNREACHABLE: 2.0,
    Failure.MISSING_MODEL: 30.0,
}
#: Waits without a provider's word grow up to here.
LONGEST_OWN_WAIT_S = 300.0
#: The longest wait for a machine of the owner's. Longer than an answer waits (`choice.PATIENCE_S`),
#: so that what was said to be away for minutes is not tried twice for one answer.
LONGEST_MINE_S = 20.0
#: While one call finds out whether an endpoint is back, others leave it alone for so long at most.
PROBE_S = 30.0
#: A failure in the cloud is found out sooner at a probe: seconds to its first token.
PROBE_FIRST_TOKEN_S = 10.0


def wait_after(endpoint: Endpoint, failed: ModelFailed, in_a_row: int) -> float | None:
    """Seconds to leave it alone after so many failures in a row, this one counted; None: not at
    all."""
    first_s = FIRST_WAIT_S.get(failed.failure)
    if first_s is None:
        return None
    wait_s = failed.retry_after
    if wait_s is None:
        wait_s = min(first_s * 2.0 ** min(in_a_row - 1, 10), LONGEST_OWN_WAIT_S)
    return min(wait_s, LONGEST_MINE_S) if endpoint.is_mine else wait_s
