"""What upstreams of OpenAI's dialect leave out or get wrong, made regular.

Every function changes its argument in place and says whether it did, so that a caller can relay the
original bytes of what was regular. Fields that are not known here are never touched. The oddities are real
ones: Gemini, Mistral and Ollama send tool calls without `index`, Gemini without `id`; xAI leaves
`finish_reason` out; Mistral's thinking models send `content` as a list of parts.
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import orjson

from g4f.dialects.openai.wire import Json, bad_response, is_count, is_usage

_MOST_CALLS = 1024
"""Far above what models do (OpenAI's API takes 128 tools); bounds what a hostile upstream makes us
remember.
"""
#: Lists of a delta beside the calls.
_LISTS = frozenset({"annotations", "images", "reasoning_details"})


def call_id(*seed: object) -> str:
    """An id for a tool call that came without one: the same seed gives the same id."""
    text = "\0".join(map(str, seed))
    return f"call_{blake2b(text.encode('utf-8', 'replace'), digest_size=12).hexdigest()}"


def mend_head(body: Json, *, kind: str, id: str, created: int, model: str) -> bool:  # noqa: A002 - the wire field
    """`object`, `id`, `created` and `model` of a chunk or a completion."""
    changed = False
    if body.get("object") != kind:
        body["object"], changed = kind, True
    if body.get("id") != id:
        body["id"], changed = id, True
    if type(body.get("created")) is not int:
        body["created"], changed = created, True
    if not text_or_none(body.get("model")):
        body["model"], changed = model, True
    return changed


def mend_usage(body: Json) -> bool:
    """Drops a `usage` that counts nothing; adds the total if it is missing."""
    usage = body.get("usage")
    if usage is None:
        return False
    if not is_usage(usage):
        del body["usage"]
        return True
    if "total_tokens" in usage:
        return False
    usage["total_tokens"] = usage["prompt_tokens"] + usage["completion_tokens"]
    return True


def mend_content(message: Json) -> bool:
    """`content` given as parts becomes text, and their thinking becomes `reasoning_content`."""
    parts = message.get("content")
    if not isinstance(parts, list):
        return False
    thinking = "".join(_text_of(part.get("thinking")) for part in parts if isinstance(part, dict))
    message["content"] = "".join(_text_of(part) for part in parts)
    if thinking and not message.get("reasoning_content"):
        message["reasoning_content"] = thinking
    return True


def _text_of(part: Any) -> str:
    """The text of a part, or of the parts nested one level in a thinking part."""
    if isinstance(part, str):
        return part
    if isinstance(part, list):
        return "".join(_text_of(item) for item in part if not isinstance(item, list))
    text = part.get("text") if isinstance(part, dict) else None
    return text if isinstance(text, str) else ""


def text_or_none(value: Any) -> str | None:
    """A string that is not empty."""
    return value if isinstance(value, str) and value else None


def mend_call(call: Json, *, own_id: str) -> bool:
    """A whole tool call, or the first piece of one: `id`, `type`, and for a function its `arguments` as a
    string.
    """
    changed = False
    if not text_or_none(call.get("id")):
        call["id"], changed = own_id, True
    if not text_or_none(call.get("type")):
        call["type"], changed = "function", True
    if call["type"] != "function":
        return changed
    if not isinstance(call.get("function"), dict):
        call["function"], changed = {"name": ""}, True
    call["function"].setdefault("arguments", None)
    return _mend_arguments(call) or changed


def _mend_arguments(call: Json) -> bool:
    """`function.arguments`, where it is there, is a string: an object is written as JSON."""
    function = call.get("function")
    if not isinstance(function, dict) or isinstance(function.get("arguments", ""), str):
        return False
    arguments = function["arguments"]
    function["arguments"] = "" if arguments is None else orjson.dumps(arguments).decode()
    return True


class Calls:
    """Numbers and names the tool calls of one choice, in order of appearance, while their pieces arrive.

    A piece begins a new call if its index is new; or if it has no index but an id that is new or, without
    an id, a name; or if it has the index of another call but its own id and name (some upstreams number
    every call 0). `mint` gives the id of the call of a number. Raises `AttemptFailed` for an absurd number
    of calls.
    """

    __slots__ = ("_ids", "_last", "_mint", "_numbers")

    def __init__(self, mint: Callable[[int], str]) -> None:
        self._mint = mint
        self._ids: list[str] = []  # by our number; what the upstream said, or what was minted
        self._numbers: dict[int, int] = {}  # the upstream's index -> our number
        self._last = 0

    def mend(self, calls: list[Any]) -> bool:
        """Mends the calls of one delta or message; items that are no objects are dropped."""
        changed = False
        for position in range(len(calls) - 1, -1, -1):
            if not isinstance(calls[position], dict):
                del calls[position]
                changed = True
        for call in calls:
            changed = self._mend_one(call) or changed
        return changed

    def _mend_one(self, call: Json) -> bool:
        known = len(self._ids)
        number = self._number(call)
        self._last = number
        first = number == known
        changed = False
        if type(call.get("index")) is not int or call["index"] != number:
            call["index"], changed = number, True
        if first:
            return mend_call(call, own_id=self._ids[number]) or changed
        return _mend_arguments(call) or changed

    def _number(self, call: Json) -> int:
        index = call.get("index")
        own_id = text_or_none(call.get("id"))
        function = call.get("function")
        name = text_or_none(function.get("name")) if isinstance(function, dict) else None
        if is_count(index):
            number = self._numbers.get(index)
            if number is None or (own_id and name and own_id != self._ids[number]):
                number = self._numbers[index] = self._new(own_id)
            return number
        if own_id in self._ids:
            return self._ids.index(own_id)
        if own_id or name or not self._ids:
            return self._new(own_id)
        return self._last

    def _new(self, own_id: str | None) -> int:
        number = len(self._ids)
        if number >= _MOST_CALLS:
            raise bad_response(f"more than {_MOST_CALLS} tool calls in one answer")
        self._ids.append(own_id or self._mint(number))
        return number


def mend_lists(delta: Json, listed: dict[str, int]) -> bool:
    """Number the items of lists that come in pieces; `listed` says how many of each came before. OpenAI's SDK adds up
    lists by the `index` of their items only. Whether something was changed."""
    changed = False
    for name in _LISTS & delta.keys():
        items = delta.get(name)
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and not is_count(item.get("index")):
                item["index"] = listed.get(name, 0)
                changed = True
            listed[name] = listed.get(name, 0) + 1
    return changed
