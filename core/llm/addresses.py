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


def is_near(url: str) -> bool:
    """Whether an address is this machine or in the house's own network: who answers there sends no
    bill, and what is said on the way there stays inside."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith((".local", ".localhost")):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_private


def place_of_url(url: str) -> str:
    """Host and port of an address, as keys are bound to it: "api.example.com:443"."""
    split = urlsplit(url)
    fallback = 80 if split.scheme == "http" else 443
    host = (split.hostname or "").lower()
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{split.port or fallback}"
