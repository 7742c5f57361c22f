"""What the environment, the user's file and the shipped catalog make together.

Over the file: every `G4F_*` variable and the options of a command line that stand for them. Under it: `G4F_PROXY`, and
the catalog, over whose rows the file wins field by field. A catalog row's key variable goes only to the catalog's own
origin: a row whose `base_url` the file changes loses it.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from g4f.config.schema import ChainEntry, Config, Model, Provider, ProviderKey

if TYPE_CHECKING:
    from g4f.config.settings import Settings


#: The pattern of every model's name, and the built-in provider.
_EVERYTHING, _DEMO = "*", "Demo"


def overlay(config: Config, settings: "Settings | None") -> Config:
    """The file as the environment changes it."""
    if settings is None:
        return config
    log = {"level": "debug" if settings.debug else settings.log_level, "format": settings.log_format}
    changes: dict[str, Any] = {
        "log": config.log.model_copy(update={name: value for name, value in log.items() if value})
    }
    server = {"listen": settings.listen, "workers": settings.workers, "web": settings.gui}
    changes["server"] = config.server.model_copy(update={name: value for name, value in server.items() if value})
    changes["defaults"] = config.defaults.model_copy(update=_defaults(config, settings))
    changes["ignored_providers"] = tuple(dict.fromkeys((*config.ignored_providers, *settings.ignored_providers)))
    changed = config.model_copy(update=changes)
    return _with_demo(changed) if settings.demo else changed


def _defaults(config: Config, settings: "Settings") -> dict[str, Any]:
    """What the environment changes of the file's defaults."""
    changes: dict[str, Any] = {"provider": settings.provider, "model": settings.model}
    if config.defaults.proxy is None and settings.proxy is not None:
        changes["proxy"] = settings.proxy.get_secret_value()
    limits = {"total": settings.timeout, "answer": settings.timeout, "idle": settings.stream_timeout}
    limits = {name: limit for name, limit in limits.items() if limit is not None}
    if limits:
        changes["timeouts"] = config.defaults.timeouts.model_copy(update=limits)
    return {name: value for name, value in changes.items() if value is not None}


def _with_demo(config: Config) -> Config:
    """The configuration with the built-in Demo behind every model that nobody serves."""
    models = config.models or {}
    if _EVERYTHING in models:
        return config
    behind = Model(chain=((ChainEntry(provider=_DEMO),),))
    update = {"models": {**models, _EVERYTHING: behind}, "catalog": config.catalog or config.models is None}
    return config.model_copy(update=update)


def layered_providers(config: Config, catalog: Config, environ: Mapping[str, str]) -> dict[str, Provider]:
    """Every provider by name, with the key from its environment variable where the file gives it none."""
    names = {**catalog.providers, **config.providers}
    return {
        name: _with_key(_layered(config.providers.get(name), catalog.providers.get(name)), environ) for name in names
    }


def _layered(written: Provider | None, shipped: Provider | None) -> Provider:
    if shipped is None:
        assert written is not None  # noqa: S101 - the name came from one of the two
        needs_key = bool(written.keys or written.key_env)
        return written if needs_key else written.model_copy(update={"keyless": True})
    if written is None:
        return shipped
    changes = {field: getattr(written, field) for field in written.model_fields_set}
    if "models" in changes:
        changes["models"] = {**shipped.models, **written.models}
    if "prices" in changes:
        changes["prices"] = {**shipped.prices, **written.prices}
    if written.dialect is not None and shipped.adapter is not None:  # another service under the same name
        changes.update(adapter=None, models=written.models)
    if written.adapter is not None:
        changes["dialect"] = None
    if written.base_url is not None:
        _take_back(changes, written, changes.get("adapter", shipped.adapter) is not None)
    return shipped.model_copy(update=changes)


def _take_back(changes: dict[str, Any], written: Provider, adapted: bool) -> None:
    """What the catalog says of a provider does not hold for a server of the user's own. What an adapter can do is its
    own doing, wherever the server is."""
    changes.setdefault("key_env", None)
    changes.setdefault("prices", {})
    changes.setdefault("keyless", not written.keys)
    if not adapted:
        changes.setdefault("capabilities", frozenset())
        changes.setdefault("operations", None)


def _with_key(provider: Provider, environ: Mapping[str, str]) -> Provider:
    value = environ.get(provider.key_env or "", "").strip()
    if provider.keys or not value:
        return provider
    return provider.model_copy(update={"keys": (ProviderKey(name="env", key=SecretStr(value)),)})
