"""Which proxy a provider is reached through, and what it is called.

A URL holds credentials and is for adapters only; people, logs and circuits get the label.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from g4f.config import adapters
from g4f.config.schema import Config, Provider

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def proxy_url(provider: Provider, config: Config) -> str | None:
    """The proxy of a provider: its own, else the default one, which local upstreams do not go through."""
    if provider.adapter in adapters.LOCAL:
        return None  # there is no connection to open
    written = provider.proxy
    if written is None:
        local = urlsplit(provider.base_url or "").hostname in _LOOPBACK
        written = None if local else config.defaults.proxy
    if written is None or written in ("", "none"):
        return None
    named = config.proxies.get(written)
    return named.get_secret_value() if named is not None else written


def proxy_label(provider: Provider, config: Config) -> str | None:
    """What people are told of a provider's proxy: its name, or its address without credentials."""
    url = proxy_url(provider, config)
    if url is None:
        return None
    for name, value in config.proxies.items():
        if value.get_secret_value() == url:
            return name
    return without_credentials(url)


def without_credentials(written: str) -> str:
    """A proxy as people may see it: the name as it is, a URL by its scheme, host and port alone."""
    if "://" not in written:
        return written
    parts = urlsplit(written)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{parts.port}"


def proxies_in_use(providers: Mapping[str, Provider], config: Config) -> dict[str, str]:
    """The URL of each proxy that some provider is reached through, by its label."""
    found: dict[str, str] = {}
    for provider in providers.values():
        label, url = proxy_label(provider, config), proxy_url(provider, config)
        if label is not None and url is not None:
            found[label] = url
    return found
