"""The gathered part of the catalog: hundreds of models, what providers call them and what they cost.

It is made by `make catalog` and never written by hand; what `models.yaml` and `providers.yaml` say goes first. Names
that it has for providers without a row are passed over. It is read at every start, and so not validated again: a test
does that.
"""

from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from typing import Any, TypeVar

import orjson

from g4f.config.schema import ChainEntry, Config, Model, Price, Provider

_FILE = "gathered.json"

T = TypeVar("T")


class Made(Mapping[str, T]):
    """A mapping whose values are made of `recipes` when they are asked for: of two thousand prices few ever are."""

    __slots__ = ("_make", "_recipes")

    def __init__(self, recipes: Mapping[str, Any], make: Callable[[Any], T]) -> None:
        self._recipes = recipes
        self._make = make

    def __getitem__(self, name: str) -> T:
        return self._make(self._recipes[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._recipes)

    def __len__(self) -> int:
        return len(self._recipes)


def read_gathered() -> Mapping[str, Any]:
    """The document: `source`, `checked` (a date), `models`, and by provider `names` and `prices`."""
    document: Mapping[str, Any] = orjson.loads(resources.files("g4f.catalog").joinpath(_FILE).read_bytes())
    return document


def with_gathered(catalog: Config) -> Config:
    """The catalog with what was gathered below it."""
    document = read_gathered()
    written = catalog.models or {}
    aliases = {alias for model in written.values() for alias in model.aliases}
    taken = {*written, *aliases}
    rows = {name: _row(name, row, document, aliases) for name, row in catalog.providers.items()}
    models = {
        name: written[name].model_copy(update=_facts(document["models"].get(name, {}))) for name in written
    } | dict(_models(document, rows, taken))
    return catalog.model_copy(update={"providers": rows, "models": models})


def _facts(described: Mapping[str, Any]) -> dict[str, Any]:
    return {name: described[name] for name in ("family", "context") if name in described}


def _row(name: str, row: Provider, document: Mapping[str, Any], aliases: set[str]) -> Provider:
    names, prices = document["names"].get(name, {}), document["prices"].get(name)
    names = {model: own for model, own in names.items() if model not in aliases}
    if not names and not prices:
        return row
    costs = Made({**(prices or {}), **row.prices}, _price)
    return row.model_copy(update={"models": {**names, **row.models}, "prices": costs})


def _price(cost: dict[str, Any] | Price) -> Price:
    return cost if isinstance(cost, Price) else Price.model_construct(**cost)


def _models(document: Mapping[str, Any], rows: Mapping[str, Provider], taken: set[str]) -> Iterator[tuple[str, Model]]:
    """The models that are not written by hand. What its maker calls one is an alias of it."""
    aliases: set[str] = set()
    entries = {row: ChainEntry(provider=row) for row in rows}
    blank = Model.model_construct(chain=())  # copies of one are a fifth of the work
    for name, described in document["models"].items():
        if name in taken:
            continue
        tiers = [[row for row in tier if row in rows] for tier in described["chain"]]
        chain = tuple(tuple(entries[row] for row in tier) for tier in tiers if tier)
        if not chain:
            continue
        own = document["names"].get(chain[0][0].provider, {}).get(name, name) if len(chain) > 1 else name
        free = "/" not in own and own not in taken and own not in document["models"] and own not in aliases
        aliases.add(own)
        said = {"chain": chain, "aliases": (own,) if free else (), **_facts(described)}
        yield name, blank.model_copy(update=said)
