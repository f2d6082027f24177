"""How The Mask is set up, started, tested and measured: `python3 -m ops`.

Decides what runs on this machine and how it is kept running; never what The Mask knows or says.
`ops/__main__.py` and everything it imports before `.venv` exists is standard library. Core, bot
and workers never import from here, with one exception: `ops.house`, the first question at start.
"""
