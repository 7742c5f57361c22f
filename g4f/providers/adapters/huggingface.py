"""Hugging Face: chats through its router in OpenAI's dialect; pictures, vectors and transcripts by its own inference.

https://huggingface.co/docs/inference-providers/providers/hf-inference and .../tasks. What the router's partners do
beside chats has an API of each partner's own: those are rows of their own.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from g4f.dialects.face import Origin, Outgoing
from g4f.dialects.fields import write_object
from g4f.dialects.openai.face import OpenAIUpstream
from g4f.dialects.openai.results import result_of
from g4f.dialects.openai.wire import bad_response
from g4f.exchange.answer import Completion
from g4f.exchange.request import Operation, Request
from g4f.providers.adapters import asked
from g4f.providers.adapters.one_picture import OnePicture
from g4f.providers.endpoint import EndpointOptions
from g4f.providers.transport import Pools
from g4f.providers.types import Adapter

#: Parameters of a picture beside its size (.../tasks/text-to-image).
_PICTURE = ("guidance_scale", "negative_prompt", "num_inference_steps", "seed", "scheduler")


class HuggingFaceFace(OpenAIUpstream):
    """How Hugging Face is asked; `base_url` is the router's root."""

    models_path = "/v1/models"

    def encode_request(self, request: Request, *, model: str) -> Outgoing:
        match request.operation:
            case Operation.IMAGE_GENERATION:
                return _picture(request, model)
            case Operation.EMBEDDINGS:
                return _vectors(request, model)
            case Operation.TRANSCRIPTION:
                return _transcript(request, model)
            case _:
                outgoing = super().encode_request(request, model=model)
                return replace(outgoing, path=f"/v1{outgoing.path}")

    def decode_result(self, body: bytes, *, media_type: str, origin: Origin) -> Completion:
        match origin.request.operation:
            case Operation.IMAGE_GENERATION:
                return asked.picture(body, media_type, origin)
            case Operation.EMBEDDINGS:
                return result_of({"data": _read_vectors(body, origin)}, origin)
            case Operation.TRANSCRIPTION:
                said = _loads(body, origin)
                return asked.heard(said.get("text") if isinstance(said, dict) else None, origin)
            case _:
                return super().decode_result(body, media_type=media_type, origin=origin)


def _picture(request: Request, model: str) -> Outgoing:
    payload = request.payload
    parameters = {**dict(asked.sides(payload)), **{name: payload[name] for name in _PICTURE if name in payload}}
    return Outgoing(
        path=_path(model),
        body=write_object({"inputs": payload["prompt"], "parameters": parameters}),
        dropped=asked.dropped(payload, {"prompt", "size", *_PICTURE}),
    )


def _vectors(request: Request, model: str) -> Outgoing:
    payload = request.payload
    texts = [payload["input"]] if isinstance(payload["input"], str) else payload["input"]
    if not all(isinstance(text, str) for text in texts):
        raise asked.unsupported("vectors for tokens; send text")
    if "dimensions" in payload:
        raise asked.unsupported("choice of dimensions")
    return Outgoing(
        path=_path(model, "/pipeline/feature-extraction"),
        body=write_object({"inputs": texts}),
        dropped=asked.dropped(payload, {"input", "encoding_format"}),
    )


def _transcript(request: Request, model: str) -> Outgoing:
    asked.no_subtitles(request.payload)
    file = asked.sound(request)
    dropped = asked.dropped(request.payload, {"timestamp_granularities"})
    return Outgoing(path=_path(model), body=bytes(file.content), content_type=file.media_type, dropped=dropped)


def _path(model: str, task: str = "") -> str:
    return f"/hf-inference/models/{asked.model_path(model)}{task}"


def _read_vectors(body: bytes, origin: Origin) -> list[Mapping[str, Any]]:
    vectors = _loads(body, origin)
    if not isinstance(vectors, list):
        raise bad_response(f"{origin.provider} answered without vectors")
    return [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)]


def _loads(body: bytes, origin: Origin) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise bad_response(f"{origin.provider} answered with something that is not JSON") from None


def bind(options: EndpointOptions, pools: Pools) -> Adapter:
    """The adapter of a row."""
    return OnePicture(options.rooted(), pools, HuggingFaceFace())
