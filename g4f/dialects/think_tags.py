"""Thoughts that a model writes into its answer, between <think> and </think>, told apart from what it says.

Only at the very beginning of an answer: a model that writes about the tags is not misread.
"""

from collections.abc import Iterable, Iterator
from enum import Enum, auto

from g4f.dialects.stages import held_back
from g4f.exchange.events import Event, Finish, Reasoning, Text

OPEN, CLOSE = "<think>", "</think>"


class _State(Enum):
    BEGINNING = auto()
    THINKING = auto()
    GAP = auto()
    """After the thoughts: the empty lines before the answer belong to nobody."""
    ANSWERING = auto()


class _Choice:
    __slots__ = ("held", "state")

    def __init__(self) -> None:
        self.state = _State.BEGINNING
        self.held = ""


class ThinkTags:
    """A stage that makes `Reasoning` of what stands between the tags."""

    def __init__(self) -> None:
        self._choices: dict[int, _Choice] = {}

    def take(self, event: Event) -> Iterable[Event]:
        match event:
            case Text(text=text, choice=number):
                return self._text(self._choices.setdefault(number, _Choice()), text, number)
            case Finish(choice=number) if number in self._choices:
                return [*self._rest(number), event]
            case _:
                return (event,)

    def close(self) -> Iterable[Event]:
        return [event for number in self._choices for event in self._rest(number)]

    def _text(self, choice: _Choice, text: str, number: int) -> Iterator[Event]:
        text, choice.held = choice.held + text, ""
        if choice.state is _State.BEGINNING:
            begun = text.lstrip()
            if OPEN.startswith(begun) and begun != OPEN:
                choice.held = text
                return
            choice.state = _State.THINKING if begun.startswith(OPEN) else _State.ANSWERING
            text = begun.removeprefix(OPEN) if choice.state is _State.THINKING else text
        if choice.state is _State.THINKING:
            thought, closed, text = text.partition(CLOSE)
            if closed:
                choice.state = _State.GAP
            else:
                keep = held_back(thought, CLOSE)
                thought, choice.held = thought[: len(thought) - keep], thought[len(thought) - keep :]
            if thought:
                yield Reasoning(thought, number)
        if choice.state is _State.GAP:
            text = text.lstrip()
            choice.state = _State.ANSWERING if text else _State.GAP
        if choice.state is _State.ANSWERING and text:
            yield Text(text, number)

    def _rest(self, number: int) -> Iterator[Event]:
        choice = self._choices[number]
        held, choice.held = choice.held, ""
        if held:
            yield Reasoning(held, number) if choice.state is _State.THINKING else Text(held, number)
