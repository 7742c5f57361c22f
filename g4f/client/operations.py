"""What every request of a client but a chat has in common: through the chain of its model, as the daemon's.

The words of a request are checked by the daemon's own code, so both refuse the same.
"""

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

from g4f.client.asker import Asker, own_words, within
from g4f.client.asking import CONTROLS, limit_of
from g4f.client.content import EMPTY, kind_of, read
from g4f.client.stream import AsyncStream
from g4f.client.types import Record
from g4f.client.variants import chosen, for_call, ignored_in
from g4f.dialects.openai.operation import IMAGES, build_request
from g4f.errors import RequestError
from g4f.exchange.failure import AttemptFailed
from g4f.exchange.request import File, Operation, Request
from g4f.gateway.answer import Answer
from g4f.gateway.exhausted import broken_off

R = TypeVar("R", bound=Record)

#: The form of a picture for which the gateway fetches what a provider only links to.
_ENCODED: Final = "b64_json"


class Operations:
    """Requests of one kind after the other, each through the chain of its model."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    async def ask(
        self, operation: Operation, model: Any, provider: Any, fields: Mapping[str, Any], files: Sequence[File] = ()
    ) -> Answer:
        """The committed answer. Raises what a chat raises."""
        provider, model = chosen(self._asker, provider, model)
        if provider is None and operation in IMAGES:
            provider = self._asker.options.media_provider
        asker, given = for_call(self._asker, provider, dict(fields))
        ignore_working = bool(given.get("ignore_working"))
        pins = asker.pins(provider, ignore_working=ignore_working, ignored=ignored_in(given))
        request = _request(operation, str(getattr(model, "name", model) or ""), given, files)
        extras = dict(given) if asker.takes_objects(pins) else None
        request = replace(request, provider=pins, extras=extras)
        if not (request.model or extras is not None):
            request = asker.gateway.with_model(request)
        return await within(limit_of(given), asker.ask(request))

    async def whole(
        self,
        operation: Operation,
        model: Any,
        provider: Any,
        fields: Mapping[str, Any],
        files: Sequence[File] = (),
    ) -> bytes:
        """The body of the answer."""
        answer = await self.ask(operation, model, provider, fields, files)
        try:
            return b"".join([piece async for piece in pieces(answer)])
        finally:
            await answer.aclose()

    def streamed(
        self,
        operation: Operation,
        model: Any,
        provider: Any,
        fields: Mapping[str, Any],
        kind: type[R],
        files: Sequence[File] = (),
    ) -> AsyncStream[R]:
        """The events of the answer as they come."""
        asked = {**fields, "stream": True}
        return AsyncStream(lambda: self.ask(operation, model, provider, asked, files), kind)


async def pieces(answer: Answer) -> AsyncIterator[bytes]:
    """The bytes of an answer as they come. Raises ExhaustedError where they break off."""
    if answer.completion is not None:
        yield answer.completion.wire
        return
    try:
        async for frame in answer:
            if frame.wire:
                yield frame.wire
    except AttemptFailed as failed:
        raise own_words(broken_off(failed.failure, answer.journey)) from None


def file_of(field: str, given: Any, name: str | None = None) -> File:
    """A file of a form, from bytes, a path, a `data:` URI, an open file, an image of Pillow's, or (name, file) as the
    OpenAI SDK takes it. Raises RequestError."""
    if isinstance(given, list | tuple) and len(given) >= 2 and isinstance(given[0], str | None):
        name, given = given[0] or name, given[1]
    content, own = read(given)
    if not content:
        raise RequestError(EMPTY, param=field)
    shown = Path(name or own or field).name
    return File(field=field, content=content, name=shown, media_type=kind_of(content, shown))


def _request(operation: Operation, model: str, given: Mapping[str, Any], files: Sequence[File]) -> Request:
    body = {key: value for key, value in given.items() if key not in CONTROLS and key != "extra_body"}
    # Which model is the default is the gateway's to say, but the words of a request have to name one.
    payload = {**body, **(given.get("extra_body") or {}), "model": model or "default"}
    request = build_request(operation, payload, files, request_id=f"req_{uuid.uuid4().hex}")
    links = "" if operation in IMAGES and not request.stream and payload.get("response_format") == _ENCODED else None
    return replace(request, model=model, links=links)
