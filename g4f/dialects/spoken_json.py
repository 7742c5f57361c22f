"""JSON from models that cannot be held to it: asked for in words, and looked at before anybody gets it.

The text of an answer is held back to its end. What is the JSON that was asked for, also between words or in a fence,
goes out as that JSON alone; what is not is no answer, and the next target is tried. An answer that was cut short or
that calls a tool instead is given as it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from g4f.dialects.emulation import told
from g4f.dialects.json_shape import mismatch
from g4f.exchange.events import Event, Finish, Text
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import Dialect, Request

#: Characters of one answer that are waited for; a longer one goes out as it is.
MOST_HELD = 4 << 20
_WANTED = frozenset({"json_object", "json_schema"})
_ONE = "Answer with one JSON object and nothing else: no words around it, no Markdown."
_SHAPED = (
    "Answer with JSON that is valid against this JSON Schema and nothing else: no words around it, no Markdown.\n{}"
)


def wants_json(request: Request) -> bool:
    """Whether a chat asks for JSON."""
    wanted = request.payload.get("response_format")
    return isinstance(wanted, Mapping) and wanted.get("type") in _WANTED


def in_words(request: Request) -> Request:
    """The chat with its format told about in place of asked for."""
    payload = {name: value for name, value in request.payload.items() if name != "response_format"}
    schema = _schema(request)
    text = _ONE if schema is None else _SHAPED.format(orjson.dumps(schema).decode())
    payload["messages"] = told(payload["messages"], text)
    return replace(request, payload=payload, native=None, dialect=Dialect.OPENAI)


def _schema(request: Request) -> Mapping[str, Any] | None:
    """The schema that is asked for; None where any object will do."""
    wanted = request.payload["response_format"].get("json_schema")
    schema = wanted.get("schema") if isinstance(wanted, Mapping) else None
    return schema if isinstance(schema, Mapping) else None


class SpokenJson:
    """A stage that lets nothing but the JSON pass that was asked for. Raises AttemptFailed for any other text."""

    def __init__(self, request: Request, provider: str) -> None:
        self._provider = provider
        self._schema = _schema(request)
        self._held: dict[int, str] = {}
        self._open: set[int] = set()

    def take(self, event: Event) -> Iterable[Event]:
        match event:
            case Text(text=text, choice=number) if number not in self._open:
                held = self._held[number] = self._held.get(number, "") + text
                if len(held) <= MOST_HELD:
                    return ()
                self._open.add(number)
                return (Text(self._held.pop(number), number),)
            case Finish(reason=reason, choice=number):
                return (*self._let_out(number, whole=reason == "stop"), event)
            case _:
                return (event,)

    def close(self) -> Iterable[Event]:
        return [event for number in list(self._held) for event in self._let_out(number, whole=False)]

    def _let_out(self, number: int, *, whole: bool) -> Iterable[Event]:
        held = self._held.pop(number, "")
        if not held:
            return ()
        return (Text(self._json(held) if whole else held, number),)

    def _json(self, text: str) -> str:
        """The JSON in a text. Raises AttemptFailed."""
        begins = [place for place in (text.find("{"), text.find("[")) if place >= 0]
        for written in (text.strip(), text[min(begins, default=0) : max(text.rfind("}"), text.rfind("]")) + 1]):
            try:
                value = orjson.loads(written)
            except orjson.JSONDecodeError:
                continue
            shape: Mapping[str, Any] = {"type": "object"} if self._schema is None else self._schema
            wrong = mismatch(value, shape)
            if wrong is None:
                return written
            raise self._no_answer(wrong)
        raise self._no_answer("it is no JSON")

    def _no_answer(self, why: str) -> AttemptFailed:
        message = f"{self._provider} answered with something else than the JSON that was asked for: {why[:200]}"
        return AttemptFailed(Failure(kind=FailureKind.BAD_RESPONSE, message=message))
