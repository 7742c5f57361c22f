"""Both faces of Ollama's native API: the door to the modules that hold them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson

from g4f.dialects.face import Decoder, Encoder, Origin, Outgoing, Reader
from g4f.dialects.fields import only_bad_requests
from g4f.dialects.ollama import completion, embed, encode, errors, outgoing, request
from g4f.dialects.ollama.events import LineDecoder
from g4f.dialects.ollama.relay import LineRelay
from g4f.dialects.ollama.wire import CHAT, line_of
from g4f.exchange.answer import Completion, Frame
from g4f.exchange.events import Event
from g4f.exchange.failure import Failure
from g4f.exchange.request import Dialect, Operation, Request


class OllamaFront:
    """What `ollama`'s libraries, its command line, and the many programs that look for one on this machine talk to."""

    dialect = Dialect.OLLAMA
    media_type = "application/x-ndjson"
    terminator = b""
    keepalive = b""
    id_header = "x-request-id"

    def decode_request(
        self, body: bytes | bytearray, *, request_id: str, path: Mapping[str, str], headers: Mapping[str, str]
    ) -> Request:
        call = path.get("call", CHAT)
        with only_bad_requests():
            if call in (embed.EMBED, embed.EMBEDDINGS):
                return embed.decode_embed(body, request_id=request_id, call=call)
            return request.decode_request(body, request_id=request_id, call=call)

    def encoder(self, origin: Origin) -> Encoder:
        return encode.LineEncoder(origin)

    def encode_completion(self, events: Iterable[Event], origin: Origin) -> Completion:
        return encode.encode_completion(events, origin)

    def encode_result(self, whole: Completion, origin: Origin) -> Completion:
        return embed.encode_result(whole, origin)

    def encode_error(self, error: Mapping[str, Any], *, status: int, request_id: str) -> bytes:
        return orjson.dumps({"error": error["message"]})

    def encode_stream_error(self, error: Mapping[str, Any], *, status: int, request_id: str) -> bytes:
        return line_of({"error": error["message"]})


class OllamaUpstream:
    """How an Ollama server is asked, on this machine or with a key in its cloud."""

    dialect = Dialect.OLLAMA
    models_path = "/api/tags"

    def headers(self, key: str | None) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {key}"} if key else {}

    def encode_request(self, request: Request, *, model: str) -> Outgoing:
        if request.operation is Operation.EMBEDDINGS:
            return embed.encode_embed(request, model=model)
        return outgoing.encode_request(request, model=model)

    def relay(self, origin: Origin) -> Reader:
        return LineRelay(origin)

    def decoder(self, origin: Origin) -> Decoder:
        return LineDecoder(origin)

    def decode_completion(self, body: bytes, origin: Origin) -> Completion:
        return completion.decode_completion(body, origin)

    def frames_of_completion(self, body: bytes, origin: Origin) -> list[Frame]:
        return completion.frames_of_completion(body, origin)

    def events_of_completion(self, body: bytes, origin: Origin) -> Sequence[Event]:
        return completion.events_of_completion(body, origin)

    def decode_result(self, body: bytes, *, media_type: str, origin: Origin) -> Completion:
        return embed.decode_result(body, origin)

    def relay_result(self, origin: Origin) -> Reader | None:
        return None

    def decode_error(
        self, *, status: int, headers: Mapping[str, str], body: bytes, now: float, secrets: Collection[str]
    ) -> Failure:
        return errors.decode_error(status=status, headers=headers, body=body, now=now, secrets=secrets)

    def decode_models(self, body: bytes) -> Sequence[str]:
        return [item["name"] for item in orjson.loads(body)["models"] if isinstance(item["name"], str)]


FRONT = OllamaFront()
UPSTREAM = OllamaUpstream()
