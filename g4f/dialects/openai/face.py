"""Both faces of OpenAI's API: the door to the modules that hold them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson

from g4f.dialects.face import Decoder, Encoder, Origin, Outgoing, Reader
from g4f.dialects.openai import completion, encode, errors, operation, relay, request, results, wire
from g4f.dialects.openai.events import ChunkDecoder, events_of_completion
from g4f.dialects.openai.result_stream import ResultRelay
from g4f.dialects.openai.shapes import SHAPES
from g4f.exchange.answer import Completion, Frame
from g4f.exchange.events import Event
from g4f.exchange.failure import Failure
from g4f.exchange.request import Dialect, Request


class OpenAIFront:
    """What the OpenAI SDKs talk to."""

    dialect = Dialect.OPENAI
    media_type = "text/event-stream; charset=utf-8"
    terminator = wire.DONE
    #: A comment of server-sent events: clients skip it (WHATWG HTML, 9.2.6), and so do OpenAI's SDKs.
    keepalive = b": keepalive\n\n"
    id_header = "x-request-id"

    def decode_request(
        self, body: bytes | bytearray, *, request_id: str, path: Mapping[str, str], headers: Mapping[str, str]
    ) -> Request:
        return request.decode_request(body, request_id=request_id, conversation=path.get("conversation_id"))

    def encoder(self, origin: Origin) -> Encoder:
        return encode.ChunkEncoder(request=origin.request, provider=origin.provider, now=origin.now)

    def encode_completion(self, events: Iterable[Event], origin: Origin) -> Completion:
        return encode.encode_completion(events, request=origin.request, provider=origin.provider, now=origin.now)

    def encode_result(self, whole: Completion, origin: Origin) -> Completion:
        return whole

    def encode_error(self, error: Mapping[str, Any], *, status: int, request_id: str) -> bytes:
        return orjson.dumps({"error": error})

    def encode_stream_error(self, error: Mapping[str, Any], *, status: int, request_id: str) -> bytes:
        return wire.encode_stream_error(error)


class OpenAIUpstream:
    """How OpenAI, and whoever took over its API, is asked."""

    dialect = Dialect.OPENAI
    models_path = "/models"

    def headers(self, key: str | None) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {key}"} if key else {}

    def encode_request(self, request_: Request, *, model: str) -> Outgoing:
        if request_.operation in SHAPES:
            return operation.encode_operation(request_, model=model)
        return request.encode_request(request_, model=model)

    def relay(self, origin: Origin) -> Reader:
        return relay.Relay(request=origin.request, provider=origin.provider, now=origin.now, secrets=origin.secrets)

    def decoder(self, origin: Origin) -> Decoder:
        return ChunkDecoder(origin)

    def decode_completion(self, body: bytes, origin: Origin) -> Completion:
        return completion.decode_completion(
            body, request=origin.request, provider=origin.provider, secrets=origin.secrets
        )

    def frames_of_completion(self, body: bytes, origin: Origin) -> list[Frame]:
        return completion.frames_of_completion(
            body, request=origin.request, provider=origin.provider, secrets=origin.secrets
        )

    def events_of_completion(self, body: bytes, origin: Origin) -> Sequence[Event]:
        whole = completion.decode_completion(
            body, request=origin.request, provider=origin.provider, secrets=origin.secrets
        )
        return events_of_completion(whole)

    def decode_result(self, body: bytes, *, media_type: str, origin: Origin) -> Completion:
        return results.decode_result(body, media_type=media_type, origin=origin)

    def relay_result(self, origin: Origin) -> Reader:
        return ResultRelay(origin)

    def decode_error(
        self, *, status: int, headers: Mapping[str, str], body: bytes, now: float, secrets: Collection[str]
    ) -> Failure:
        return errors.decode_error(status=status, headers=headers, body=body, now=now, secrets=secrets)

    def decode_models(self, body: bytes) -> Sequence[str]:
        listed = orjson.loads(body)
        items = listed["data"] if isinstance(listed, dict) else listed
        return [item["id"] for item in items if isinstance(item["id"], str)]


FRONT = OpenAIFront()
UPSTREAM = OpenAIUpstream()
