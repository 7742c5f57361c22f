"""What Demo answers to anything but a chat: the same to the same request, small, and plainly no model's work."""

import math
import struct
import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

from g4f.dialects.face import Origin
from g4f.dialects.openai.media_results import transcript
from g4f.dialects.openai.results import result_of
from g4f.exchange.answer import Completion
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import Operation

#: Numbers of a vector where the request does not say how many, and at most.
DIMENSIONS = 64
MOST_DIMENSIONS = 4096
#: Texts of one request (OpenAI's own bound for embeddings), and characters and words of each that are looked at: all
#: this is made where other requests wait.
MOST_TEXTS = 2048
MOST_READ, MOST_WORDS = 8192, 1000
#: Pixels of a picture's side; Hz and seconds of the beep; Hz of its tone.
SIDE = 64
RATE = 8000
SECONDS = 0.25
TONE = 440
_CATEGORIES = (
    *("harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent"),
    *("self-harm", "self-harm/instructions", "self-harm/intent"),
    *("sexual", "sexual/minors", "violence", "violence/graphic"),
)
#: One line from the first second (https://www.w3.org/TR/webvtt1/; SubRip has commas in its times).
_SUBTITLES = {
    "srt": "1\n00:00:00,000 --> 00:00:01,000\n{text}\n\n",
    "vtt": "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n{text}\n\n",
}


def demo_result(origin: Origin) -> Completion:
    """Demo's whole answer, in OpenAI's words. Raises AttemptFailed for more texts than it takes."""
    operation = origin.request.operation
    _check_number(origin)
    if operation is Operation.SPEECH:
        return Completion(beep(), media_type="audio/wav")
    subtitles = _SUBTITLES.get(str(origin.request.payload.get("response_format")))
    if operation in (Operation.TRANSCRIPTION, Operation.TRANSLATION) and subtitles:
        return transcript(subtitles.format(text=_heard(origin)), origin)
    return result_of(_MAKERS[operation](origin), origin)


def _check_number(origin: Origin) -> None:
    for name in ("input", "prompt", "documents"):
        given = origin.request.payload.get(name)
        if isinstance(given, list) and len(given) > MOST_TEXTS:
            message = f"Demo takes at most {MOST_TEXTS} of them in one request"
            raise AttemptFailed(
                Failure(kind=FailureKind.BAD_REQUEST, message=message, status=400, param=name, code="invalid_value")
            )


def vector(text: str, dimensions: int) -> list[float]:
    """A unit vector made of a text's words: texts that share words are closer to each other."""
    numbers = [0.0] * dimensions
    for place, number in _direction(text, dimensions).items():
        numbers[place] = number
    return numbers


def _direction(text: str, dimensions: int) -> dict[int, float]:
    """What is not zero of a text's unit vector. The first words decide."""
    numbers: dict[int, float] = {}
    for word in text[:MOST_READ].lower().split()[:MOST_WORDS] or [text[:MOST_READ]]:
        digest = blake2b(word.encode("utf-8", "replace"), digest_size=8).digest()
        place, sign = int.from_bytes(digest[:7], "big") % dimensions, 1 if digest[7] & 1 else -1
        numbers[place] = numbers.get(place, 0.0) + sign
    length = math.hypot(*numbers.values())
    return {place: number / length for place, number in numbers.items()} if length else {0: 1.0}


def picture(prompt: str, number: int) -> bytes:
    """A PNG of one colour, which the prompt decides (PNG 1.2: signature, IHDR, IDAT, IEND)."""
    colour = blake2b(f"{number}\0{prompt}".encode("utf-8", "replace"), digest_size=3).digest()
    rows = (b"\0" + colour * SIDE) * SIDE
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def beep() -> bytes:
    """A WAV file with a short tone: 16 bits, mono."""
    count = int(RATE * SECONDS)
    wave = (int(8000 * math.sin(2 * math.pi * TONE * place / RATE)) for place in range(count))
    samples = struct.pack(f"<{count}h", *wave)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16)
    return (
        struct.pack("<4sI4s", b"RIFF", 4 + len(form) + 8 + len(samples), b"WAVE")
        + form
        + (struct.pack("<4sI", b"data", len(samples)) + samples)
    )


def _completion(origin: Origin) -> dict[str, Any]:
    prompt = origin.request.payload["prompt"]
    prompts = prompt if isinstance(prompt, list) and prompt and not isinstance(prompt[0], int) else [prompt]
    texts = [f"This is Demo, the built-in model of g4f. You said: {str(said)[:400]}" for said in prompts]
    texts = [text for text in texts for _ in range(min(int(origin.request.payload.get("n", 1)), 16))]
    return {
        "choices": [{"text": text, "logprobs": None, "finish_reason": "stop"} for text in texts],
        "usage": _usage(prompts, texts),
    }


def _embeddings(origin: Origin) -> dict[str, Any]:
    given = origin.request.payload["input"]
    texts = given if isinstance(given, list) and not (given and isinstance(given[0], int)) else [given]
    dimensions = min(int(origin.request.payload.get("dimensions", DIMENSIONS)), MOST_DIMENSIONS)
    count = _words(texts)
    return {
        "data": [{"embedding": vector(str(text), dimensions)} for text in texts],
        "usage": {"prompt_tokens": count, "total_tokens": count},
    }


def _moderation(origin: Origin) -> dict[str, Any]:
    given = origin.request.payload["input"]
    # A list of parts is one input; a list of texts is as many.
    count = len(given) if isinstance(given, list) and all(isinstance(item, str) for item in given) else 1
    verdict = {
        "flagged": False,
        "categories": dict.fromkeys(_CATEGORIES, False),
        "category_scores": dict.fromkeys(_CATEGORIES, 0.0),
    }
    return {"results": [verdict] * count}


def _ranking(origin: Origin) -> dict[str, Any]:
    """Documents by how near they are to the query."""
    payload = origin.request.payload
    query = _direction(payload["query"], MOST_DIMENSIONS)
    results = []
    for index, document in enumerate(payload["documents"]):
        text = document if isinstance(document, str) else str(document.get("text", ""))
        near = sum(query.get(place, 0.0) * part for place, part in _direction(text, MOST_DIMENSIONS).items())
        results.append({"index": index, "relevance_score": round(max(near, 0.0), 6)})
    count = _words([payload["query"], *payload["documents"]])
    return {"results": results, "usage": {"total_tokens": count}}


def _images(origin: Origin) -> dict[str, Any]:
    payload = origin.request.payload
    prompt = str(payload.get("prompt", ""))
    pictures = [picture(prompt, number) for number in range(int(payload.get("n", 1)))]
    return {"data": [{"b64_json": b64encode(content).decode(), "revised_prompt": prompt} for content in pictures]}


def _transcript(origin: Origin) -> dict[str, Any]:
    text = _heard(origin)
    match origin.request.payload.get("response_format"):
        case "verbose_json":
            segment = {
                "id": 0,
                "seek": 0,
                "start": 0.0,
                "end": 1.0,
                "text": text,
                "tokens": [],
                "temperature": 0.0,
                "avg_logprob": 0.0,
                "compression_ratio": 1.0,
                "no_speech_prob": 0.0,
            }
            return {"task": "transcribe", "language": "english", "duration": 1.0, "text": text, "segments": [segment]}
        case _:
            return {"text": text}


def _heard(origin: Origin) -> str:
    size = len(origin.request.files[0].content)
    return f"This is Demo, the built-in model of g4f: it hears nothing, but it got {size} bytes of audio."


def _words(texts: list[Any]) -> int:
    return sum(len(str(text).split()) for text in texts)


def _usage(asked: list[Any], said: list[str]) -> dict[str, int]:
    read, written = _words(asked), _words(said)
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


_MAKERS: Mapping[Operation, Callable[[Origin], dict[str, Any]]] = {
    Operation.COMPLETION: _completion,
    Operation.EMBEDDINGS: _embeddings,
    Operation.MODERATION: _moderation,
    Operation.RERANK: _ranking,
    Operation.IMAGE_GENERATION: _images,
    Operation.IMAGE_EDIT: _images,
    Operation.IMAGE_VARIATION: _images,
    Operation.TRANSCRIPTION: _transcript,
    Operation.TRANSLATION: _transcript,
}
