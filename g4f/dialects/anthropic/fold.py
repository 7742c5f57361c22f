"""The events of a stream folded into the message that they are the pieces of."""

from collections.abc import Iterable

from g4f.dialects.anthropic.wire import Json
from g4f.dialects.hub import read_arguments

_APPENDED = ("text", "thinking", "signature")


def fold(events: Iterable[Json]) -> Json:
    """The message of a whole stream, whose events are regular."""
    message: Json = {}
    blocks: dict[int, Json] = {}
    arguments: dict[int, str] = {}
    for event in events:
        match event["type"]:
            case "message_start":
                message = {**event["message"]}
            case "content_block_start":
                blocks[event["index"]] = {**event["content_block"]}
            case "content_block_delta":
                _add(blocks[event["index"]], event["delta"], arguments, event["index"])
            case "message_delta":
                message |= {key: value for key, value in event["delta"].items() if value is not None}
                message["usage"] = {**(message.get("usage") or {}), **(event.get("usage") or {})}
    for index, text in arguments.items():
        blocks[index]["input"] = read_arguments(text)
    message["content"] = [blocks[index] for index in sorted(blocks)]
    return message


def _add(block: Json, delta: Json, arguments: dict[int, str], index: int) -> None:
    if "partial_json" in delta:
        arguments[index] = arguments.get(index, "") + delta["partial_json"]
    elif "citation" in delta:
        block["citations"] = [*(block.get("citations") or []), delta["citation"]]
    for name in _APPENDED:
        if name in delta:
            block[name] = (block.get(name) or "") + delta[name]
