"""Both faces of Gemini's API: the door to the modules that hold them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson

from g4f.dialects.face import Decoder, Encoder, Origin, Outgoing, Reader
from g4f.dialects.fields import only_bad_requests
from g4f.dialects.gemini import answer, embed, encode, outgoing, request, wire
from g4f.dialects.openai.errors import decode_error
from g4f.exchange.answer import Completion, Frame
from g4f.exchange.events import Event
from g4f.exchange.failure import Failure
from g4f.exchange.request import Dialect, Operation, Request


class GeminiFront:
    """What Google's SDKs talk to. The URL names the model and what is asked of it (`call`)."""

    dialect = Dialect.GEMINI
    media_type = "text/event-stream; charset=utf-8"
    terminator = b""
    #: A blank line between events; Google's SDKs know no comments.
    keepalive = b"\r\n"
    id_header = "x-request-id"

    def decode_request(
        self, body: bytes | bytearray, *, request_id: str, path: Mapping[str, str], headers: Mapping[str, str]
    ) -> Request:
        with only_bad_requests():
            if path["call"] in (wire.EMBED, wire.BATCH_EMBED):
                return embed.decode_embed(body, request_id=request_id, model=path["model"], call=path["call"])
            return request.decode_request(body, request_id=request_id, model=path["model"], call=path["call"])

    def encoder(self, origin: Origin) -> Encoder:
        return encode.PieceEncoder(origin)

    def encode_completion(self, events: Iterable[Event], origin: Origin) -> Completion:
        return encode.encode_completion(events, origin)

    def encode_result(self, whole: Completion, origin: Origin) -> Completion:
        return embed.encode_result(whole, origin)

    def encode_error(self, error: Mapping[str, Any], *, status: int, request_id: str) -> bytes:
        return orjson.dumps(encode.error_of(error, status, request_id))

    def encode_stream_error(self, error: Mapping[str, Any], *, status: int, request_id: str) -> bytes:
        return wire.event_of(encode.error_of(error, status, request_id))


class GeminiUpstream:
    """How Gemini's API is asked. `base_url` is the root, as Google's SDKs take it."""

    dialect = Dialect.GEMINI
    models_path = "/v1beta/models?pageSize=1000"

    def headers(self, key: str | None) -> Mapping[str, str]:
        return {"x-goog-api-key": key} if key else {}

    def encode_request(self, request: Request, *, model: str) -> Outgoing:
        if request.operation is Operation.EMBEDDINGS:
            return embed.encode_embed(request, model=model)
        return outgoing.encode_request(request, model=model)

    def relay(self, origin: Origin) -> Reader:
        return answer.PieceRelay(origin)

    def decoder(self, origin: Origin) -> Decoder:
        return answer.PieceDecoder(origin)

    def decode_completion(self, body: bytes, origin: Origin) -> Completion:
        return answer.decode_completion(body, origin)

    def frames_of_completion(self, body: bytes, origin: Origin) -> list[Frame]:
        return answer.frames_of_completion(body, origin)

    def events_of_completion(self, body: bytes, origin: Origin) -> Sequence[Event]:
        return answer.events_of_completion(body, origin)

    def decode_result(self, body: bytes, *, media_type: str, origin: Origin) -> Completion:
        return embed.decode_result(body, origin)

    def relay_result(self, origin: Origin) -> Reader | None:
        return None

    def decode_error(
        self, *, status: int, headers: Mapping[str, str], body: bytes, now: float, secrets: Collection[str]
    ) -> Failure:
        return decode_error(status=status, headers=headers, body=body, now=now, secrets=secrets)

    def decode_models(self, body: bytes) -> Sequence[str]:
        listed = orjson.loads(body)["models"]
        return [item["name"].removeprefix("models/") for item in listed if isinstance(item["name"], str)]


FRONT = GeminiFront()
UPSTREAM = GeminiUpstream()
