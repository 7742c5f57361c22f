"""Answers in Ollama's dialect as events, for callers of another one."""

from collections.abc import Iterator
from typing import Any

import orjson

from g4f.dialects.face import Origin
from g4f.dialects.ollama.stream import LineStream, finish_of
from g4f.dialects.ollama.wire import Json, usage_of
from g4f.exchange.events import Event, Finish, LogProbs, Reasoning, Start, Text, Tokens, ToolCall


class LineDecoder(LineStream[Event]):
    """Turns the bytes of one stream into events."""

    def __init__(self, origin: Origin) -> None:
        super().__init__(origin)
        self._started = False
        self._calls = 0

    def _line(self, piece: Json, source: bytes, out: list[Event]) -> None:
        if not self._started:
            self._started = True
            model = piece.get("model")
            out.append(Start(model=model if isinstance(model, str) else None))
        message = piece.get("message")
        out += self._words(message if isinstance(message, dict) else {"content": piece.get("response"), **piece})
        logprobs = piece.get("logprobs")
        if isinstance(logprobs, list) and logprobs:
            out.append(LogProbs(tuple(token for token in logprobs if isinstance(token, dict))))
        if piece.get("done") is True:
            reason = finish_of(piece)
            out.append(Finish("tool_calls" if self._calls and reason == "stop" else reason))
            usage = usage_of(piece)
            if usage is not None:
                out.append(Tokens(usage))

    def _words(self, message: Json) -> Iterator[Event]:
        if isinstance(message.get("thinking"), str) and message["thinking"]:
            yield Reasoning(message["thinking"])
        if isinstance(message.get("content"), str) and message["content"]:
            yield Text(message["content"])
        calls = message.get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            function = call.get("function") if isinstance(call, dict) else None
            if isinstance(function, dict):
                yield self._call(call, function)

    def _call(self, call: Json, function: Json) -> Event:
        """A call comes whole. Where it has no id the encoder makes one."""
        number, own = self._calls, call.get("id")
        self._calls += 1
        return ToolCall(
            number,
            _arguments(function.get("arguments")),
            own if isinstance(own, str) and own else None,
            str(function.get("name") or ""),
        )


def _arguments(arguments: Any) -> str:
    return arguments if isinstance(arguments, str) and arguments else orjson.dumps(arguments or {}).decode()
