"""What an answer says, read by the provider's dialect: from this a card knows what the provider has shown it can do."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from g4f.conformance.recording import Recording
from g4f.dialects.face import Origin
from g4f.dialects.registry import upstream
from g4f.exchange.answer import Usage
from g4f.exchange.events import Citation, Event, Finish, Image, LogProbs, Reasoning, Refusal, Text, Tokens, ToolCall
from g4f.exchange.request import Request


@dataclass(slots=True)
class Heard:
    """An answer put together from its events. `calls` are arguments by the names of the tools, in order."""

    text: str = ""
    thoughts: str = ""
    refusal: str = ""
    calls: list[tuple[str, str]] = field(default_factory=list)
    finish: str | None = None
    usage: Usage | None = None
    citations: int = 0
    images: int = 0
    logprobs: int = 0
    signed: bool = False


def listen(recording: Recording, request: Request) -> Heard:
    """What a recorded chat says. Raises AttemptFailed for what is no whole answer."""
    face = upstream(recording.dialect)
    origin = Origin(request=request, provider=recording.provider, now=0)
    if not recording.stream:
        return fold(face.events_of_completion(recording.body, origin))
    decoder = face.decoder(origin)
    events = list(decoder.feed(recording.body))
    decoder.check()
    return fold([*events, *([] if decoder.finished else decoder.close())])


def fold(events: Sequence[Event]) -> Heard:
    """The answer that events are."""
    heard = Heard()
    names: dict[tuple[int, int], str] = {}
    arguments: dict[tuple[int, int], str] = defaultdict(str)
    for event in events:
        match event:
            case Text():
                heard.text += event.text
            case Reasoning():
                heard.thoughts += event.text
                heard.signed = heard.signed or bool(event.signature)
            case Refusal():
                heard.refusal += event.text
            case ToolCall():
                place = (event.choice, event.index)
                names.setdefault(place, event.name or "")
                arguments[place] += event.arguments
            case Finish():
                heard.finish = event.reason
            case Tokens():
                heard.usage = event.usage
            case Citation():
                heard.citations += 1
            case Image():
                heard.images += 1
            case LogProbs():
                heard.logprobs += len(event.tokens)
    heard.calls = [(name, arguments[place]) for place, name in names.items()]
    return heard
