"""Harnesses that try to break a law, at full dose: `python3 -m ops prove <name>`.

Each is a module with `main(arguments) -> exit code`: it takes `--dose FLOAT` (1.0 is the full
dose), first shows that the naive version fails, prints its counts, and returns non-zero when the
law did not hold. It starts only processes of its own, in a temporary MASK_HOME.
"""
