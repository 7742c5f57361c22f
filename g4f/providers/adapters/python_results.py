"""What a provider written in Python yields where it is asked for pictures, speech or a transcript."""

import base64
from collections.abc import AsyncIterator, Mapping
from typing import Any

from g4f.dialects.face import Origin
from g4f.dialects.openai.media_results import silent, speech, transcript
from g4f.dialects.openai.results import result_of
from g4f.exchange.answer import Completion
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import Operation, Request
from g4f.providers import response

#: What such a provider can be asked for.
OPERATIONS = frozenset(
    {
        Operation.CHAT,
        Operation.COMPLETION,
        Operation.IMAGE_GENERATION,
        Operation.IMAGE_EDIT,
        Operation.IMAGE_VARIATION,
        Operation.SPEECH,
        Operation.TRANSCRIPTION,
        Operation.TRANSLATION,
    }
)


def arguments(request: Request) -> dict[str, Any]:
    """What a method gets beside the fields of the request: the words as a message too, and the files as `media`."""
    words = request.payload.get("prompt") or request.payload.get("input") or ""
    media = [(bytes(file.content), file.name) for file in request.files]
    return {
        "prompt": words,
        "messages": [{"role": "user", "content": words}],
        **({"media": media} if media else {}),
    }


async def result(pieces: AsyncIterator[Any], origin: Origin) -> Completion:
    """The whole answer, in OpenAI's words. Raises AttemptFailed for one that has not what was asked for."""
    given = [piece async for piece in pieces if piece is not None]
    match origin.request.operation:
        case Operation.SPEECH:
            return _speech(given, origin)
        case Operation.TRANSCRIPTION | Operation.TRANSLATION:
            said = "".join(str(piece) for piece in given)
            return transcript({"text": said}, origin)
        case _:
            return _images(given, origin)


def _images(given: list[Any], origin: Origin) -> Completion:
    shown = [
        piece
        for piece in given
        if isinstance(piece, response.MediaResponse) and not isinstance(piece, response.ImagePreview)
    ]
    images = [_image(url) for piece in shown for url in piece.get_list()]
    if not images:
        raise AttemptFailed(Failure(kind=FailureKind.EMPTY, message="The provider gave no picture."))
    return result_of({"created": origin.now, "data": images}, origin)


def _image(url: str) -> Mapping[str, str]:
    head, comma, encoded = url.partition(";base64,")
    return {"b64_json": encoded} if comma and head.startswith("data:") else {"url": url}


def _speech(given: list[Any], origin: Origin) -> Completion:
    for piece in given:
        data = piece.data if isinstance(piece, response.AudioResponse) else piece
        if isinstance(data, bytes) and data:
            return speech(data, "", origin)
        if isinstance(data, str) and data.startswith("data:"):
            head, _, encoded = data.removeprefix("data:").partition(";base64,")
            return speech(base64.b64decode(encoded), head, origin)
    raise silent(origin)
