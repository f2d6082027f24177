"""Addresses of providers, made whole from what people write into settings. Pure."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def ollama_url(host: str, port: int) -> str:
    """The base URL for what OLLAMA_HOST and OLLAMA_PORT say, in every form Ollama accepts: a name,
    `name:port`, `:port`, a URL, an IPv6 address; 0.0.0.0 (where it listens) becomes loopback. A
    port inside the host wins."""
    text = host.strip().rstrip("/")
    scheme, mark, rest = text.partition("://")
    if not mark:
        scheme, rest = "http", text
    if rest.count(":") > 1 and not rest.startswith("["):
        rest = f"[{rest}]"
    split = urlsplit(f"{scheme}://{rest}")
    name = split.hostname or "127.0.0.1"
    if name in {"0.0.0.0", "::"}:  # noqa: S104 (compared, never bound)
        name = "127.0.0.1"
    fallback = 443 if scheme == "https" else port
    shown = f"[{name}]" if ":" in name else name
    return f"{scheme}://{shown}:{split.port or fallback}{split.path}"


def is_loopback(host: str) -> bool:
    """Whether `host` can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def without_suffix(url: str) -> str:
    """Groq's library adds `/openai/v1` by itself; many write it into the setting."""
    return url.rstrip("/").removesuffix("/openai/v1").rstrip("/")


def with_version(url: str) -> str:
    """RENDER_URL names the service; the protocol lives under /v1."""
    bare = url.rstrip("/")
    return bare if urlsplit(bare).path else f"{bare}/v1"
