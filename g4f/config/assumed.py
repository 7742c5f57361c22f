"""An environment in which every key is set: to look at a file where its secrets are not at hand, such as in CI.

What is set keeps its value. Nobody is called with what stands in for the rest.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from g4f.config.layers import layered_providers
from g4f.config.load import Loaded, load_catalog

#: What variables are called that hold an address, and one that nothing answers at (RFC 6761, section 6.4).
_ADDRESSES: Final = re.compile(r"(^|_)(URL|URI|BASE|ENDPOINT)(_|$)|(^|_)PROXY$")
_ADDRESS: Final = "http://assumed.invalid:8080"


class AssumedEnvironment(Mapping[str, str]):
    """`real`, and a value that says what it is for every variable that a file requires. `keys` are set although no file
    requires them; a variable with a default (`${NAME:-default}`) keeps that."""

    def __init__(self, real: Mapping[str, str], keys: Collection[str] = ()) -> None:
        self._real = real
        self._keys = frozenset(keys)

    def __getitem__(self, name: str) -> str:
        return self._real.get(name) or (_ADDRESS if _ADDRESSES.search(name) else f"assumed-value-of-{name}")

    def __contains__(self, name: object) -> bool:
        return True

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        if name in self._keys:
            return self[name]
        return self._real.get(name, default)

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self._keys), **self._real})

    def __len__(self) -> int:
        return len({*self._keys, *self._real})


def with_every_key(loaded: Loaded, real: Mapping[str, str]) -> AssumedEnvironment:
    """The environment in which each provider of a file has a key."""
    providers = layered_providers(loaded.config, load_catalog(), real)
    return AssumedEnvironment(real, {row.key_env for row in providers.values() if row.key_env})
