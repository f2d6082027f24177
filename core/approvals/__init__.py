"""Nothing with an effect runs before policy, and where policy says so the owner, has said yes.

Decides auto, ask or deny about an action's canonical bytes, who the owner is, and keeps the audit.
Never reads what a model said about an action. Called by the engine before every gated step, and
by the bot's gate for every update.
"""
