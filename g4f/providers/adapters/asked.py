"""What the adapters of services for pictures, sound and vectors have in common: reading requests in OpenAI's words.

What a service has no words for is dropped by name, or refused where leaving it out would change what is asked.
"""

from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from g4f.dialects.face import Origin
from g4f.dialects.openai.results import decode_result, is_json, result_of
from g4f.dialects.openai.wire import bad_response
from g4f.exchange.answer import Completion
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import File, Request
from g4f.providers.magic import media_type as kind_of

#: Fields that every operation has and that are no service's own: who asks, and in what form the answer is wanted,
#: which is seen to when it is here.
SHARED = frozenset({"model", "n", "response_format", "stream", "user"})


def unsupported(provider_has_no: str) -> AttemptFailed:
    """The failure of a request that a service has no words for: the next target is asked."""
    return AttemptFailed(Failure(kind=FailureKind.UNSUPPORTED, message=f"The provider has no {provider_has_no}."))


def path_of(*parts: str, **query: Any) -> str:
    """A path of which each part is one segment, and its query; None and empty values are left out."""
    path = "".join(f"/{quote(part, safe='')}" for part in parts)
    asked = {name: _said(value) for name, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(asked, quote_via=quote)}" if asked else path


def model_path(model: str) -> str:
    """A model's name as a path, in which its slashes divide; what could lead elsewhere is refused. Raises
    AttemptFailed."""
    parts = model.split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise AttemptFailed(Failure(kind=FailureKind.NOT_FOUND, message="The provider has no model of this name."))
    return "/".join(quote(part, safe=":@") for part in parts)


def dropped(payload: Mapping[str, Any], known: Collection[str]) -> tuple[str, ...]:
    """The fields of a request that are left out because the service has none of the kind."""
    return tuple(name for name in payload if name not in known and name not in SHARED)


def sides(payload: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """`size` as width and height in pixels; nothing where it is left to the service (`auto`)."""
    width, times, height = str(payload.get("size") or "").partition("x")
    if times and width.isdecimal() and height.isdecimal():
        yield "width", int(width)
        yield "height", int(height)


def text_of(payload: Mapping[str, Any]) -> str:
    """The text to be spoken."""
    return str(payload["input"])


def voice_of(payload: Mapping[str, Any]) -> str | None:
    """The voice by its name, or by the id of an object."""
    voice = payload.get("voice")
    found = voice.get("id") if isinstance(voice, Mapping) else voice
    return found if isinstance(found, str) and found else None


def sound(request: Request) -> File:
    """The file that is to be heard."""
    return next(file for file in request.files if file.field == "file")


def no_subtitles(payload: Mapping[str, Any]) -> None:
    """Refuse forms of a transcript that are more than its text. Raises AttemptFailed."""
    if payload.get("response_format") in ("srt", "vtt"):
        raise unsupported("subtitles")


def picture(body: bytes, media_type: str, origin: Origin) -> Completion:
    """The answer that a picture's bytes are. Raises AttemptFailed for what is none."""
    if is_json(media_type):
        return decode_result(body, media_type=media_type, origin=origin)
    if not (kind_of(body) or "").startswith("image/"):
        raise bad_response(f"{origin.provider} answered with something that is no picture")
    return result_of({"data": [{"b64_json": b64encode(body).decode("ascii")}]}, origin)


def heard(text: Any, origin: Origin, **more: Any) -> Completion:
    """A transcript; what is known beside its text is told to those who asked for `verbose_json`."""
    if not isinstance(text, str):
        raise bad_response(f"{origin.provider} answered without a transcript")
    verbose = origin.request.payload.get("response_format") == "verbose_json"
    known = {name: value for name, value in more.items() if value is not None}
    return result_of({"text": text, **({"task": "transcribe", **known} if verbose else {})}, origin)


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
