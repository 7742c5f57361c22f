"""Answers that are media, or about them, made regular: images, speech and transcripts."""

from typing import Any

import orjson

from g4f.dialects.face import Origin
from g4f.dialects.openai.wire import Json, bad_response
from g4f.exchange.answer import Completion, Usage
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind

#: Forms of a transcript that are text (https://platform.openai.com/docs/api-reference/audio/createTranscription).
TEXTS = frozenset({"text", "srt", "vtt"})
TEXT_TYPE = "text/plain; charset=utf-8"
#: Media types of speech by `response_format`, for upstreams that give none. OpenAI's default is mp3.
_SPEECH = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
_VAGUE = frozenset({"", "application/octet-stream", "binary/octet-stream"})


def mend_images(value: Json, origin: Origin) -> bool:
    """`data`, each with a `url` or `b64_json`."""
    images = value.get("data")
    if not isinstance(images, list):
        raise bad_response(f"{origin.provider} answered without images")
    kept = [image for image in images if isinstance(image, dict) and (image.get("url") or image.get("b64_json"))]
    if not kept:
        raise AttemptFailed(Failure(kind=FailureKind.EMPTY, message=f"{origin.provider} answered without an image"))
    if not all(isinstance(image.get(name), str | None) for image in kept for name in ("url", "b64_json")):
        raise bad_response(f"{origin.provider} answered with an image that is none")
    changed = len(kept) != len(images)
    value["data"] = kept
    for image in kept:
        encoded = image.get("b64_json") or ""
        if encoded[:5].lower() == "data:":
            image["b64_json"], changed = encoded.partition(",")[2], True
    if type(value.get("created")) is not int:
        value["created"], changed = origin.now, True
    return changed


def speech(body: bytes, media_type: str, origin: Origin) -> Completion:
    """Audio as it came. Raises AttemptFailed where there is none."""
    if media_type.startswith("text/"):
        raise bad_response(f"{origin.provider} answered with text in place of audio")
    if not body:
        raise silent(origin)
    return Completion(body, media_type=speech_type(media_type, origin))


def silent(origin: Origin) -> AttemptFailed:
    """The failure of speech without a sound."""
    return AttemptFailed(Failure(kind=FailureKind.EMPTY, message=f"{origin.provider} answered without audio"))


def speech_type(media_type: str, origin: Origin) -> str:
    """The media type to pass on: the upstream's word, or what was asked for."""
    if media_type not in _VAGUE:
        return media_type
    return _SPEECH.get(str(origin.request.payload.get("response_format") or "mp3"), "application/octet-stream")


def transcript(said: Json | str, origin: Origin, wire: bytes = b"", usage: Usage | None = None) -> Completion:
    """What was heard, in the form that was asked for, also where the upstream knows only the other one.

    A transcript may be empty: nobody may have said anything. Subtitles (`srt`, `vtt`) cannot be made of a text.
    """
    wanted: Any = origin.request.payload.get("response_format") or "json"
    if isinstance(said, str):
        if wanted in TEXTS:
            return Completion(said.encode(), usage=usage, media_type=TEXT_TYPE)
        return Completion(orjson.dumps({"text": said.strip()}), usage=usage)
    text = said.get("text")
    if not isinstance(text, str):
        raise bad_response(f"{origin.provider} answered without a transcript")
    if wanted == "text":
        return Completion(text.encode("utf-8", "replace") + b"\n", usage=usage, media_type=TEXT_TYPE)
    if wanted in TEXTS:
        raise bad_response(f"{origin.provider} answered with JSON in place of subtitles")
    return Completion(wire or orjson.dumps(said), usage=usage)
