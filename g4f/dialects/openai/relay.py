"""A stream of OpenAI's dialect, relayed: upstream bytes in, regular frames out.

A chunk that is regular goes out as the bytes that came in; only what must be mended is encoded again. The
stream is complete by its `[DONE]`, or when every choice that began has its finish reason: the end of the
bytes proves nothing.
"""

from collections.abc import Collection
from typing import Any

from g4f.dialects import sse
from g4f.dialects.openai.errors import failure_of_error
from g4f.dialects.openai.mend import Calls, call_id, mend_content, mend_head, mend_lists, mend_usage, text_or_none
from g4f.dialects.openai.template import Template
from g4f.dialects.openai.wire import (
    CHUNK,
    Json,
    asks_for_usage,
    bad_response,
    empty_completion,
    event_of,
    is_count,
    loads,
    says_something,
    usage_of,
)
from g4f.exchange.answer import Frame
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import Request

_MOST_CHOICES = 128
"""What OpenAI's API allows for `n`; bounds what a hostile upstream makes us remember."""


_MOST_LESSONS = 8
"""Patterns tried in one stream: where each chunk has another shape, looking for one costs more than it saves."""


class _Choice:
    """What is known of one choice so far."""

    __slots__ = ("calls", "finish", "listed")

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.finish: str | None = None
        self.listed: dict[str, int] = {}


class Relay:
    """Turns the bytes of one upstream stream into frames for the client.

    `now` is the Unix time in seconds, for chunks without `created`. `finished` turns true when the stream
    is complete; what comes after that is ignored. `[DONE]` is not among the frames. `feed` and `close`
    raise `AttemptFailed`. When a chunk of bytes holds good events before the bad one, their frames are
    returned first, and the next call raises.
    """

    def __init__(self, *, request: Request, provider: str, now: int, secrets: Collection[str] = ()) -> None:
        self.finished = False
        self._request = request
        self._provider = provider
        self._now = now
        self._secrets = secrets
        self._usage_wanted = asks_for_usage(request.payload)
        n = request.payload.get("n")
        self._expected = n if type(n) is int else 1
        # Who names what an answer is made of may get pictures, each whole in one event.
        large = request.payload.get("modalities") is not None
        self._parser = sse.Parser(sse.MAX_LARGE_EVENT if large else sse.MAX_EVENT)
        self._id: str | None = None
        self._choices: dict[int, _Choice] = {}
        self._content = False
        self._pending: AttemptFailed | None = None
        self._template: Template | None = None
        self._passing: Template | None = None
        self._lessons = _MOST_LESSONS

    def passes(self, chunk: bytes) -> bool:
        """Whether `chunk` is nothing but text in the shape that this stream was found to have: then it is its own
        frame, and need not be fed."""
        return self._passing is not None and self._passing.fits(chunk)

    def feed(self, chunk: bytes) -> list[Frame]:
        """The frames of the events that `chunk` completes."""
        if self._pending is not None:
            raise self._pending
        if self.finished:
            return []
        if self.passes(chunk):
            return [Frame(chunk, content=True)]
        frames = self._read(chunk)
        self._passing = self._template if self._is_sound() else None
        return frames

    def _is_sound(self) -> bool:
        """Whether the next chunk begins with an event that will be looked at."""
        return self._pending is None and not self.finished and self._parser.idle

    def _read(self, chunk: bytes) -> list[Frame]:
        frames: list[Frame] = []
        try:
            for event in self._parser.feed(chunk):
                if not self.finished:
                    self._take(event, frames)
        except sse.EventTooLarge as error:
            self._fail(FailureKind.TOO_LARGE, f"{self._provider}: {error}", frames)
        except AttemptFailed as failed:
            self._pending = failed
            if not frames:
                raise
        return frames

    def check(self) -> None:
        """Raise the failure that came behind the frames which `feed` returned, if one did."""
        if self._pending is not None or self._parser.failed:
            self.feed(b"")

    def close(self) -> list[Frame]:
        """The frames of what the end of the bytes left unterminated; raises if the stream is not complete.

        Where it raises, such a last piece is lost: it would have been the end of a broken answer.
        """
        if self._pending is not None:
            raise self._pending
        frames: list[Frame] = []
        if self.finished:
            return frames
        try:
            for event in self._parser.close():
                self._take(event, frames)
        except sse.EventTooLarge as error:
            self._fail(FailureKind.TOO_LARGE, f"{self._provider}: {error}", [])
        except AttemptFailed as failed:
            # The last piece may have been cut anywhere: that it is no JSON says only that the stream broke.
            if failed.failure.kind is not FailureKind.BAD_RESPONSE:
                raise
        if not self.finished:
            self._end()
        return frames

    def _end(self) -> None:
        if not self._choices or any(choice.finish is None for choice in self._choices.values()):
            message = f"{self._provider} ended the stream before the answer was complete"
            self._fail(FailureKind.DISCONNECTED, message, [])
        self._finish()

    def _finish(self) -> None:
        if self._is_empty():
            raise empty_completion(self._provider)
        self.finished = True

    def _is_empty(self) -> bool:
        """Nothing was said and no other reason than `stop` was given (fault 34; 35 and 36 are answers)."""
        if self._content:
            return False
        return all(choice.finish in (None, "stop") for choice in self._choices.values())

    def _fail(self, kind: FailureKind, message: str, frames: list[Frame]) -> None:
        self._pending = AttemptFailed(Failure(kind=kind, message=message))
        if not frames:
            raise self._pending

    def _take(self, event: sse.Event, frames: list[Frame]) -> None:
        data = event.data.strip()
        if data == b"[DONE]":
            self._finish()
            return
        if not data:
            return
        if event.event == "error":
            raise self._error(data)
        template = self._template
        if template is not None and event.event is None and template.is_like(wire := b"data: " + data):
            frames.append(Frame(wire + b"\n\n", content=True))
            return
        try:
            chunk, source = loads(data)
        except ValueError as error:
            raise bad_response(f"{self._provider} sent an event that is not JSON") from error
        if not isinstance(chunk, dict):
            raise bad_response(f"{self._provider} sent an event that is not a JSON object")
        if chunk.get("error"):
            raise AttemptFailed(failure_of_error(chunk["error"], secrets=self._secrets))
        if event.event is not None and "choices" not in chunk:
            return  # a ping, or another event beside the answer
        frames.append(self._frame(chunk, source))

    def _error(self, data: bytes) -> AttemptFailed:
        try:
            error, _ = loads(data)
        except ValueError:
            error = data.decode("utf-8", "replace")
        if isinstance(error, dict) and error.get("error"):
            error = error["error"]
        return AttemptFailed(failure_of_error(error, secrets=self._secrets))

    def _frame(self, chunk: Json, source: bytes) -> Frame:
        usage = usage_of(chunk)
        changed = self._mend(chunk)
        content, finish = False, None
        for choice in chunk["choices"]:
            content = says_something(choice["delta"]) or content
            if choice["finish_reason"] is not None:
                finish = choice["finish_reason"]
                self._choices[choice["index"]].finish = finish
        self._content = self._content or content
        last = finish is not None and self._all_finished()
        if last and self._is_empty():
            raise empty_completion(self._provider)
        if usage is not None and not chunk["choices"] and not self._usage_wanted:
            return Frame(b"", usage=usage)
        # Data of several lines was joined with LF, which would end the event.
        regular = not changed and b"\n" not in source
        if regular and content and self._lessons:
            self._learn(chunk, source)
        wire = b"data: " + source + b"\n\n" if regular else event_of(chunk)
        return Frame(wire, content=content, finish=finish, usage=usage, last=last)

    def _learn(self, chunk: Json, source: bytes) -> None:
        """Take a chunk that came the long way for the pattern of the next ones."""
        template = Template.of(chunk, source)
        if template is not None:
            self._template = template
            self._lessons -= 1

    def _all_finished(self) -> bool:
        finished = sum(choice.finish is not None for choice in self._choices.values())
        return finished >= max(self._expected, len(self._choices))

    def _mend(self, chunk: Json) -> bool:
        if self._id is None:
            self._id = text_or_none(chunk.get("id")) or f"chatcmpl-{self._request.id}"
        changed = mend_head(chunk, kind=CHUNK, id=self._id, created=self._now, model=self._request.model)
        changed = mend_usage(chunk) or changed
        choices = chunk.get("choices")
        if not isinstance(choices, list):
            chunk["choices"] = choices = []
            changed = True
        for position, choice in enumerate(choices):
            if not isinstance(choice, dict):
                raise bad_response(f"{self._provider} sent a choice that is not a JSON object")
            changed = self._mend_choice(choice, position, chunk["created"]) or changed
        return changed

    def _mend_choice(self, choice: Json, position: int, created: int) -> bool:
        changed = False
        index = choice.get("index")
        if not is_count(index):
            choice["index"], changed = position, True
        state = self._choice(choice["index"], created)
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            choice["delta"] = delta = {}
            changed = True
        reason: Any = choice.get("finish_reason", "")
        if reason is not None and not text_or_none(reason):
            choice["finish_reason"], changed = None, True
        changed = mend_content(delta) or changed
        changed = mend_lists(delta, state.listed) or changed
        calls = delta.get("tool_calls")
        if calls is None:
            return changed
        if not isinstance(calls, list):
            delta["tool_calls"] = calls = [calls]
            changed = True
        return state.calls.mend(calls) or changed

    def _choice(self, index: int, created: int) -> _Choice:
        state = self._choices.get(index)
        if state is None:
            if len(self._choices) >= _MOST_CHOICES:
                raise bad_response(f"{self._provider} sent more than {_MOST_CHOICES} choices")
            seed = (self._request.id, self._id, created, index)
            state = _Choice(Calls(lambda number: call_id(*seed, number)))
            self._choices[index] = state
        return state
