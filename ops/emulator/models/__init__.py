"""Protocol-true model servers for tests, CI and practice: Groq and OpenAI, and Ollama.

One server on loopback speaks three protocols: chat completions at `/openai/v1` (Groq) and `/v1`
(OpenAI), Ollama's own API at `/api`. What it answers, how fast, and how it fails is set over
`/sim/`. Decides nothing about the product; never reaches a network. Used by the port tests, by
harnesses, and by whoever wants to see a failover with open eyes.
"""
