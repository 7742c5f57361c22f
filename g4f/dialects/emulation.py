"""Tools for models that know none: told about in words, and called in words that are read back.

The form is the one that most open models were trained on (<tool_call> with a JSON object in it; Hermes and Qwen
document it), so that it is also understood where a server does not. A model that answers otherwise is taken at its
word: what is no call is text.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from g4f.dialects.openai.mend import call_id
from g4f.dialects.stages import held_back
from g4f.exchange.events import Event, Finish, Text, ToolCall
from g4f.exchange.request import Dialect, Request

OPEN, CLOSE = "<tool_call>", "</tool_call>"
#: Characters of one call that are waited for; what is longer is none.
MOST_HELD = 256 << 10

Message = Mapping[str, Any]

_INSTRUCTIONS = """\
You may call these functions:
<tools>
{tools}
</tools>
To call one, write a JSON object with its name and arguments between tags, and nothing else:
<tool_call>
{{"name": "function_name", "arguments": {{"parameter": "value"}}}}
</tool_call>
Write one such block for each call. Results come back between <tool_response> tags."""
_ONE = "\nCall exactly one function at a time."
_REQUIRED = "\nYou must call a function now."
_NAMED = "\nYou must call the function {name} now."


def wants_tools(request: Request) -> bool:
    """Whether anything in a chat needs words in place of tools: functions to call, or calls that were made."""
    said = request.payload.get("messages") or ()
    return bool(_functions(request)) or any(m.get("role") == "tool" or m.get("tool_calls") for m in said)


def in_words(request: Request) -> Request:
    """The chat with its tools told about, and calls and results that are part of it written out."""
    apart = ("tools", "tool_choice", "parallel_tool_calls", "messages")
    payload = {name: value for name, value in request.payload.items() if name not in apart}
    messages = list(_written_out(request.payload["messages"]))
    text = _instructions(request)
    payload["messages"] = told(messages, text) if text else messages
    return replace(request, payload=payload, native=None, dialect=Dialect.OPENAI)


def _functions(request: Request) -> list[Mapping[str, Any]]:
    tools = request.payload.get("tools") or ()
    return [t["function"] for t in tools if isinstance(t, Mapping) and isinstance(t.get("function"), Mapping)]


def _instructions(request: Request) -> str:
    functions, choice = _functions(request), request.payload.get("tool_choice")
    if not functions or choice == "none":
        return ""
    tools = "\n".join(orjson.dumps({"type": "function", "function": function}).decode() for function in functions)
    text = _INSTRUCTIONS.format(tools=tools)
    if request.payload.get("parallel_tool_calls") is False:
        text += _ONE
    named = choice.get("function") if isinstance(choice, Mapping) else None
    if isinstance(named, Mapping):
        return text + _NAMED.format(name=named.get("name"))
    return text + _REQUIRED if choice == "required" else text


def told(messages: Sequence[Message], text: str) -> list[Message]:
    """The messages with the instructions behind those of the client."""
    first = messages[0]
    if first.get("role") in ("system", "developer") and isinstance(first.get("content"), str):
        return [{**first, "content": f"{first['content']}\n\n{text}"}, *messages[1:]]
    return [{"role": "system", "content": text}, *messages]


def _written_out(messages: Sequence[Message]) -> Iterator[Message]:
    results: list[str] = []
    for message in messages:
        if message.get("role") == "tool":
            results.append(f"<tool_response>\n{_text(message.get('content'))}\n</tool_response>")
            continue
        if results:
            yield {"role": "user", "content": "\n".join(results)}
            results = []
        calls = message.get("tool_calls")
        if not calls:
            yield message
            continue
        blocks = [_block(call.get("function") or {}) for call in calls if isinstance(call, Mapping)]
        kept = {name: value for name, value in message.items() if name != "tool_calls"}
        yield {**kept, "content": "\n".join([*filter(None, [_text(message.get("content"))]), *blocks])}
    if results:
        yield {"role": "user", "content": "\n".join(results)}


def _block(function: Mapping[str, Any]) -> str:
    try:
        arguments = orjson.loads(function.get("arguments") or "{}")
    except (orjson.JSONDecodeError, TypeError):
        arguments = function.get("arguments")
    call = {"name": function.get("name"), "arguments": arguments}
    return f"{OPEN}\n{orjson.dumps(call).decode()}\n{CLOSE}"


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, Mapping))
    return content if isinstance(content, str) else ""


class _Choice:
    __slots__ = ("begun", "calls", "held", "whole", "within")

    def __init__(self) -> None:
        self.begun = False
        self.whole = False
        """All of the answer is held: it begins as a bare call would."""
        self.within = False
        self.held = ""
        self.calls = 0


class SpokenCalls:
    """A stage that makes tool calls of what is written as one. Only names that were told about are called."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._names = {str(function.get("name")) for function in _functions(request)}
        self._choices: dict[int, _Choice] = {}

    def take(self, event: Event) -> Iterable[Event]:
        match event:
            case Text(text=text, choice=number):
                return self._text(self._choices.setdefault(number, _Choice()), text, number)
            case Finish(reason=reason, choice=number) if number in self._choices:
                rest = list(self._rest(number))
                called = self._choices[number].calls > 0
                return [*rest, replace(event, reason="tool_calls") if called and reason == "stop" else event]
            case _:
                return (event,)

    def close(self) -> Iterable[Event]:
        return [event for number in self._choices for event in self._rest(number)]

    def _text(self, choice: _Choice, text: str, number: int) -> Iterator[Event]:
        text, choice.held = choice.held + text, ""
        if not choice.begun:
            if not text.strip():
                choice.held = text
                return
            choice.begun = True
            choice.whole = text.lstrip()[0] in "{[`"
        if choice.whole and len(text) <= MOST_HELD:
            choice.held = text
            return
        choice.whole = False
        while text:
            if choice.within:
                call, closed, rest = text.partition(CLOSE)
                if not closed:
                    choice.within = len(text) <= MOST_HELD
                    if choice.within:
                        choice.held = text
                    else:
                        yield Text(OPEN + text, number)
                    return
                choice.within, text = False, rest
                yield from self._calls(choice, call, number, unread=OPEN + call + CLOSE)
                continue
            before, opened, text = text.partition(OPEN)
            choice.within = bool(opened)
            # White space before a call belongs to nobody, so it waits for what follows.
            said = before if opened else before[: len(before) - held_back(before, OPEN)]
            said = said.rstrip()
            if not opened:
                choice.held = before[len(said) :]
            if said:
                yield Text(said, number)

    def _rest(self, number: int) -> Iterator[Event]:
        choice = self._choices[number]
        held, choice.held = choice.held, ""
        within, choice.within = choice.within, False
        if within or (held and choice.whole):
            yield from self._calls(choice, held.replace(CLOSE, ""), number, unread=(OPEN if within else "") + held)
        elif held and (held.strip() or not choice.calls):
            yield Text(held, number)

    def _calls(self, choice: _Choice, written: str, number: int, *, unread: str) -> Iterator[Event]:
        """The calls that are written, or the text as it stands where it is none."""
        found = list(self._read(written))
        if not found:
            yield Text(unread, number)
        for name, arguments in found:
            own_id = call_id(self._request.id, number, choice.calls)
            yield ToolCall(choice.calls, arguments, own_id, name, number)
            choice.calls += 1

    def _read(self, written: str) -> Iterator[tuple[str, str]]:
        text = written.replace(OPEN, "").strip()
        if text.startswith("```"):
            text = text.strip("`").strip().removeprefix("json").strip()
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            return
        calls = value if isinstance(value, list) else [value]
        if not all(isinstance(call, dict) and call.get("name") in self._names for call in calls):
            return
        for call in calls:
            arguments = call.get("arguments", call.get("parameters", {}))
            yield call["name"], arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
