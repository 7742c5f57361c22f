"""The configuration of a client: the file, what the program says over it, and the providers it hands over as objects.

The file decides what is served. Only what the program itself says, in its own words, is added: never anything that
came with a request from elsewhere.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from g4f.client import options as said
from g4f.client.earlier import retired, successor
from g4f.client.handles import first_for_chats, is_handle, own_row, served
from g4f.client.options import Options
from g4f.client.pins import anybody, members, name_of
from g4f.config.embedded import embedded
from g4f.config.load import Loaded, load, load_catalog, load_text
from g4f.config.schema import Config, Provider
from g4f.config.settings import Settings, environment, from_environment
from g4f.errors import ConfigError
from g4f.gateway.snapshot import Plan, plan
from g4f.providers.registry import bind, bind_python, python_operations
from g4f.providers.transport import Pools
from g4f.providers.types import Adapter

#: Providers handed over as objects that are kept; the oldest is forgotten first.
MOST_OBJECTS = 256
#: What stands as the adapter of a provider that a program hands over.
_HANDED_OVER = "python"


class Composition:
    """Makes plans. `version` counts what was added: a plan of an older version lacks something."""

    def __init__(self, options: Options, like: "Composition | None" = None) -> None:
        """`like` is one over the same file, whose reading of it and of the environment is taken over."""
        if like is None:
            self.settings, self.environ = from_environment(), environment()
        else:
            self.settings, self.environ = like.settings, like.environ
        self._options = options
        #: The file: what the program says, or else G4F_CONFIG, so that programs need not be changed to have one.
        self._path = options.config if options.config is not None else self.settings.config
        self._objects: dict[str, Any] = {}
        self._handed: dict[str, Provider] = {}
        self.version = 0
        self.loaded: Loaded = self.read() if like is None else like.loaded
        self._rows = said.rows(options, self.main_provider)

    @property
    def main_provider(self) -> str | None:
        """The provider that `api_key` and `base_url` are about: the one named, or the one at `base_url`."""
        options = self._options
        if not anybody(options.provider):
            leaves = self.known(members(options.provider))
            first = leaves[0] if len(leaves) == 1 else None
            return name_of(first) if isinstance(first, str) or is_handle(first) else None
        return None if options.base_url is None else said.name_for(options.base_url)

    @property
    def is_embedded(self) -> bool:
        """Whether there is no file."""
        return self._path is None or isinstance(self._path, Mapping)

    def read(self) -> Loaded:
        """The file as it is now. Raises ConfigError, and TypeError for what is none."""
        if self._path is None:
            return embedded(self.environ)
        if isinstance(self._path, Mapping):
            written = said.as_text(self._path)
            return load_text(written, name=said.PROGRAM, environ=self.environ, settings=self.settings)
        if not isinstance(self._path, str | PathLike):
            raise TypeError(f"config= is the path of a file, or a mapping as one, not {type(self._path).__name__}")
        return load(Path(self._path), environ=self.environ, settings=self.settings)

    def plan(self, loaded: Loaded, environ: Mapping[str, str], settings: Settings | None) -> Plan:
        """What a file and the program's own words make together. Raises ConfigError."""
        return plan(replace(loaded, config=self._over(loaded.config)), environ, settings)

    def current(self) -> Plan:
        """The plan for the file as it was last read."""
        return self.plan(self.loaded, self.environ, self.settings)

    def bind(self, name: str, provider: Provider, config: Config, pools: Pools) -> Adapter:
        """The adapter of a provider, whether it is a row or an object."""
        if not self.is_object(name):
            return bind(name, provider, config, pools)
        return bind_python(name, self._objects[name], provider, config)

    def known(self, providers: Iterable[Any]) -> list[Any]:
        """The providers, with what became of those that are named as g4f named them and the file does not."""
        return [self._known(provider) for provider in providers]

    def include(self, provider: Any) -> str:
        """The name of a provider in the plans from now on. Raises TypeError for an object that is no provider."""
        if isinstance(provider, str):
            return provider
        if is_handle(provider):
            name = name_of(provider)
            if name not in self._handed:
                self._add(name, Provider())
            return name
        known = next((name for name, made in self._objects.items() if made is provider), None)
        if known is not None:
            return known
        name = self._free_name(name_of(provider))
        row = own_row(provider)
        if row is None:
            row = Provider(adapter=_HANDED_OVER, keyless=True, retries=0, operations=python_operations())
            bind_python(name, provider, row, self.loaded.config)  # refuses what is no provider before anything changes
        if len(self._objects) >= MOST_OBJECTS:
            oldest = next(iter(self._objects))
            del self._objects[oldest], self._handed[oldest]
        self._objects[name] = provider
        self._add(name, row)
        return name

    def default_of(self, name: str) -> str:
        """The model of a provider for chats that name none; one that is an object knows its own."""
        made = self._objects.get(name)
        if made is not None:
            return "" if own_row(made) is None else str(getattr(made, "default_model", "") or "")
        row = self.loaded.config.providers.get(name)
        listed = row.models if row is not None and row.models else served(name)
        return first_for_chats(listed, self.loaded.config.models)

    def is_object(self, name: str) -> bool:
        """Whether a provider was handed over as an object that is to be called."""
        return name in self._objects and own_row(self._objects[name]) is None

    def _known(self, provider: Any) -> Any:
        if not isinstance(provider, str) or provider in self.loaded.config.providers:
            return provider
        return successor(provider) or retired(provider) or provider

    def _add(self, name: str, row: Provider) -> None:
        self._handed[name] = row
        self.version += 1

    def _free_name(self, wanted: str) -> str:
        taken = {*load_catalog().providers, *self.loaded.config.providers, *self._rows, *self._handed}
        base = re.sub(r"[^A-Za-z0-9._-]", "-", wanted)[:56] or "provider"
        name, number = base, 1
        while name in taken:
            number += 1
            name = f"{base}-{number}"
        return name

    def _over(self, config: Config) -> Config:
        providers = dict(config.providers)
        for name, row in {**self._handed, **self._rows}.items():
            written = providers.get(name)
            changes = {field: getattr(row, field) for field in row.model_fields_set}
            providers[name] = row if written is None else written.model_copy(update=changes)
        self._all_known(providers)
        ignored = (*config.ignored_providers, *self._options.ignored)
        defaults = said.defaults(self._options, config)
        return config.model_copy(update={"providers": providers, "defaults": defaults, "ignored_providers": ignored})

    def _all_known(self, providers: Mapping[str, Provider]) -> None:
        """A key for a provider that nobody knows, and that has no address, is a mistake."""
        for name in self._rows:
            row = providers[name]
            if name not in load_catalog().providers and row.base_url is None and row.adapter is None:
                raise ConfigError([f"Client: there is no provider {name!r} to give a key to; add its base_url"])
