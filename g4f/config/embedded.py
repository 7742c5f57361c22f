"""The configuration of a start without a file: the catalog's models through whatever can be used here.

Models whose provider wants a key that is missing stay, so that the error names the variable to set. On a machine
where not a single key is set every chain ends in Demo, which says what it is: there is something to try at once.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from g4f.config.load import Loaded, load_catalog
from g4f.config.schema import ChainEntry, Config, Model

#: What stands for the file in messages.
NAME = Path("(no file)")


def embedded(environ: Mapping[str, str], *, demo: bool | None = None) -> Loaded:
    """The built-in configuration for an environment. `demo` decides about Demo in place of whether there is a key."""
    catalog = load_catalog()
    models = dict(catalog.models or {})
    bare = not any(environ.get(row.key_env or "", "").strip() for row in catalog.providers.values())
    if bare if demo is None else demo:
        last = ChainEntry(provider="Demo", model="demo")
        models = {name: _ending_in(last, model) for name, model in models.items()}
    config = Config().model_copy(update={"models": models, "catalog": True})
    return Loaded(config=config, path=NAME, origins=MappingProxyType({}), digest="", warnings=(), files=())


def _ending_in(last: ChainEntry, model: Model) -> Model:
    if any(entry.provider == last.provider for tier in model.chain for entry in tier):
        return model
    return model.model_copy(update={"chain": (*model.chain, (last,))})
