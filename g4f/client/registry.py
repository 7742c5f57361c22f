"""The models that a program has registered: what `g4f.models` fills, and clients look names up in."""

import threading
from dataclasses import dataclass, field
from typing import Any

#: By canonical name and by alias. A plain dictionary, because programs also write into it (`ModelUtils.convert`).
REGISTERED: dict[str, "Model"] = {}

_LOCK = threading.Lock()


@dataclass(frozen=True)
class Model:
    """A model and who answers for it; it does not change. Making one registers it under its name.

    `base_provider` is who made the model. `best_provider` is a provider or a list of them, as `provider=` takes it;
    None leaves it to the configuration.
    """

    name: str
    base_provider: str = ""
    best_provider: Any = field(default=None, hash=False, compare=False)
    long_name: str | None = None

    def __post_init__(self) -> None:
        register(self)

    def get_long_name(self) -> str:
        """The name with its maker, where it has one."""
        return self.long_name or self.name


def register(model: Model, aliases: tuple[str, ...] | list[str] = ()) -> None:
    """Let the model be found under its name and its aliases."""
    with _LOCK:
        for name in (model.name, *aliases):
            if name:
                REGISTERED[name] = model
