"""A g4f.yaml in the making, and how it is written down. Secrets never get here: keys are variables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from g4f.config.writing import flow, scalar

_WIDTH: Final = 100
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")


@dataclass(slots=True, kw_only=True)
class Target:
    """One place in a chain. Times are durations as the file has them."""

    provider: str
    model: str | None = None
    weight: int = 1
    timeouts: dict[str, str] = field(default_factory=dict)
    retries: int | None = None
    when: str | None = None

    @property
    def name(self) -> str:
        return f"{self.provider}/{self.model}" if self.model else self.provider

    def text(self) -> str:
        extra = {
            "weight": "" if self.weight == 1 else str(self.weight),
            "retries": "" if self.retries is None else str(self.retries),
            "timeouts": flow({name: scalar(value) for name, value in self.timeouts.items()}),
            "when": scalar(self.when) if self.when else "",
        }
        said = {name: value for name, value in extra.items() if value and value != "{}"}
        if not said:
            return scalar(self.name)
        model = {"model": scalar(self.model)} if self.model else {}
        return flow({"provider": scalar(self.provider), **model, **said})


@dataclass(slots=True, kw_only=True)
class Model:
    """A public model: `tiers` in the order of fallback."""

    name: str
    tiers: list[list[Target]]
    aliases: list[str] = field(default_factory=list)
    balance: str | None = None
    fallback_on: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Provider:
    """A provider's row. `keys` are variables (`${NAME}`) by their names; `headers` too hold variables."""

    name: str
    dialect: str | None = None
    base_url: str | None = None
    keys: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Draft:
    """The whole file. `variables` are those of its secrets, which may not be set yet."""

    source: str
    listen: str | None = None
    inbound: str | None = None
    retries: int | None = None
    timeouts: dict[str, str] = field(default_factory=dict)
    providers: list[Provider] = field(default_factory=list)
    models: list[Model] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)

    def text(self) -> str:
        """The file."""
        return "\n".join(self._lines()) + "\n"

    def needed(self) -> tuple[str, ...]:
        """The variables that the file needs: of secrets, and of addresses."""
        addresses = [name for row in self.providers for name in _VARIABLE.findall(row.base_url or "")]
        return tuple(dict.fromkeys([*self.variables, *addresses]))

    def _lines(self) -> Iterator[str]:
        yield f"# Made from {self.source.replace(chr(10), ' ')} by `g4fd config import`."
        if self.needed():
            yield f"# It takes from the environment: {', '.join(self.needed())}"
        server = {"listen": scalar(self.listen)} if self.listen else {}
        if self.inbound:
            server["keys"] = f"[{flow({'name': 'master', 'key': scalar(self.inbound)})}]"
        if server:
            yield f"server: {flow(server)}"
        if self.retries is not None or self.timeouts:
            yield "defaults:"
        if self.retries is not None:
            yield f"  retries: {self.retries}"
        if self.timeouts:
            yield f"  timeouts: {flow({name: scalar(value) for name, value in self.timeouts.items()})}"
        if self.providers:
            yield "providers:"
        for provider in self.providers:
            yield from _provider(provider)
        yield "models:"
        for model in self.models:
            yield from _model(model)


def _provider(provider: Provider) -> Iterator[str]:
    yield f"  {scalar(provider.name)}:"
    if provider.dialect:
        yield f"    dialect: {provider.dialect}"
    if provider.base_url:
        yield f"    base_url: {scalar(provider.base_url)}"
    if provider.keys:
        keys = (flow({"name": scalar(name), "key": scalar(key)}) for name, key in provider.keys.items())
        yield f"    keys: [{', '.join(keys)}]"
    if provider.headers:
        yield f"    headers: {flow({scalar(name): scalar(value) for name, value in provider.headers.items()})}"


def _model(model: Model) -> Iterator[str]:
    yield f"  {scalar(model.name)}:"
    if model.aliases:
        yield f"    aliases: [{', '.join(scalar(alias) for alias in model.aliases)}]"
    if model.balance:
        yield f"    balance: {model.balance}"
    if model.fallback_on:
        yield f"    fallback_on: [{', '.join(model.fallback_on)}]"
    yield "    chain:"
    for tier in model.tiers:
        texts = [target.text() for target in tier]
        one = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
        if len(texts) == 1 or len(one) < _WIDTH:
            yield f"      - {one}"
        else:
            yield from (f"      {'- -' if text is texts[0] else '  -'} {text}" for text in texts)
