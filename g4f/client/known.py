"""`client.models`: the models that a client serves, by what they can do."""

from typing import Any

from g4f.client.asker import Asker
from g4f.client.registry import REGISTERED
from g4f.client.types import Record
from g4f.errors import ModelNotFoundError
from g4f.router.table import Route, public_names

Names = list[str]


class KnownModels:
    """Names of models. Nobody is contacted."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    def list(self) -> Record:
        """All models, in the form of OpenAI's list: `data[0].id`."""
        table = self._asker.gateway.snapshot.table
        owners = {name: next(iter(route.providers()), "") for name, route in table.routes.items()}
        data = [
            {"id": name, "object": "model", "created": 0, "owned_by": owners[table.aliases.get(name, name)]}
            for name in public_names(table)
        ]
        return Record({"object": "list", "data": data})

    def retrieve(self, model: str) -> Record:
        """One model. Raises ModelNotFoundError."""
        found = next((entry for entry in self.list().data if entry.id == model), None)
        if found is None:
            raise ModelNotFoundError(f"The model {model[:200]!r} does not exist here.", param="model")
        known: Record = found
        return known

    def get(self, name: str, default: Any = None) -> Any:
        """The registered `Model` of that name, else the name itself if it is served, else `default`."""
        if name in REGISTERED:
            return REGISTERED[name]
        return name if self._asker.gateway.snapshot.table.find(name) is not None else default

    def get_all(self, **_: Any) -> Names:
        """The names of all models."""
        return list(public_names(self._asker.gateway.snapshot.table))

    def get_vision(self, **_: Any) -> Names:
        """Those that look at pictures."""
        return self._able("vision")

    def get_image(self, **_: Any) -> Names:
        """Those that make pictures."""
        return self._able("images")

    def get_video(self, **_: Any) -> Names:
        """Those that make films."""
        return self._able("video")

    def get_audio(self, **_: Any) -> Names:
        """Those that speak or listen."""
        return self._able("audio")

    def get_media(self, **_: Any) -> Names:
        """Those that make pictures or films."""
        return list(dict.fromkeys([*self.get_image(), *self.get_video()]))

    def _able(self, capability: str) -> Names:
        table = self._asker.gateway.snapshot.table

        def able(route: Route) -> bool:
            return capability in table.able(route)

        return [name for name, route in table.routes.items() if not route.pattern and able(route)]
