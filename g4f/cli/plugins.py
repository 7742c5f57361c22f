"""No plugins of pydantic in our own processes.

pydantic looks for them in every installed distribution before it makes its first model, which is a third of a start;
and what it would find is code that nobody asked this program to run.
"""

import os
from typing import Final

_VARIABLE: Final = "PYDANTIC_DISABLE_PLUGINS"


def without_plugins() -> None:
    """To be called before pydantic is imported. Whoever has set the variable meant it."""
    os.environ.setdefault(_VARIABLE, "__all__")  # noqa: TID251 - not read here, and not ours
