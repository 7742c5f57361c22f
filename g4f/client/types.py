"""Answers as Python objects: dictionaries whose keys are attributes too, shaped as the OpenAI SDK shapes them."""

from collections.abc import Mapping
from typing import Any


class Record(dict[str, Any]):
    """A JSON object. `record.name` is `record["name"]`; what the answer does not have is None as an attribute."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        super().__init__({name: _record(value) for name, value in fields.items()})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.get(name)

    def model_dump(self) -> dict[str, Any]:
        """The answer as plain dictionaries and lists."""
        return {name: _plain(value) for name, value in self.items()}


class Completion(Record):
    """A whole answer: `id`, `model`, `provider`, `choices[0].message.content`, `usage`."""


class CompletionChunk(Record):
    """A piece of a streamed answer: `choices[0].delta.content`."""


def _record(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Record(value)
    if isinstance(value, list):
        return [_record(item) for item in value]
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return value.model_dump()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
