"""The plain stack as its manuals show it: a PTB polling handler and a Celery task.

Control for every proof and bench: a harness that this stack passes proves nothing. Default
settings on purpose; never used by the product.
"""
