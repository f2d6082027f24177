"""What was learned from errors and successes, so that no mistake is made twice.

Decides what is worth keeping as a lesson. Never changes policy. Called after runs.
"""
