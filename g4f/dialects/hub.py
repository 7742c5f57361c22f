"""The hub's vocabulary, read: what every dialect's request is decoded into and every upstream's is written from.

It is that of OpenAI's chat completions, with three words more: `top_k`, and in messages of the assistant
`reasoning_content` and `reasoning_details`, both as OpenRouter has them. A part of a message, or a tool, of a type that
is not OpenAI's is in the words of the dialect it came in: only an upstream of that dialect understands it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from g4f.exchange.failure import AttemptFailed, Failure, FailureKind

Json = dict[str, Any]

#: Who signed a thought, in OpenRouter's words.
SIGNED_BY_CLAUDE = "anthropic-claude-v1"
SIGNED_BY_OPENAI = "openai-responses-v1"
#: What begins the signature of another maker, for a client whose dialect has no word for who that is.
FOREIGN = "g4f:"

EXTRA_FIELDS = frozenset({"top_k"})
EXTRA_IN_MESSAGES = frozenset({"reasoning_content", "reasoning_details"})

_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+)?(?:;[\w.+-]+=[\w.+-]+)*;base64,", re.ASCII | re.IGNORECASE)
#: Longer than any media type with its parameters, so that a long text is not searched.
_HEAD = 256


def parts_of(content: Any) -> list[Json]:
    """The parts of a message's content; a text is one part, and nothing is none."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    parts = content if isinstance(content, list) else []
    return [part if isinstance(part, dict) else {"type": "text", "text": str(part)} for part in parts]


def text_of(content: Any, between: str = "") -> str:
    """The texts of a message's content, refusals included, with `between` between two parts."""
    if isinstance(content, str):
        return content
    parts = (part.get("text") or part.get("refusal") for part in parts_of(content))
    return between.join(part for part in parts if isinstance(part, str))


def image_url(part: Mapping[str, Any]) -> str:
    """The URL of an `image_url` part, `data:` included."""
    image = part.get("image_url")
    url = image.get("url") if isinstance(image, dict) else image
    return url if isinstance(url, str) else ""


def read_data_url(url: str) -> tuple[str, str] | None:
    """The media type (it may be empty) and the base64 of a `data:` URL (RFC 2397); None for any other."""
    head = _DATA_URL.match(url[:_HEAD])
    return ((head.group(1) or "").lower(), url[head.end() :]) if head else None


def calls_of(message: Mapping[str, Any]) -> list[Json]:
    """The tool calls of a message of the assistant."""
    calls = message.get("tool_calls")
    return [call for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []


def arguments_of(call: Mapping[str, Any]) -> Json:
    """The arguments of a tool call as an object. Text that is no JSON object (a call that was cut off) is kept as its
    only argument."""
    function = call.get("function")
    text = function.get("arguments") if isinstance(function, dict) else None
    if isinstance(text, dict):
        return text
    return read_arguments(text if isinstance(text, str) else "")


def read_arguments(text: str) -> Json:
    """Arguments written as JSON, as `arguments_of` has them."""
    try:
        value = orjson.loads(text) if text.strip() else {}
    except orjson.JSONDecodeError:
        value = None
    return value if isinstance(value, dict) else {"arguments": text}


def is_object(text: str) -> bool:
    """Whether a text is a whole JSON object, so that nothing can follow."""
    try:
        return isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        return False


def said_text(message: Mapping[str, Any]) -> str:
    """What the assistant said in a turn; where it declined to, that."""
    refusal = message.get("refusal")
    return text_of(message.get("content")) or (refusal if isinstance(refusal, str) else "")


def shown_apart(messages: Iterable[Json]) -> Iterator[Json]:
    """The messages, for dialects in which the result of a tool is text only: what else tools gave follows their results
    as the user's."""
    shown: list[Json] = []
    for message in messages:
        if message["role"] != "tool":
            if shown:
                yield {"role": "user", "content": shown}
                shown = []
            yield message
            continue
        if isinstance(message.get("content"), str):
            yield message
            continue
        parts = parts_of(message.get("content"))
        shown += [part for part in parts if part.get("type") != "text"]
        yield {**message, "content": text_of(parts, "\n\n")}
    if shown:
        yield {"role": "user", "content": shown}


def unspoken(messages: Iterable[Mapping[str, Any]], *, signed_by: str | None) -> list[str]:
    """The names of what messages hold that only some dialects have words for: who speaks, and thoughts, but for those
    that the upstream signed itself."""
    lost: dict[str, None] = {}
    for message in messages:
        if message["role"] != "assistant":
            if message.get("name") and message["role"] == "user":
                lost["messages.name"] = None
            continue
        details = signed_thoughts(message)
        own = [detail for detail in details if detail.get("format") == signed_by]
        if len(own) < len(details):
            lost["messages.reasoning_details"] = None
        if message.get("reasoning_content") and not own:
            lost["messages.reasoning_content"] = None
    return list(lost)


def signed_thoughts(message: Mapping[str, Any]) -> list[Json]:
    """The `reasoning_details` of a message of the assistant."""
    details = message.get("reasoning_details")
    return [detail for detail in details if isinstance(detail, dict)] if isinstance(details, list) else []


def foreign_signature(format_: str | None, signature: str) -> str:
    """A signature for clients of a dialect whose own it is not: `g4f:format:signature`."""
    return f"{FOREIGN}{format_ or ''}:{signature}"


def read_signature(signature: str, *, own: str) -> tuple[str, str]:
    """The format and the maker's signature in one that a client sends back; the latter may be empty. `own` is the
    format of the client's dialect."""
    if not signature.startswith(FOREIGN):
        return own, signature
    format_, _, rest = signature.removeprefix(FOREIGN).partition(":")
    return format_, rest


def schema_of(response_format: Any) -> Json | None:
    """The JSON schema that an answer must fit, if `response_format` names one."""
    if not isinstance(response_format, dict) or response_format.get("type") != "json_schema":
        return None
    wanted = response_format.get("json_schema")
    schema = wanted.get("schema") if isinstance(wanted, dict) else None
    return schema if isinstance(schema, dict) else None


def most_tokens(payload: Mapping[str, Any]) -> int | None:
    """The most tokens an answer may have, if the request says."""
    most = payload.get("max_completion_tokens") or payload.get("max_tokens")
    return int(most) if isinstance(most, int | float) else None


def refuse_other_answers(payload: Mapping[str, Any], provider: str) -> None:
    """Raise AttemptFailed for what no dialect but OpenAI's has: several answers at once, and spoken ones."""
    if (payload.get("n") or 1) > 1:
        raise unsupported(f"{provider} gives one answer to a request, not n of them")
    if "audio" in (payload.get("modalities") or ()):
        raise unsupported(f"{provider} does not answer with audio")


def unhandled(payload: Mapping[str, Any], handled: Iterable[str]) -> list[str]:
    """The fields of a request that ask for something and were not handled."""
    known = {*handled, "model", "messages", "stream", "stream_options", "n", "modalities", "store"}
    return [name for name, value in payload.items() if name not in known and _asks(name, value)]


def _asks(name: str, value: Any) -> bool:
    """Whether a field with this value asks for something: for most, the empty value and the default do not."""
    match name:
        case "parallel_tool_calls":
            return value is False
        case "service_tier":
            return value not in (None, "auto", "default")
        case "web_search_options":
            return isinstance(value, dict)
    return value not in (None, False, 0, [], {})


def unsupported(message: str) -> AttemptFailed:
    """The failure for a request whose meaning a provider's dialect cannot carry."""
    return AttemptFailed(Failure(kind=FailureKind.UNSUPPORTED, message=message))
