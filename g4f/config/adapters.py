"""The adapters that a file may name: the built-in ones, and providers written in Python that are installed.

A file never names a path to import: only what a package that somebody installed declares as an entry point.
"""

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Final

#: The one that needs no network, and those that speak to a server in words that are no dialect's.
LOCAL: Final = frozenset({"demo"})
REMOTE: Final = frozenset(
    {
        "azure",
        "copilot",
        "deepgram",
        "elevenlabs",
        "fireworks",
        "huggingface",
        "nebius",
        "pollinations",
        "replicate",
        "together",
        "voyage",
    }
)
BUILT_IN: Final = LOCAL | REMOTE
#: The group of entry points in which a package declares its providers.
GROUP: Final = "g4f.providers"


def installed() -> Mapping[str, EntryPoint]:
    """The providers that installed packages declare, by name. Imports none of them."""
    return {point.name: point for point in entry_points(group=GROUP)}
