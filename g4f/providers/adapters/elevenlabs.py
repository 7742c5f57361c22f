"""ElevenLabs: speech and transcripts by its own API, asked and answered in OpenAI's words.

https://elevenlabs.io/docs/api-reference/text-to-speech/stream and .../speech-to-text/convert
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from g4f.dialects.face import Origin, Outgoing
from g4f.dialects.fields import write_object
from g4f.dialects.multipart import write_form
from g4f.dialects.openai.face import OpenAIUpstream
from g4f.dialects.openai.results import decode_result
from g4f.exchange.answer import Completion
from g4f.exchange.failure import Failure, FailureKind
from g4f.exchange.request import File, Operation, Request
from g4f.providers.adapters import asked
from g4f.providers.endpoint import Endpoint, EndpointOptions
from g4f.providers.transport import Pools
from g4f.providers.types import Adapter

#: The voice where a request names none that is ElevenLabs' own: Rachel, the one of its quickstart.
USUAL_VOICE = "21m00Tcm4TlvDq8ikWAM"
_VOICE_ID = re.compile(r"[A-Za-z0-9]{20}")
#: OpenAI's forms of sound (24 kHz for raw samples), and any of its own names.
_FORMS = {"mp3": "mp3_44100_128", "opus": "opus_48000_128", "pcm": "pcm_24000", "wav": "wav_24000"}
_OWN_FORM = re.compile(r"(mp3|opus|pcm|wav|ulaw|alaw)_\d{4,6}(_\d{2,3})?")
_SPEECH = {"input", "voice", "speed", "language_code", "seed", "voice_settings", "previous_text", "next_text"}
#: What its errors are called where the status does not say (https://elevenlabs.io/docs/developers/resources/errors).
_KINDS: Mapping[str, FailureKind] = {
    "quota_exceeded": FailureKind.QUOTA,
    "too_many_concurrent_requests": FailureKind.RATE_LIMITED,
    "system_busy": FailureKind.OVERLOADED,
    "max_character_limit_exceeded": FailureKind.CONTEXT_LENGTH,
}


class ElevenLabsFace(OpenAIUpstream):
    """How ElevenLabs is asked; `base_url` is its root."""

    models_path = "/v1/models"

    def headers(self, key: str | None) -> Mapping[str, str]:
        return {"xi-api-key": key} if key else {}

    def encode_request(self, request: Request, *, model: str) -> Outgoing:
        return (_speech if request.operation is Operation.SPEECH else _transcription)(request, model)

    def decode_result(self, body: bytes, *, media_type: str, origin: Origin) -> Completion:
        if origin.request.operation is Operation.SPEECH:
            return decode_result(body, media_type=media_type, origin=origin)
        said = _object(body)
        words = [
            {"word": word.get("text"), "start": word.get("start"), "end": word.get("end")}
            for word in said.get("words") or []
            if isinstance(word, dict) and word.get("type", "word") == "word"
        ]
        return asked.heard(said.get("text"), origin, language=said.get("language_code"), words=words or None)

    def decode_error(
        self, *, status: int, headers: Mapping[str, str], body: bytes, now: float, secrets: Collection[str]
    ) -> Failure:
        failure = super().decode_error(status=status, headers=headers, body=body, now=now, secrets=secrets)
        detail = _object(body).get("detail")
        kind = _KINDS.get(str(detail.get("status") or detail.get("code"))) if isinstance(detail, dict) else None
        return failure if kind is None else replace(failure, kind=kind)

    def decode_models(self, body: bytes) -> Sequence[str]:
        return [item["model_id"] for item in orjson.loads(body)]


def _speech(request: Request, model: str) -> Outgoing:
    payload = request.payload
    voice = asked.voice_of(payload)
    own = voice if voice is not None and _VOICE_ID.fullmatch(voice) else None
    wanted = str(payload.get("response_format") or "mp3")
    form = wanted if _OWN_FORM.fullmatch(wanted) else _FORMS.get(wanted)
    if form is None:
        raise asked.unsupported(f"sound as {wanted[:16]}")
    body: dict[str, Any] = {"text": asked.text_of(payload), "model_id": model}
    body |= {name: payload[name] for name in _SPEECH - {"input", "voice", "speed"} if name in payload}
    if "speed" in payload:
        body["voice_settings"] = {"speed": payload["speed"], **(payload.get("voice_settings") or {})}
    return Outgoing(
        path=asked.path_of("v1", "text-to-speech", own or USUAL_VOICE, "stream", output_format=form),
        body=write_object(body),
        dropped=(*(("voice",) if voice and not own else ()), *asked.dropped(payload, _SPEECH)),
    )


def _transcription(request: Request, model: str) -> Outgoing:
    payload = request.payload
    asked.no_subtitles(payload)
    file = asked.sound(request)
    fields = {"model_id": model, "language_code": payload.get("language"), "temperature": payload.get("temperature")}
    content_type, body = write_form(
        [(name, str(value)) for name, value in fields.items() if value is not None],
        [File(field="file", content=file.content, name=file.name, media_type=file.media_type)],
    )
    left_out = asked.dropped(payload, {"language", "temperature", "timestamp_granularities"})
    return Outgoing(path="/v1/speech-to-text", body=body, content_type=content_type, dropped=left_out)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def bind(options: EndpointOptions, pools: Pools) -> Adapter:
    """The adapter of a row."""
    return Endpoint(options.rooted(), pools, ElevenLabsFace())
