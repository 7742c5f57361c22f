"""Between any caller's dialect and any upstream's: relayed where the two agree, through events where not.

That is for chats. Every other operation has one vocabulary, OpenAI's: its requests are decoded into it, its answers
come back in it, and a caller of another dialect gets them translated whole.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from g4f.dialects import emulation, spoken_json
from g4f.dialects.counting import counted
from g4f.dialects.face import Decoder, Encoder, Origin, Outgoing, Reader, Upstream
from g4f.dialects.fields import too_deep
from g4f.dialects.hub import unsupported
from g4f.dialects.openai import legacy
from g4f.dialects.openai.result_stream import frames_of_result
from g4f.dialects.openai.wire import bad_response
from g4f.dialects.registry import front
from g4f.dialects.stages import Stage, through
from g4f.dialects.think_tags import ThinkTags
from g4f.exchange.answer import Completion, Frame
from g4f.exchange.events import Event
from g4f.exchange.failure import AttemptFailed
from g4f.exchange.request import Dialect, Operation, Request

_CHATS = frozenset({Operation.CHAT, Operation.COUNT_TOKENS})
#: What translating an answer comes to whose values have other types than its dialect promises. There is no end to them,
#: so what nobody thought of is the provider's failure, like what was, and the next one is tried.
MISREAD = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What is odd about a provider's models: `think_tags` says that they write their thoughts into the answer,
    `spoken_tools` and `spoken_json` that they have to be told in words about tools, and that JSON is wanted."""

    think_tags: bool = False
    spoken_tools: bool = False
    spoken_json: bool = False


USUAL = Habits()
#: Fields that stand for text which only the provider has that it was left with: an answer without it answers something
#: else. Gemini's cached contents, and the stored prompts of the Responses API.
_KEPT_ELSEWHERE = frozenset({"cachedContent", "cached_content", "prompt"})


def _refuse_kept(lost: Collection[str]) -> None:
    kept = next((name for name in lost if name in _KEPT_ELSEWHERE), None)
    if kept is not None:
        raise unsupported(f"{kept} is known to the provider only that it was left with")


class Bridge:
    """How one provider is spoken to: in the words of its dialect, about the operations it has."""

    def __init__(self, upstream: Upstream, operations: Collection[Operation], habits: Habits = USUAL) -> None:
        self._upstream = upstream
        self._habits = habits
        self._only_chats = Operation.COMPLETION not in operations

    @property
    def is_usual(self) -> bool:
        """Whether nothing is odd about the provider's models."""
        return self._habits == USUAL

    def encode(self, request: Request, *, model: str) -> Outgoing:
        """The request as the provider gets it. Raises AttemptFailed and RequestError."""
        try:
            return self._encode(request, model)
        except RecursionError:
            raise too_deep() from None

    def _encode(self, request: Request, model: str) -> Outgoing:
        if request.lost and request.dialect is not self._upstream.dialect:
            _refuse_kept(request.lost)
        if self._goes_by_chat(request):
            chat, dropped = legacy.as_chat(request)
            outgoing = self._upstream.encode_request(chat, model=model)
            return replace(outgoing, dropped=(*outgoing.dropped, *dropped))
        if self._speaks_tools(request):
            request = emulation.in_words(request)
        if self._speaks_json(request):
            request = spoken_json.in_words(request)
        return self._upstream.encode_request(request, model=model)

    def reader(self, origin: Origin) -> Reader | None:
        """What turns the provider's bytes into frames of the caller's dialect. None: it can only answer whole."""
        request = origin.request
        if request.operation in _CHATS:
            return self._chat_reader(origin)
        if self._goes_by_chat(request):
            return legacy.TextReader(self._chat_reader(_by_chat(origin)))
        return self._upstream.relay_result(origin) if request.dialect is Dialect.OPENAI else None

    def completion(self, body: bytes, origin: Origin, *, media_type: str) -> Completion:
        """A whole answer in the caller's dialect. Raises AttemptFailed."""
        try:
            return self._completion(body, origin, media_type)
        except MISREAD as error:
            raise misread(error) from None

    def _completion(self, body: bytes, origin: Origin, media_type: str) -> Completion:
        request = origin.request
        if request.operation in _CHATS:
            return self._chat_completion(body, origin)
        if self._goes_by_chat(request):
            return legacy.text_of(self._chat_completion(body, _by_chat(origin)))
        return result(self._upstream.decode_result(body, media_type=media_type, origin=origin), origin)

    def frames_of_completion(self, body: bytes, origin: Origin, *, media_type: str) -> list[Frame]:
        """A whole answer to a call that asked for a stream, as frames of the caller's dialect. Raises AttemptFailed."""
        try:
            return self._frames_of_completion(body, origin, media_type)
        except MISREAD as error:
            raise misread(error) from None

    def _frames_of_completion(self, body: bytes, origin: Origin, media_type: str) -> list[Frame]:
        request = origin.request
        if request.operation in _CHATS:
            return self._chat_frames(body, origin)
        if self._goes_by_chat(request):
            return legacy.text_frames(self._chat_frames(body, _by_chat(origin)))
        return result_frames(self._upstream.decode_result(body, media_type=media_type, origin=origin), origin)

    def _goes_by_chat(self, request: Request) -> bool:
        return self._only_chats and request.operation is Operation.COMPLETION

    def _speaks_tools(self, request: Request) -> bool:
        return self._habits.spoken_tools and request.operation in _CHATS and emulation.wants_tools(request)

    def _speaks_json(self, request: Request) -> bool:
        return self._habits.spoken_json and request.operation in _CHATS and spoken_json.wants_json(request)

    def _stages(self, origin: Origin) -> Sequence[Stage]:
        """What is changed about the answer; nothing, almost always."""
        request = origin.request
        if self._habits is USUAL and request.reasoning_names is None:
            return ()
        stages: list[Stage] = []
        if self._habits.think_tags or request.reasoning_names is not None:
            stages.append(ThinkTags())
        if self._speaks_tools(request):
            stages.append(emulation.SpokenCalls(request))
        if self._speaks_json(request):
            stages.append(spoken_json.SpokenJson(request, origin.provider))
        return stages

    def _chat_reader(self, origin: Origin) -> Reader:
        dialect, stages = origin.request.dialect, self._stages(origin)
        if dialect is self._upstream.dialect and not stages:
            return self._upstream.relay(origin)
        return _Translation(self._upstream.decoder(origin), front(dialect).encoder(origin), stages)

    def _chat_completion(self, body: bytes, origin: Origin) -> Completion:
        dialect, stages = origin.request.dialect, self._stages(origin)
        if dialect is self._upstream.dialect and not stages:
            return self._upstream.decode_completion(body, origin)
        if origin.request.operation is Operation.COUNT_TOKENS:
            return counted(body, behind=self._upstream.dialect, before=dialect, provider=origin.provider)
        events = through(stages, self._upstream.events_of_completion(body, origin), last=True)
        return front(dialect).encode_completion(events, origin)

    def _chat_frames(self, body: bytes, origin: Origin) -> list[Frame]:
        dialect, stages = origin.request.dialect, self._stages(origin)
        if dialect is self._upstream.dialect and not stages:
            return self._upstream.frames_of_completion(body, origin)
        encoder = front(dialect).encoder(origin)
        events = through(stages, self._upstream.events_of_completion(body, origin), last=True)
        return [*_encoded(encoder, events), encoder.close()]


def misread(error: Exception) -> AttemptFailed:
    """The failure for an answer that stopped its translation. Its text says where, and nothing of the answer."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace is not None else ""
    return bad_response(f"The answer does not have the form of its dialect ({type(error).__name__} in {where}).")


def result(whole: Completion, origin: Origin) -> Completion:
    """An answer in OpenAI's words, in those of the caller."""
    dialect = origin.request.dialect
    return whole if dialect is Dialect.OPENAI else front(dialect).encode_result(whole, origin)


def result_frames(whole: Completion, origin: Origin) -> list[Frame]:
    """An answer in OpenAI's words to a caller who asked for a stream. Raises AttemptFailed."""
    if origin.request.dialect is Dialect.OPENAI:
        return frames_of_result(whole, origin)
    whole = result(whole, origin)
    return [Frame(whole.wire, content=True, usage=whole.usage)]


def _by_chat(origin: Origin) -> Origin:
    chat, _ = legacy.as_chat(origin.request)
    return replace(origin, request=chat)


class _Translation:
    """One dialect read, another written."""

    def __init__(self, decoder: Decoder, encoder: Encoder, stages: Sequence[Stage]) -> None:
        self.finished = False
        self._stages = stages
        self._decoder = decoder
        self._encoder = encoder

    def feed(self, chunk: bytes) -> list[Frame]:
        try:
            return self._frames(self._decoder.feed(chunk))
        except MISREAD as error:
            raise misread(error) from None

    def check(self) -> None:
        self._decoder.check()

    def close(self) -> list[Frame]:
        try:
            return self._frames(self._decoder.close())
        except MISREAD as error:
            raise misread(error) from None

    def _frames(self, events: Iterable[Event]) -> list[Frame]:
        ends = self._decoder.finished and not self.finished
        if self._stages:
            events = through(self._stages, events, last=ends)
        frames = _encoded(self._encoder, events)
        if ends:
            self.finished = True
            frames.append(self._encoder.close())
        return frames


def _encoded(encoder: Encoder, events: Iterable[Event]) -> list[Frame]:
    return [encoder.encode(event) for event in events]
