"""Files and commands within limits, with trash, versions and undo.

Decides how an approved action is carried out. Never decides whether: that is `approvals`.
Called by the engine at the place where a step runs.
"""
