"""A whole answer of OpenAI's dialect: checked, made regular, and labelled with the provider that gave it.

An answer that says nothing is a failure, not an answer. The original bytes go out again, with `provider`
put in front, unless something had to be mended or added.
"""

import re
import time
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import lru_cache

import orjson

from g4f.dialects.crowded import has_more
from g4f.dialects.openai.errors import failure_of_error
from g4f.dialects.openai.fold import fold
from g4f.dialects.openai.mend import call_id, mend_call, mend_content, mend_head, mend_usage, text_or_none
from g4f.dialects.openai.relay import Relay
from g4f.dialects.openai.wire import (
    CHUNK,
    COMPLETION,
    MOST_OBJECTS,
    Json,
    asks_for_usage,
    bad_response,
    chunks_of,
    empty_completion,
    event_of,
    is_count,
    loads,
    says_something,
    usage_of,
)
from g4f.exchange.answer import Completion, Frame, Usage
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import Request

_STREAM_STARTS = (b"data:", b"event:", b"id:", b"retry:", b":", b"data\n", b"data\r")
_TEXTS, _COUNTS = frozenset({str}), frozenset({int})
_MESSAGE = re.compile(rb'"message"\s*:\s*\{')
_BESIDE_THE_DELTA = frozenset({"message", "finish_reason"})


def decode_completion(body: bytes, *, request: Request, provider: str, secrets: Collection[str] = ()) -> Completion:
    """The completion of an upstream's answer, also where it streamed one to a call that asked for none.

    Raises `AttemptFailed`: `bad_response`, `challenge` (HTML), `empty`, or by the error object inside the
    answer.
    """
    regular = _regular(body, provider)
    if regular is not None:
        return regular
    value, wire = _complete(body, request=request, provider=provider, secrets=secrets)
    finishes = [choice["finish_reason"] for choice in value["choices"]]
    filtered = finishes.count("content_filter") == len(finishes)
    return Completion(wire, usage_of(value), finishes[0], filtered)


def frames_of_completion(body: bytes, *, request: Request, provider: str, secrets: Collection[str] = ()) -> list[Frame]:
    """A whole answer to a call that asked for a stream, as the frames of that stream. Raises as
    `decode_completion`.
    """
    value, _ = _complete(body, request=request, provider=provider, secrets=secrets)
    usage = usage_of(value)
    counted = value.pop("usage", None)
    head = {**value, "object": CHUNK}
    frames: list[Frame] = []
    for choice in value["choices"]:
        content = says_something(choice["message"])
        frames.append(Frame(event_of({**head, "choices": [_delta(choice)]}), content=content))
        reason = choice["finish_reason"]
        end = {"index": choice["index"], "delta": {}, "finish_reason": reason}
        frames.append(Frame(event_of({**head, "choices": [end]}), finish=reason))
    if usage is not None:
        wanted = asks_for_usage(request.payload)
        wire = event_of({**head, "choices": [], "usage": counted}) if wanted else b""
        frames.append(Frame(wire, usage=usage))
    return frames


def _delta(choice: Json) -> Json:
    """The choice as one piece of a stream, without its end."""
    message = dict(choice["message"])
    calls = message.get("tool_calls")
    if calls:
        message["tool_calls"] = [{**call, "index": number} for number, call in enumerate(calls)]
    rest = {key: value for key, value in choice.items() if key not in _BESIDE_THE_DELTA}
    return {**rest, "delta": message, "finish_reason": None}


def _complete(body: bytes, *, request: Request, provider: str, secrets: Collection[str]) -> tuple[Json, bytes]:
    """The regular completion, as a value and as bytes."""
    body = body.removeprefix(b"\xef\xbb\xbf").strip()
    if body.startswith(_STREAM_STARTS):
        value = _folded(body, request=request, provider=provider, secrets=secrets)
        body = b""
    else:
        value, body = _loaded(body, provider=provider)
    if value.get("error"):
        raise AttemptFailed(failure_of_error(value["error"], secrets=secrets))
    choices = _check_choices(value, provider)
    changed = _mend(value, choices, request)
    if _is_empty(choices):
        raise empty_completion(provider)
    if changed or not body or "provider" in value:
        value["provider"] = provider
        return value, orjson.dumps(value)
    return {"provider": provider, **value}, _opening(provider) + body[1:]


def _regular(body: bytes, provider: str) -> Completion | None:
    """The completion, if it is one text with all that belongs to it, as nearly every answer is: nothing of it need be
    mended. None for any other."""
    if len(body) > MOST_OBJECTS and has_more(body, MOST_OBJECTS):
        return None  # one text has few
    try:
        body = body.strip()
        value = orjson.loads(body)
        (choice,) = value["choices"]
        message, usage, finish = choice["message"], value["usage"], choice["finish_reason"]
        into, out = usage["prompt_tokens"], usage["completion_tokens"]
        named = (value["object"], value["id"], value["model"], message["role"], message["content"], finish)
        counted = (value["created"], choice["index"], usage["total_tokens"], into, out)
    except (KeyError, TypeError, ValueError):
        return None
    if set(map(type, named)) != _TEXTS or not all(named) or set(map(type, counted)) != _COUNTS or min(counted) < 0:
        return None
    if named[0] != COMPLETION or message.get("tool_calls") is not None or value.get("error") or "provider" in value:
        return None
    detailed = "prompt_tokens_details" in usage or "completion_tokens_details" in usage
    # Numbers stay as the upstream wrote them; the object is not empty, so the comma is right.
    lacks = "refusal" not in message or "logprobs" not in choice
    wire = _filled(body, choice, _opening(provider)) if lacks else _opening(provider) + body[1:]
    return Completion(wire, usage_of(value) if detailed else Usage(into, out), finish, finish == "content_filter")


@lru_cache(maxsize=256)
def _opening(provider: str) -> bytes:
    """How the object of an answer begins."""
    return b'{"provider":' + orjson.dumps(provider) + b","


def _loaded(body: bytes, *, provider: str) -> tuple[Json, bytes]:
    if body.startswith(b"<"):
        message = f"{provider} answered with an HTML page"
        raise AttemptFailed(Failure(kind=FailureKind.CHALLENGE, message=message))
    try:
        value, body = loads(body)
    except ValueError as error:
        raise bad_response(f"{provider} answered with something that is not JSON") from error
    if not isinstance(value, dict):
        raise bad_response(f"{provider} answered with something that is not a JSON object")
    return value, body


def _folded(body: bytes, *, request: Request, provider: str, secrets: Collection[str]) -> Json:
    """The completion of a whole stream; its usage chunk is wanted here even if the client asked for none."""
    wanting = replace(request, payload={**request.payload, "stream_options": {"include_usage": True}})
    relay = Relay(request=wanting, provider=provider, now=int(time.time()), secrets=secrets)
    frames = [*relay.feed(body), *relay.close()]
    return fold(_chunks(frames))


def _chunks(frames: Iterable[Frame]) -> Iterable[Json]:
    for frame in frames:
        yield from chunks_of(frame.wire)


def _check_choices(value: Json, provider: str) -> list[Json]:
    choices = value.get("choices")
    if not isinstance(choices, list) or not choices:
        raise bad_response(f"{provider} answered without choices")
    if not all(isinstance(choice, dict) and isinstance(choice.get("message"), dict) for choice in choices):
        raise bad_response(f"{provider} answered with a choice that has no message")
    return choices


def _is_empty(choices: list[Json]) -> bool:
    """Fault 34: nothing was said, for no other reason than `stop` (35 and 36 are answers)."""
    return all(choice["finish_reason"] == "stop" and not says_something(choice["message"]) for choice in choices)


def _mend(value: Json, choices: list[Json], request: Request) -> bool:
    own_id = text_or_none(value.get("id")) or f"chatcmpl-{request.id}"
    created = int(time.time())
    changed = mend_head(value, kind=COMPLETION, id=own_id, created=created, model=request.model)
    changed = mend_usage(value) or changed
    for position, choice in enumerate(choices):
        seed = (request.id, own_id, value["created"], position)
        changed = _mend_choice(choice, position, seed) or changed
    return changed


def _mend_choice(choice: Json, position: int, seed: tuple[object, ...]) -> bool:
    changed = False
    if not is_count(choice.get("index")):
        choice["index"], changed = position, True
    message = choice["message"]
    if not text_or_none(message.get("role")):
        message["role"], changed = "assistant", True
    if "content" not in message:
        message["content"], changed = None, True
    changed = _fill(choice) or changed
    changed = mend_content(message) or changed
    changed = _mend_calls(message, seed) or changed
    if not text_or_none(choice.get("finish_reason")):
        choice["finish_reason"] = "tool_calls" if message.get("tool_calls") else "stop"
        changed = True
    return changed


def _fill(choice: Json) -> bool:
    """What OpenAI's schema requires although it says nothing, and nearly every other upstream leaves out."""
    message = choice["message"]
    if "refusal" in message and "logprobs" in choice:
        return False
    message.setdefault("refusal", None)
    choice.setdefault("logprobs", None)
    return True


def _filled(body: bytes, choice: Json, opening: bytes) -> bytes:
    """The bytes of an answer whose only choice this is, filled and with another opening; the rest of them stays as it
    was written. They may be many, and are copied once."""
    logprobs = b"" if "logprobs" in choice else b'"logprobs":null,'
    refusal = b"" if "refusal" in choice["message"] else b'"refusal":null,'
    # A quote within a string is escaped, so this can only be a key; and another one somewhere else is not ours.
    found = _MESSAGE.search(body)
    if found is None or _MESSAGE.search(body, found.end()) is not None:
        _fill(choice)
        return opening + orjson.dumps({**orjson.loads(body), "choices": [choice]})[1:]
    view = memoryview(body)
    return b"".join((opening, view[1 : found.start()], logprobs, b'"message":{', refusal, view[found.end() :]))


def _mend_calls(message: Json, seed: tuple[object, ...]) -> bool:
    """The tool calls of a message: here every item is a whole call, and none needs an `index`."""
    calls = message.get("tool_calls")
    if calls is None:
        return False
    changed = False
    if not isinstance(calls, list) or not all(isinstance(call, dict) for call in calls):
        calls = calls if isinstance(calls, list) else [calls]
        message["tool_calls"] = calls = [call for call in calls if isinstance(call, dict)]
        changed = True
    for number, call in enumerate(calls):
        changed = mend_call(call, own_id=call_id(*seed, number)) or changed
    return changed
