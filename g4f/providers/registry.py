"""From a provider's row to the adapter that serves it.

A row that names a dialect is served by `Endpoint`; Python is written only for an upstream that speaks no known
dialect, in one file under `adapters/` with a `bind`, named in `config/adapters.py` and loaded when a row is bound.
"""

from importlib import import_module
from typing import Any

from g4f.config import adapters
from g4f.config.problem import Report
from g4f.config.proxies import proxy_url
from g4f.config.schema import Config, Provider
from g4f.dialects.bridge import USUAL, Habits
from g4f.dialects.registry import operations
from g4f.errors import ConfigError
from g4f.exchange.request import Dialect, Operation
from g4f.providers.endpoint import Endpoint, EndpointOptions
from g4f.providers.transport import Pools
from g4f.providers.types import Adapter

_ADAPTERS = "g4f.providers.adapters"


def bind(name: str, provider: Provider, config: Config, pools: Pools, *, pause: float | None = None) -> Adapter:
    """The live adapter of a provider: with the values of its keys and the URL of its proxy. `pause` is in place of the
    seconds that an adapter waits between two looks at what is being made."""
    own = provider.adapter
    if own is not None and own not in adapters.REMOTE:
        return _demo(name) if own in adapters.LOCAL else _installed(name, provider, config)
    if provider.base_url is None:
        raise ValueError(f"provider {name} has no base_url")  # the loader refuses such a file
    dialect = Dialect(provider.dialect or Dialect.OPENAI)
    options = EndpointOptions(
        name=name,
        dialect=dialect,
        operations=_operations(provider) if own else operations(dialect, provider.operations),
        base_url=provider.base_url,
        keys=_keys(provider),
        proxy=proxy_url(provider, config),
        stream_usage=provider.stream_usage,
        habits=habits_of(provider),
        trace_context=provider.trace_context,
        headers={header: value.get_secret_value() for header, value in provider.headers.items()},
        api_version=provider.api_version,
        pause=pause,
    )
    if own is None:
        return Endpoint(options, pools)
    adapter: Adapter = import_module(f"{_ADAPTERS}.{own}").bind(options, pools)
    return adapter


def load(provider: Provider, config: Config) -> None:
    """Load the modules that `bind` will need for a provider: that takes long, and so is done off the event loop."""
    own = provider.adapter
    if own is not None:
        import_module(f"{_ADAPTERS}.{own if own in adapters.BUILT_IN else 'python_provider'}")
    if proxy_url(provider, config) or config.proxies or config.server.allow_request_proxy:
        import_module("g4f.providers.proxied")


def _operations(provider: Provider) -> frozenset[Operation]:
    return provider.operations or frozenset({Operation.CHAT})


def habits_of(provider: Provider) -> Habits:
    """What is odd about the models of a row."""
    habits = Habits(
        think_tags=provider.think_tags,
        spoken_tools=provider.tools == "emulated",
        spoken_json=provider.structured == "emulated",
    )
    return USUAL if habits == USUAL else habits


def _demo(name: str) -> Adapter:
    from g4f.providers.adapters.demo import Demo

    return Demo(name)


def python_operations() -> frozenset[Operation]:
    """What a provider can be asked for that a program hands over as an object."""
    from g4f.providers.adapters.python_results import OPERATIONS

    return OPERATIONS


def bind_python(name: str, made: Any, provider: Provider, config: Config) -> Adapter:
    """The live adapter of a class or object of the user's own. Raises TypeError for what is no provider."""
    from g4f.providers.adapters.python_provider import PythonOptions, PythonProvider

    options = PythonOptions(name=name, keys=_keys(provider), proxy=proxy_url(provider, config))
    return PythonProvider(made, options)


def _installed(name: str, provider: Provider, config: Config) -> Adapter:
    """The provider that a package declares. Raises ConfigError for one that cannot be loaded."""
    try:
        return bind_python(name, adapters.installed()[str(provider.adapter)].load(), provider, config)
    except Exception as error:
        # The text of what a stranger's module raises may hold anything; these two come from importing and from us.
        told = f": {error}" if isinstance(error, ImportError | TypeError) else ""
        report = Report("g4f.yaml")
        report.problem(None, f"providers.{name}.adapter", f"could not be loaded ({type(error).__name__}{told})")
        raise ConfigError(report.in_order()) from error


def _keys(provider: Provider) -> dict[str, str]:
    return {key.name: key.key.get_secret_value() for key in provider.keys}
