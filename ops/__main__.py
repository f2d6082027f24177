"""The front door: `python3 -m ops <command>`. Standard library only, and readable by old Pythons,
so that one of those can say what is missing instead of failing with a syntax error."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this is the place that tells an old Python
    sys.exit(
        "The Mask needs Python 3.11 or newer; this is %d.%d. Install one from python.org or your "  # noqa: UP031 - old syntax
        "system's packages, then start again with it, e.g.: python3.12 -m ops"
        % sys.version_info[:2]
    )

from ops.front import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
