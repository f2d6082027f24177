"""Models: which there are, which one answers, and what happens when it cannot.

Decides the ordered list of candidates for a request and fails over along it. Never decides what
may be sent where (labels come in with the request and are a hard constraint) and never runs a
tool. Called by `conversation` through the workflow `ask`.
"""
