"""How Cohere is asked for chats, vectors and rankings. Nobody speaks its dialect to us, so it has no front."""

from collections.abc import Collection, Mapping, Sequence

import orjson

from g4f.dialects.cohere import answer, outgoing, results
from g4f.dialects.face import Decoder, Origin, Outgoing, Reader
from g4f.dialects.openai.errors import decode_error
from g4f.exchange.answer import Completion, Frame
from g4f.exchange.events import Event
from g4f.exchange.failure import Failure
from g4f.exchange.request import Dialect, Operation, Request


class CohereUpstream:
    """`base_url` is the root, as Cohere's SDK takes it."""

    dialect = Dialect.COHERE
    models_path = "/v1/models?endpoint=chat&page_size=1000"

    def headers(self, key: str | None) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {key}"} if key else {}

    def encode_request(self, request: Request, *, model: str) -> Outgoing:
        match request.operation:
            case Operation.EMBEDDINGS:
                return results.encode_embeddings(request, model=model)
            case Operation.RERANK:
                return results.encode_ranking(request, model=model)
            case _:
                return outgoing.encode_request(request, model=model)

    def relay(self, origin: Origin) -> Reader:
        raise LookupError("nobody speaks Cohere's dialect to us")

    def decoder(self, origin: Origin) -> Decoder:
        return answer.MessageDecoder(origin)

    def decode_completion(self, body: bytes, origin: Origin) -> Completion:
        raise LookupError("nobody speaks Cohere's dialect to us")

    def frames_of_completion(self, body: bytes, origin: Origin) -> list[Frame]:
        raise LookupError("nobody speaks Cohere's dialect to us")

    def events_of_completion(self, body: bytes, origin: Origin) -> Sequence[Event]:
        return answer.events_of_completion(body, origin)

    def decode_result(self, body: bytes, *, media_type: str, origin: Origin) -> Completion:
        return results.decode_result(body, origin)

    def relay_result(self, origin: Origin) -> None:
        return None

    def decode_error(
        self, *, status: int, headers: Mapping[str, str], body: bytes, now: float, secrets: Collection[str]
    ) -> Failure:
        return decode_error(status=status, headers=headers, body=body, now=now, secrets=secrets)

    def decode_models(self, body: bytes) -> Sequence[str]:
        return [item["name"] for item in orjson.loads(body)["models"] if isinstance(item["name"], str)]


UPSTREAM = CohereUpstream()
