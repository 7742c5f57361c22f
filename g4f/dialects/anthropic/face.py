"""Both faces of Anthropic's Messages: the door to the modules that hold them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson

from g4f.dialects.anthropic import completion, encode, errors, outgoing, request
from g4f.dialects.anthropic.events import MessageDecoder
from g4f.dialects.anthropic.relay import MessageRelay
from g4f.dialects.anthropic.wire import VERSION, VERSION_HEADER
from g4f.dialects.face import Decoder, Encoder, Origin, Outgoing, Reader
from g4f.dialects.fields import only_bad_requests
from g4f.dialects.openai.errors import decode_error
from g4f.exchange.answer import Completion, Frame
from g4f.exchange.events import Event
from g4f.exchange.failure import Failure
from g4f.exchange.request import Dialect, Operation, Request


class AnthropicFront:
    """What Anthropic's SDKs and Claude Code talk to."""

    dialect = Dialect.ANTHROPIC
    media_type = "text/event-stream; charset=utf-8"
    terminator = b""
    keepalive = b": keepalive\n\n"
    id_header = "request-id"

    def decode_request(
        self, body: bytes | bytearray, *, request_id: str, path: Mapping[str, str], headers: Mapping[str, str]
    ) -> Request:
        operation = Operation(path.get("operation", Operation.CHAT))
        with only_bad_requests():
            return request.decode_request(body, request_id=request_id, headers=headers, operation=operation)

    def encoder(self, origin: Origin) -> Encoder:
        return encode.MessageEncoder(origin)

    def encode_completion(self, events: Iterable[Event], origin: Origin) -> Completion:
        return encode.encode_completion(events, origin)

    def encode_error(self, error: Mapping[str, Any], *, status: int, request_id: str) -> bytes:
        return errors.encode_error(error, status=status, request_id=request_id)

    def encode_stream_error(self, error: Mapping[str, Any], *, status: int, request_id: str) -> bytes:
        return errors.encode_stream_error(error, status=status, request_id=request_id)


class AnthropicUpstream:
    """How Anthropic, and whoever took over its API, is asked."""

    dialect = Dialect.ANTHROPIC
    models_path = "/v1/models?limit=1000"

    def headers(self, key: str | None) -> Mapping[str, str]:
        return {VERSION_HEADER: VERSION, **({"x-api-key": key} if key else {})}

    def encode_request(self, request: Request, *, model: str) -> Outgoing:
        return outgoing.encode_request(request, model=model)

    def relay(self, origin: Origin) -> Reader:
        return MessageRelay(origin)

    def decoder(self, origin: Origin) -> Decoder:
        return MessageDecoder(origin)

    def decode_completion(self, body: bytes, origin: Origin) -> Completion:
        return completion.decode_completion(body, origin)

    def frames_of_completion(self, body: bytes, origin: Origin) -> list[Frame]:
        return completion.frames_of_completion(body, origin)

    def events_of_completion(self, body: bytes, origin: Origin) -> Sequence[Event]:
        return completion.events_of_completion(body, origin)

    def decode_error(
        self, *, status: int, headers: Mapping[str, str], body: bytes, now: float, secrets: Collection[str]
    ) -> Failure:
        return decode_error(status=status, headers=headers, body=body, now=now, secrets=secrets)

    def decode_models(self, body: bytes) -> Sequence[str]:
        return [item["id"] for item in orjson.loads(body)["data"] if isinstance(item["id"], str)]


FRONT = AnthropicFront()
UPSTREAM = AnthropicUpstream()
