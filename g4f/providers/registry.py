"""From a provider's row to the adapter that serves it.

A row that names a dialect is served by `Endpoint`; Python is written only for an upstream that speaks no known
dialect, in one file under `adapters/`, and named in `_OWN` here.
"""

from collections.abc import Callable, Mapping

from g4f.config.proxies import proxy_url
from g4f.config.schema import Config, Provider
from g4f.exchange.request import Dialect
from g4f.providers.adapters.demo import Demo
from g4f.providers.endpoint import Endpoint, EndpointOptions
from g4f.providers.transport import Pools
from g4f.providers.types import Adapter

_OWN: Mapping[str, Callable[[str], Adapter]] = {"demo": Demo}


def bind(name: str, provider: Provider, config: Config, pools: Pools) -> Adapter:
    """The live adapter of a provider: with the values of its keys and the URL of its proxy."""
    if provider.adapter is not None:
        return _OWN[provider.adapter](name)
    if provider.base_url is None:
        raise ValueError(f"provider {name} has no base_url")  # the loader refuses such a file
    return Endpoint(
        EndpointOptions(
            name=name,
            dialect=Dialect(provider.dialect or Dialect.OPENAI),
            base_url=provider.base_url,
            keys={key.name: key.key.get_secret_value() for key in provider.keys},
            proxy=proxy_url(provider, config),
            stream_usage=provider.stream_usage,
            headers={header: value.get_secret_value() for header, value in provider.headers.items()},
        ),
        pools,
    )
