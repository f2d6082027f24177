"""The runner of the system we are on."""

from __future__ import annotations

import sys

from core.clock import Clock
from core.errors import Broken
from core.execution.run_port import Runner


def runner(clock: Clock) -> Runner:
    """Nothing is tried yet: a sandbox is looked for when the first command is prepared.
    Broken(`system-unsupported`)."""
    if sys.platform == "win32":
        from core.execution.run_windows import WindowsRunner
        from core.execution.run_windows_calls import WindowsKernel

        return WindowsRunner(clock, WindowsKernel())
    if sys.platform == "darwin":
        from core.execution.run_macos import MacRunner

        return MacRunner(clock)
    if sys.platform == "linux":
        from core.execution.run_linux import LinuxRunner

        return LinuxRunner(clock)
    raise Broken("system-unsupported", system=sys.platform)
