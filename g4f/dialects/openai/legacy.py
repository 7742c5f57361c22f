"""Completions of the old kind asked as chats: for upstreams that have nothing else.

The prompt becomes one message of the user, so the model answers it rather than continuing it; that is all a chat
model can do. What a chat has no words for (`suffix`, `echo`, `best_of`) is named as dropped.
"""

from dataclasses import replace
from typing import Any

import orjson

from g4f.dialects.face import Reader
from g4f.dialects.openai.text_results import COMPLETION
from g4f.dialects.openai.wire import Json, chunks_of, event_of
from g4f.exchange.answer import Completion, Frame
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import Operation, Request

#: What a chat has no words for. `logprobs` is a number here and a flag there.
_OWN = ("suffix", "echo", "best_of", "logprobs")


def as_chat(request: Request) -> tuple[Request, tuple[str, ...]]:
    """The chat that stands for a completion, and what of it was left out. Raises AttemptFailed for several prompts
    or tokens."""
    prompt: Any = request.payload["prompt"]
    if isinstance(prompt, list) and len(prompt) == 1:
        prompt = prompt[0]
    if not isinstance(prompt, str):
        message = "several prompts, or tokens, cannot be asked of a model that only chats"
        raise AttemptFailed(Failure(kind=FailureKind.UNSUPPORTED, message=message))
    payload = {name: value for name, value in request.payload.items() if name not in ("prompt", *_OWN)}
    payload["messages"] = [{"role": "user", "content": prompt}]
    dropped = tuple(name for name in _OWN if request.payload.get(name))
    return replace(request, operation=Operation.CHAT, payload=payload), dropped


def text_of(whole: Completion) -> Completion:
    """The completion that a chat's answer stands for."""
    value = _texts(orjson.loads(whole.wire), "message")
    return replace(whole, wire=orjson.dumps(value))


def text_frames(frames: list[Frame]) -> list[Frame]:
    """The frames of a chat's stream as those of a completion's."""
    return [
        replace(frame, wire=b"".join(event_of(_texts(chunk, "delta")) for chunk in chunks_of(frame.wire)))
        for frame in frames
    ]


class TextReader:
    """Reads a chat's stream for a caller of completions."""

    def __init__(self, chat: Reader) -> None:
        self._chat = chat

    @property
    def finished(self) -> bool:
        return self._chat.finished

    def feed(self, chunk: bytes) -> list[Frame]:
        return text_frames(self._chat.feed(chunk))

    def check(self) -> None:
        self._chat.check()

    def close(self) -> list[Frame]:
        return text_frames(self._chat.close())


def _texts(value: Json, holder: str) -> Json:
    choices = [
        {
            "index": choice["index"],
            "text": (choice.get(holder) or {}).get("content") or "",
            "logprobs": None,
            "finish_reason": choice.get("finish_reason"),
        }
        for choice in value["choices"]
    ]
    return {**value, "id": str(value["id"]).replace("chatcmpl-", "cmpl-", 1), "object": COMPLETION, "choices": choices}
