"""The same providers through another proxy: what a request gets that asks for one.

A request picks a proxy of the configuration by its name, or by its URL where that holds no credentials. Any other URL
is taken only where the file says so (`server.allow_request_proxy`), and never for an upstream that is reached without
TLS and with a credential: that proxy would see it.
"""

import asyncio
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from g4f.config.addresses import proxy_url
from g4f.config.schema import Config, Provider
from g4f.errors import ForbiddenError, RequestError
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.providers.transport import Pools
from g4f.providers.types import Adapter


class Detour(dict[str, Adapter]):
    """The adapters by provider, bound when they are first asked for. Raises AttemptFailed where one must not be."""

    def __init__(
        self,
        proxy: str,
        providers: Mapping[str, Provider],
        config: Config,
        pools: Pools,
        bind: Callable[..., Adapter],
    ) -> None:
        super().__init__()
        self._proxy = proxy
        self._strange = "://" in proxy and proxy not in _urls(config)
        self._providers = providers
        self._config = config
        self._pools = pools
        self._bind = bind

    def __missing__(self, name: str) -> Adapter:
        provider = self._providers[name]
        if self._strange and _tells_a_secret(provider):
            message = "It is reached without TLS: a proxy that a request chose would see its credential."
            raise AttemptFailed(Failure(kind=FailureKind.UNSUPPORTED, message=message))
        adapter = self._bind(name, provider.model_copy(update={"proxy": self._proxy}), self._config, self._pools)
        self[name] = adapter
        return adapter

    async def close(self) -> None:
        """Give back what was bound."""
        adapters = list(self.values())
        self.clear()
        await asyncio.gather(*(adapter.close() for adapter in adapters))


def check_proxy(asked: str, config: Config) -> str:
    """The proxy that a request asks for, if it may have it: one of the configuration, or any URL where that is allowed.

    Raises ForbiddenError, and RequestError for a URL that is none.
    """
    if "://" not in asked:
        if asked in config.proxies:
            return asked
        message = "No proxy of this name is in the configuration (`proxies`)."
        raise ForbiddenError(message, code="proxy_not_allowed", param="proxy")
    asked = asked.rstrip("/")
    if asked in _urls(config):
        return asked
    if not config.server.allow_request_proxy:
        message = "A request may only name a proxy of the configuration; server.allow_request_proxy would allow URLs."
        raise ForbiddenError(message, code="proxy_not_allowed", param="proxy")
    try:
        return proxy_url(asked)
    except ValueError as wrong:
        raise RequestError(str(wrong), code="invalid_value", param="proxy") from None


def _urls(config: Config) -> frozenset[str]:
    """The proxies of the configuration that are no secret: those without credentials."""
    written = [*(proxy.get_secret_value() for proxy in config.proxies.values()), config.defaults.proxy or ""]
    return frozenset(url.rstrip("/") for url in written if "://" in url and "@" not in url)


def _tells_a_secret(provider: Provider) -> bool:
    plain = urlsplit(provider.base_url or "").scheme == "http"
    return plain and bool(provider.keys or provider.headers)
