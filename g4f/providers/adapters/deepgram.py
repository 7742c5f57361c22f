"""Deepgram: transcripts and speech by its own API, asked and answered in OpenAI's words.

https://developers.deepgram.com/reference/speech-to-text/listen-pre-recorded and .../text-to-speech/speak-request
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson

from g4f.dialects.face import Origin, Outgoing
from g4f.dialects.fields import write_object
from g4f.dialects.openai.face import OpenAIUpstream
from g4f.dialects.openai.results import decode_result
from g4f.dialects.openai.wire import bad_response
from g4f.exchange.answer import Completion
from g4f.exchange.failure import Failure
from g4f.exchange.request import Operation, Request
from g4f.providers.adapters import asked
from g4f.providers.endpoint import Endpoint, EndpointOptions
from g4f.providers.transport import Pools
from g4f.providers.types import Adapter

#: OpenAI's forms of sound as Deepgram's (https://developers.deepgram.com/docs/tts-media-output-settings); raw samples
#: are 24 kHz, as OpenAI's.
_FORMS: Mapping[str, Mapping[str, Any]] = {
    "mp3": {"encoding": "mp3"},
    "opus": {"encoding": "opus", "container": "ogg"},
    "aac": {"encoding": "aac"},
    "flac": {"encoding": "flac"},
    "wav": {"encoding": "linear16", "container": "wav"},
    "pcm": {"encoding": "linear16", "container": "none", "sample_rate": 24000},
}


class DeepgramFace(OpenAIUpstream):
    """How Deepgram is asked; `base_url` is its root."""

    models_path = "/v1/models"

    def headers(self, key: str | None) -> Mapping[str, str]:
        return {"Authorization": f"Token {key}"} if key else {}

    def encode_request(self, request: Request, *, model: str) -> Outgoing:
        return (_speech if request.operation is Operation.SPEECH else _transcription)(request, model)

    def decode_result(self, body: bytes, *, media_type: str, origin: Origin) -> Completion:
        if origin.request.operation is Operation.SPEECH:
            return decode_result(body, media_type=media_type, origin=origin)
        try:
            said = orjson.loads(body)
            channel = said["results"]["channels"][0]
            best = channel["alternatives"][0]
            text, words = best["transcript"], best.get("words") or []
            timed = [{name: word.get(name) for name in ("word", "start", "end")} for word in words]
        except (ValueError, LookupError, TypeError, AttributeError):
            raise bad_response(f"{origin.provider} answered without a transcript") from None
        duration = (said.get("metadata") or {}).get("duration")
        language = channel.get("detected_language")
        return asked.heard(text, origin, language=language, duration=duration, words=timed or None)

    def decode_error(
        self, *, status: int, headers: Mapping[str, str], body: bytes, now: float, secrets: Collection[str]
    ) -> Failure:
        return super().decode_error(status=status, headers=headers, body=_usual(body), now=now, secrets=secrets)

    def decode_models(self, body: bytes) -> Sequence[str]:
        listed = orjson.loads(body)
        return list(dict.fromkeys(item["canonical_name"] for kind in ("stt", "tts") for item in listed[kind]))


def _speech(request: Request, model: str) -> Outgoing:
    """A voice is a model there: one that a request names takes the model's place."""
    payload = request.payload
    voice = asked.voice_of(payload)
    own = voice if voice is not None and voice.startswith("aura") else None
    wanted = str(payload.get("response_format") or "mp3")
    form = _FORMS.get(wanted)
    if form is None:
        raise asked.unsupported(f"sound as {wanted[:16]}")
    return Outgoing(
        path=asked.path_of("v1", "speak", model=own or model, **form),
        body=write_object({"text": asked.text_of(payload)}),
        dropped=(*(("voice",) if voice and not own else ()), *asked.dropped(payload, {"input", "voice"})),
    )


def _transcription(request: Request, model: str) -> Outgoing:
    payload = request.payload
    asked.no_subtitles(payload)
    file, language = asked.sound(request), payload.get("language")
    return Outgoing(
        path=asked.path_of(
            *("v1", "listen"), model=model, smart_format=True, language=language, detect_language=not language or None
        ),
        body=bytes(file.content),
        content_type=file.media_type,
        dropped=asked.dropped(payload, {"language", "timestamp_granularities"}),
    )


def _usual(body: bytes) -> bytes:
    """Deepgram's error (`err_code`, `err_msg`) in the usual words."""
    try:
        error = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body
    if not isinstance(error, dict) or "err_msg" not in error:
        return body
    return orjson.dumps({"error": {"message": error["err_msg"], "code": error.get("err_code")}})


def bind(options: EndpointOptions, pools: Pools) -> Adapter:
    """The adapter of a row."""
    return Endpoint(options.rooted(), pools, DeepgramFace())
