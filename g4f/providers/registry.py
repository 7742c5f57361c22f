"""From a provider's row to the adapter that serves it.

A row that names a dialect is served by `Endpoint`; Python is written only for an upstream that speaks no known
dialect, in one file under `adapters/`, and named in `_OWN` here.
"""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from g4f.config.schema import Config, Provider
from g4f.providers.adapters.demo import Demo
from g4f.providers.endpoint import Endpoint, EndpointOptions
from g4f.providers.transport import Pools
from g4f.providers.types import Adapter

_OWN: Mapping[str, Callable[[str], Adapter]] = {"demo": Demo}

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def bind(name: str, provider: Provider, config: Config, pools: Pools) -> Adapter:
    """The live adapter of a provider: with the values of its keys and the URL of its proxy."""
    if provider.adapter is not None:
        return _OWN[provider.adapter](name)
    if provider.base_url is None:
        raise ValueError(f"provider {name} has no base_url")  # the loader refuses such a file
    return Endpoint(
        EndpointOptions(
            name=name,
            base_url=provider.base_url,
            keys={key.name: key.key.get_secret_value() for key in provider.keys},
            proxy=proxy_url(provider, config),
            headers={header: value.get_secret_value() for header, value in provider.headers.items()},
        ),
        pools,
    )


def proxy_url(provider: Provider, config: Config) -> str | None:
    """The proxy of a provider: its own, else the default one, which local upstreams do not go through."""
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
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port}"
