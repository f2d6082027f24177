"""The run engine: everything The Mask does is a run of a workflow, step by step, journaled.

Decides what happens next in a run, and delivers it at most once, at least once or exactly once,
as the step's kind asks. Never talks to Telegram, a model or a shell: handlers do, and they are
handed in by `core/wiring.py`. Called by the bot (start, cancel, notices), by the workers
(advance, run a step, sweep) and by every room that has steps.

Missing guarantee: between two runs there is no order, except inside a lane (one chat's turns).
"""
