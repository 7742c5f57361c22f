"""From what a provider written in Python yields to the events of an answer.

Nothing counts tokens there: `max_tokens` counts pieces of text, and `stop` cuts the text at the first of its words.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import Any

import orjson

from g4f.exchange.answer import Usage as Counted
from g4f.exchange.events import Event, Finish, Reasoning, Text, Tokens, ToolCall
from g4f.providers import response


async def events(pieces: AsyncIterator[Any], payload: Mapping[str, Any]) -> AsyncGenerator[Event]:
    """The events of one answer, its end included. Falsy pieces are passed over."""
    ending = _Ending(payload)
    async for piece in pieces:
        for event in ending.take(piece):
            yield event
        if ending.reached:
            break
    for event in ending.last():
        yield event


class _Ending:
    """Follows an answer to its end: the limits of the request, the reason, the usage."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        limit = payload.get("max_completion_tokens") or payload.get("max_tokens")
        self._left = int(limit) if isinstance(limit, int | float) and limit > 0 else None
        stop = payload.get("stop")
        self._stop = (
            [stop] if isinstance(stop, str) else [word for word in stop or () if isinstance(word, str) and word]
        )
        self._held = ""
        self._calls = 0
        self._reason: str | None = None
        self._usage: response.Usage | None = None
        self.reached = False

    def take(self, piece: Any) -> list[Event]:
        """The events of a piece."""
        match piece:
            case response.Reasoning():
                return [Reasoning(piece.token)] if piece.token else []
            case response.FinishReason():
                self._reason = piece.reason
            case response.ToolCalls():
                return self._tool_calls(piece.get_list())
            case response.Usage():
                self._usage = piece
            case response.HiddenResponse() | None | "":
                pass
            case bytes():
                return self._text(piece.decode("utf-8", "replace"))
            case _:
                return self._text(str(piece))
        return []

    def last(self) -> list[Event]:
        """What is left to say after the last piece."""
        found: list[Event] = [Text(self._held)] if self._held and not self.reached else []
        found.append(Finish(self._reason or ("tool_calls" if self._calls else "stop")))
        if self._usage is not None:
            found.append(Tokens(Counted(self._usage.prompt_tokens, self._usage.completion_tokens)))
        return found

    def _text(self, text: str) -> list[Event]:
        if not text:
            return []
        if self._stop:
            text = self._before_stop(self._held + text)
        if self._left is not None and text:
            self._left -= 1
            if self._left == 0 and not self.reached:
                self.reached, self._reason = True, "length"
        return [Text(text)] if text else []

    def _before_stop(self, text: str) -> str:
        """What may be said: up to a stop word, without an end that could be the beginning of one."""
        cuts = [place for word in self._stop if (place := text.find(word)) >= 0]
        if cuts:
            self.reached, self._reason, self._held = True, "stop", ""
            return text[: min(cuts)]
        keep = max(_overlap(text, word) for word in self._stop)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def _tool_calls(self, calls: Sequence[Mapping[str, Any]]) -> list[Event]:
        found: list[Event] = []
        for call in calls:
            function = call.get("function")
            named: Mapping[str, Any] = function if isinstance(function, Mapping) else call
            arguments = named.get("arguments", "{}")
            found.append(
                ToolCall(
                    index=self._calls,
                    id=call.get("id"),
                    name=str(named.get("name")),
                    arguments=arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode(),
                )
            )
            self._calls += 1
        return found


def _overlap(text: str, word: str) -> int:
    """How much of the end of `text` is the beginning of `word`."""
    return next((size for size in range(min(len(word) - 1, len(text)), 0, -1) if text.endswith(word[:size])), 0)
