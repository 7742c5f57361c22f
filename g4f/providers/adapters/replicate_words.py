"""The words of Replicate's predictions, sans-IO: inputs from requests in OpenAI's words, and what comes out.

What an input is called is each model's own. The names here are those that its official models share
(https://replicate.com/docs/topics/models/official-models); fields of a request that OpenAI does not have go along as
they are, so that a program can say what its model wants.
"""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd
from typing import Any, Self
from urllib.parse import quote

import orjson

from g4f.dialects import hub
from g4f.dialects.face import Origin, Outgoing
from g4f.dialects.fields import write_object
from g4f.dialects.openai.face import OpenAIUpstream
from g4f.dialects.openai.results import result_of
from g4f.dialects.openai.wire import bad_response, is_count
from g4f.dialects.scrub import scrub
from g4f.exchange.answer import Completion, Usage
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import File, Operation, Request
from g4f.providers.adapters import asked

_ID = re.compile(r"[a-z0-9]{1,64}")
_RUNNING = frozenset({"starting", "processing", "queued"})
_MODEL = re.compile(r"[\w.-]+/[\w.-]+(?::[0-9a-f]{64})?|[0-9a-f]{64}")
#: OpenAI's words for pictures that no model there has.
_FOREIGN = frozenset({"background", "moderation", "output_compression", "partial_images", "quality", "style", "size"})
_CHAT = {"temperature": "temperature", "top_p": "top_p", "top_k": "top_k", "seed": "seed", "stop": "stop_sequences"}
#: What the words of a failed prediction say that its status does not.
_UNSAFE = ("nsfw", "sensitive", "safety", "flagged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """A prediction as it was when it was looked at."""

    id: str
    status: str
    output: Any
    error: Any
    metrics: Mapping[str, Any]

    @classmethod
    def read(cls, value: Any, provider: str) -> Self:
        """Raises AttemptFailed for what is none. Its `urls` are not used: the address is made of its id."""
        found = value if isinstance(value, dict) else {}
        id_, status, metrics = found.get("id"), found.get("status"), found.get("metrics")
        if not isinstance(id_, str) or not _ID.fullmatch(id_) or not isinstance(status, str):
            raise bad_response(f"{provider} answered with something that is no prediction")
        output, error = found.get("output"), found.get("error")
        return cls(id=id_, status=status, output=output, error=error, metrics=metrics if metrics else {})

    @property
    def path(self) -> str:
        return f"/v1/predictions/{self.id}"

    @property
    def done(self) -> bool:
        return self.status in ("succeeded", "successful")

    @property
    def ended(self) -> bool:
        return self.status not in _RUNNING

    @property
    def text(self) -> str:
        """The output as text: a string, or pieces of one."""
        pieces = self.output if isinstance(self.output, list) else [self.output]
        return "".join(piece for piece in pieces if isinstance(piece, str))

    @property
    def usage(self) -> Usage | None:
        read, written = (self.metrics.get(name) for name in ("input_token_count", "output_token_count"))
        return Usage(read, written) if is_count(read) and is_count(written) else None

    def check(self, origin: Origin) -> None:
        """Raise AttemptFailed if it will never be done, or is done with nothing."""
        if self.done and not self.output:
            message = f"{origin.provider} answered with nothing"
            raise AttemptFailed(Failure(kind=FailureKind.EMPTY, message=message))
        if self.done or not self.ended:
            return
        said = scrub(str(self.error or self.status), origin.secrets)
        unsafe = any(word in said.lower() for word in _UNSAFE)
        kind = FailureKind.CONTENT_FILTER if unsafe else FailureKind.SERVER_ERROR
        raise AttemptFailed(Failure(kind=kind, message=f"{origin.provider}: the prediction {self.status}: {said}"))


class ReplicateFace(OpenAIUpstream):
    """How predictions are created; `base_url` is the root."""

    models_path = "/v1/models"

    def encode_request(self, request: Request, *, model: str) -> Outgoing:
        if not _MODEL.fullmatch(model):
            text = "A model of Replicate is called owner/name, or owner/name:version."
            raise AttemptFailed(Failure(kind=FailureKind.NOT_FOUND, message=text))
        given, dropped = _chat(request.payload) if request.operation is Operation.CHAT else _picture(request, model)
        name, _, version = model.rpartition(":") if ":" in model else (model, "", "")
        if "/" not in name:
            name, version = "", name
        path = "/v1/predictions" if version else f"/v1/models/{quote(name)}/predictions"
        body = {"input": given, **({"version": version} if version else {})}
        return Outgoing(path=path, body=write_object(body), dropped=dropped)

    def pictures(self, prediction: Prediction, origin: Origin) -> Completion:
        """The addresses of what was made. Raises AttemptFailed for an output that has none."""
        output = prediction.output
        urls = output if isinstance(output, list) else [output]
        if not all(isinstance(url, str) and url.startswith(("https://", "http://", "data:")) for url in urls):
            raise bad_response(f"{origin.provider} answered with something that is no picture")
        return result_of({"data": [_image(url) for url in urls]}, origin)

    def decode_models(self, body: bytes) -> Sequence[str]:
        return [f"{item['owner']}/{item['name']}" for item in orjson.loads(body)["results"]]


def _image(url: str) -> dict[str, str]:
    return {"b64_json": url} if url.startswith("data:") else {"url": url}


def _chat(payload: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The last words as the prompt, with what was said before; instructions apart."""
    hub.refuse_other_answers(payload, "Replicate")
    if payload.get("tools") and payload.get("tool_choice") != "none":
        raise asked.unsupported("tools")
    messages = [message for message in payload["messages"] if isinstance(message, Mapping)]
    for message in messages:
        if any(part.get("type") not in ("text", "refusal") for part in hub.parts_of(message.get("content"))):
            raise asked.unsupported("other messages than text")
    system = [hub.text_of(m.get("content"), "\n") for m in messages if m.get("role") in ("system", "developer")]
    talk = [m for m in messages if m.get("role") not in ("system", "developer")]
    given: dict[str, Any] = {"prompt": _prompt(talk)}
    if system:
        given["system_prompt"] = "\n\n".join(system)
    most = hub.most_tokens(payload)
    if most is not None:
        given["max_tokens"] = most
    given |= {theirs: payload[ours] for ours, theirs in _CHAT.items() if payload.get(ours) is not None}
    handled = (*_CHAT, "max_tokens", "max_completion_tokens", "tools", "tool_choice")
    return given, tuple(hub.unhandled(payload, handled))


def _prompt(talk: Sequence[Mapping[str, Any]]) -> str:
    texts = [(str(m.get("role")).capitalize(), hub.text_of(m.get("content"), "\n")) for m in talk]
    if len(texts) == 1:
        return texts[0][1]
    return "\n\n".join([*(f"{speaker}: {text}" for speaker, text in texts), "Assistant:"])


def _picture(request: Request, model: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    payload = request.payload
    size = dict(asked.sides(payload))
    given: dict[str, Any] = {
        name: value for name, value in payload.items() if name not in asked.SHARED and name not in _FOREIGN
    }
    if size:
        shared = gcd(size["width"], size["height"]) or 1
        given |= {"aspect_ratio": f"{size['width'] // shared}:{size['height'] // shared}", **size}
    if payload.get("n", 1) > 1:
        given["num_outputs"] = payload["n"]
    given |= _files(request.files, model)
    return given, tuple(name for name in payload if name in _FOREIGN and name != "size")


def _files(files: Sequence[File], model: str) -> dict[str, str]:
    """Pictures to change, as data: URLs, by the names that the two families of models have for them."""
    own = "input_image" if "kontext" in model or "flux-2" in model else "image"
    found = {}
    for field, name in (("image", own), ("mask", "mask")):
        for number, file in enumerate((file for file in files if file.field == field), 1):
            key = name if number == 1 else f"{name}_{number}"
            found[key] = f"data:{file.media_type};base64,{b64encode(file.content).decode('ascii')}"
    return found
