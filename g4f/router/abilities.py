"""What models can do, as the file and the catalog say it. What neither says of is taken to be possible."""

from g4f.config.schema import Config
from g4f.exchange.request import Operation


def abilities(config: Config) -> dict[str, frozenset[str]]:
    """What the models of a file can do, by their names and aliases, where it says so."""
    known: dict[str, frozenset[str]] = {}
    for name, model in (config.models or {}).items():
        if model.capabilities is not None:
            known.update(dict.fromkeys((name, *model.aliases), model.capabilities))
    return known


def known_abilities(catalog: Config) -> dict[str, frozenset[str]]:
    """The same of the catalog's models, and by what its providers call them."""
    known = abilities(catalog)
    for provider in catalog.providers.values():
        for public, own in provider.models.items():
            if public in known:
                known.setdefault(own, known[public])
    return known


def known_operations(catalog: Config) -> dict[str, frozenset[Operation]]:
    """What the catalog's models are for, by their names and aliases and by what its providers call them."""
    known: dict[str, frozenset[Operation]] = {}
    for name, model in (catalog.models or {}).items():
        if model.operations is not None:
            known.update(dict.fromkeys((name, *model.aliases), model.operations))
    for provider in catalog.providers.values():
        known.update({own: known[public] for public, own in provider.models.items() if public in known})
    return known
