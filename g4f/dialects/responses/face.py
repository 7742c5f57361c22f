"""Both faces of OpenAI's Responses API: the door to the modules that hold them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson

from g4f.dialects.face import Decoder, Encoder, Origin, Outgoing, Reader
from g4f.dialects.openai import errors
from g4f.dialects.openai.face import UPSTREAM as CHAT
from g4f.dialects.responses import answer, ask, encode, request, stream
from g4f.exchange.answer import Completion, Frame
from g4f.exchange.events import Event
from g4f.exchange.failure import Failure
from g4f.exchange.request import Dialect, Request


class ResponsesFront:
    """What `client.responses` of the OpenAI SDKs talks to."""

    dialect = Dialect.OPENAI_RESPONSES
    media_type = "text/event-stream; charset=utf-8"
    terminator = b""
    keepalive = b": keepalive\n\n"
    id_header = "x-request-id"

    def decode_request(
        self, body: bytes | bytearray, *, request_id: str, path: Mapping[str, str], headers: Mapping[str, str]
    ) -> Request:
        return request.decode_request(body, request_id=request_id)

    def encoder(self, origin: Origin) -> Encoder:
        return encode.ResponseEncoder(origin)

    def encode_completion(self, events: Iterable[Event], origin: Origin) -> Completion:
        return encode.encode_response(events, origin)

    def encode_error(self, error: Mapping[str, Any], *, status: int, request_id: str) -> bytes:
        return orjson.dumps({"error": error})

    def encode_stream_error(self, error: Mapping[str, Any], *, status: int, request_id: str) -> bytes:
        """Nested and flat: the documentation has it flat, the live API nests it, and the SDKs raise on the nested one
        (openai-python#3934)."""
        return encode.wire_of(
            {
                "type": "error",
                "sequence_number": 0,
                "error": dict(error),
                "code": error.get("code"),
                "message": error.get("message"),
                "param": error.get("param"),
            }
        )


class ResponsesUpstream:
    """How an upstream of the Responses API is asked."""

    dialect = Dialect.OPENAI_RESPONSES
    models_path = CHAT.models_path

    def headers(self, key: str | None) -> Mapping[str, str]:
        return CHAT.headers(key)

    def encode_request(self, request: Request, *, model: str) -> Outgoing:
        return ask.encode_request(request, model=model)

    def relay(self, origin: Origin) -> Reader:
        return stream.ResponseRelay(origin)

    def decoder(self, origin: Origin) -> Decoder:
        return stream.ResponseDecoder(origin)

    def decode_completion(self, body: bytes, origin: Origin) -> Completion:
        return answer.decode_response(body, origin)

    def frames_of_completion(self, body: bytes, origin: Origin) -> list[Frame]:
        encoder = encode.ResponseEncoder(origin)
        return [*(encoder.encode(event) for event in answer.events_of_response(body, origin)), encoder.close()]

    def events_of_completion(self, body: bytes, origin: Origin) -> Sequence[Event]:
        return answer.events_of_response(body, origin)

    def decode_error(
        self, *, status: int, headers: Mapping[str, str], body: bytes, now: float, secrets: Collection[str]
    ) -> Failure:
        return errors.decode_error(status=status, headers=headers, body=body, now=now, secrets=secrets)

    def decode_models(self, body: bytes) -> Sequence[str]:
        return CHAT.decode_models(body)


FRONT = ResponsesFront()
UPSTREAM = ResponsesUpstream()
