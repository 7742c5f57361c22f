"""The chunks of a stream folded into the completion that they are the pieces of.

Texts and arguments are appended, lists are extended, and of any other field the last value that is not null
stands; so nothing that an upstream adds to its chunks is lost.
"""

from collections.abc import Iterable
from typing import Any

from g4f.dialects.openai.wire import COMPLETION, Json

_APPENDED = frozenset({"content", "reasoning_content", "reasoning", "refusal"})
_HEAD = frozenset({"choices", "object", "obfuscation"})


class Folding:
    """Regular chunks (see `g4f.dialects.openai.relay`) on their way to a completion."""

    def __init__(self) -> None:
        self._body: Json = {"object": COMPLETION}
        self._choices: dict[int, Json] = {}

    def add(self, chunk: Json) -> None:
        for key, value in chunk.items():
            if key not in _HEAD and value is not None:
                self._body[key] = value
        for piece in chunk["choices"]:
            _add_choice(self._choices.setdefault(piece["index"], _new_choice(piece["index"])), piece)

    def completion(self) -> Json:
        """What the chunks so far make, with `choices` in the order of their index."""
        return {**self._body, "choices": [self._choices[index] for index in sorted(self._choices)]}


def fold(chunks: Iterable[Json]) -> Json:
    """The completion of all chunks of a stream."""
    folding = Folding()
    for chunk in chunks:
        folding.add(chunk)
    return folding.completion()


def _new_choice(index: int) -> Json:
    message = {"role": "assistant", "content": None, "refusal": None}
    return {"index": index, "message": message, "logprobs": None, "finish_reason": None}


def _add_choice(choice: Json, piece: Json) -> None:
    for key, value in piece.items():
        if key == "delta":
            _add_delta(choice["message"], value)
        elif key == "logprobs" and isinstance(value, dict):
            choice[key] = choice.get(key) or {}
            _extend(choice[key], value)
        elif key != "index" and (value is not None or key not in choice):
            choice[key] = value


def _add_delta(message: Json, delta: Json) -> None:
    for key, value in delta.items():
        if value is None:
            message.setdefault(key, None)
        elif key in _APPENDED and isinstance(value, str):
            message[key] = (message.get(key) or "") + value
        elif key == "tool_calls":
            _add_calls(message, value)
        elif key == "function_call" and isinstance(value, dict):
            message[key] = message.get(key) or {}
            _append(message[key], value, "arguments")
        elif key == "audio" and isinstance(value, dict):
            message[key] = message.get(key) or {}
            _append(message[key], value, "data", "transcript")
        elif isinstance(value, list):
            message[key] = [*(message.get(key) or []), *value]
        else:
            message[key] = value


def _add_calls(message: Json, pieces: list[Json]) -> None:
    """Adds pieces of tool calls; a regular stream numbers them in order of appearance, so the number is the
    place.
    """
    calls: list[Json] = message.get("tool_calls") or []
    message["tool_calls"] = calls
    for piece in pieces:
        if piece["index"] >= len(calls):
            calls.append({})
        call = calls[piece["index"]]
        for key, value in piece.items():
            if key in ("function", "custom") and isinstance(value, dict):
                _append(call.setdefault(key, {}), value, "arguments", "input")
            elif key != "index" and value is not None:
                call.setdefault(key, value)


def _append(whole: Json, piece: Json, *texts: str) -> None:
    """Appends the `texts`; of the rest the first value that is not empty stands (a name may be repeated)."""
    for key, value in piece.items():
        if key in texts and isinstance(value, str):
            whole[key] = (whole.get(key) or "") + value
        elif value is not None and not whole.get(key):
            whole[key] = value


def _extend(whole: Json, piece: Json) -> None:
    """Log probabilities: the lists of each piece after those of the pieces before."""
    for key, value in piece.items():
        before: Any = whole.get(key)
        whole[key] = [*(before or []), *value] if isinstance(value, list) else (before or value)
