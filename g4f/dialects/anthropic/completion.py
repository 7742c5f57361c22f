"""A whole Messages answer, checked: as it is for clients of the dialect, and as the stream it could have been.

Everything else is read off that stream, so that a whole answer and a streamed one cannot come to different things.
"""

from collections.abc import Iterator

import orjson

from g4f.dialects.anthropic.events import MessageDecoder
from g4f.dialects.anthropic.fold import fold
from g4f.dialects.anthropic.relay import MessageRelay
from g4f.dialects.anthropic.wire import Json, event_of, finish_of, usage_of
from g4f.dialects.face import Origin
from g4f.dialects.openai.errors import failure_of_error
from g4f.dialects.openai.wire import bad_response, empty_completion, loads
from g4f.exchange.answer import Completion, Frame
from g4f.exchange.events import Event
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import Operation

_SSE = (b"event:", b"data:", b":")


def decode_completion(body: bytes, origin: Origin) -> Completion:
    """The answer for a client of the same dialect, also where it was streamed to a call that asked for none.

    Raises AttemptFailed: `bad_response`, `challenge` (HTML), `empty`, or by the error inside the answer.
    """
    if origin.request.operation is Operation.COUNT_TOKENS:
        return _counted(body, origin)
    message, wire = _message(body, origin)
    reason = finish_of(message["stop_reason"]) if isinstance(message.get("stop_reason"), str) else "stop"
    if not message["content"] and reason == "stop":
        raise empty_completion(origin.provider)
    return Completion(wire, usage=usage_of(message.get("usage")), finish=reason, filtered=reason == "content_filter")


def _counted(body: bytes, origin: Origin) -> Completion:
    counted, wire = _object(body, origin)
    if type(counted.get("input_tokens")) is not int:
        raise bad_response(f"{origin.provider} did not count the tokens")
    return Completion(wire)


def frames_of_completion(body: bytes, origin: Origin) -> list[Frame]:
    """A whole answer to a call that asked for a stream, as the frames of that stream."""
    message, _ = _message(body, origin)
    relay = MessageRelay(origin)
    return [*relay.feed(b"".join(map(event_of, _as_stream(message)))), *_rest(relay)]


def events_of_completion(body: bytes, origin: Origin) -> list[Event]:
    """A whole answer as events."""
    message, _ = _message(body, origin)
    decoder = MessageDecoder(origin)
    return [*decoder.feed(b"".join(map(event_of, _as_stream(message)))), *_rest(decoder)]


def _rest(reader: MessageDecoder | MessageRelay) -> list[Event] | list[Frame]:
    reader.check()
    return reader.close()


def _message(body: bytes, origin: Origin) -> tuple[Json, bytes]:
    stripped = body.strip()
    if stripped.startswith(_SSE):
        relay = MessageRelay(origin)
        frames = [*relay.feed(body), *_rest(relay)]
        try:
            message = fold(_events(b"".join(frame.wire for frame in frames)))
        except (KeyError, TypeError, AttributeError):
            raise bad_response(f"{origin.provider} sent events that do not make a message") from None
        return message, orjson.dumps(message)
    message, wire = _object(stripped, origin)
    content = message.get("content")
    if not isinstance(content, list) or not all(isinstance(block, dict) for block in content):
        raise bad_response(f"{origin.provider} answered without content")
    return message, wire


def _events(wire: bytes) -> Iterator[Json]:
    for event in wire.split(b"\n\n"):
        _, found, data = event.partition(b"\ndata: ")
        if found:
            yield orjson.loads(data)


def _object(body: bytes, origin: Origin) -> tuple[Json, bytes]:
    if body.lstrip().startswith(b"<"):
        message = f"{origin.provider} answered with an HTML page"
        raise AttemptFailed(Failure(kind=FailureKind.CHALLENGE, message=message))
    try:
        value, wire = loads(body)
    except ValueError as error:
        raise bad_response(f"{origin.provider} answered with something that is not JSON") from error
    if not isinstance(value, dict):
        raise bad_response(f"{origin.provider} answered with something that is not a JSON object")
    if value.get("type") == "error" or value.get("error"):
        raise AttemptFailed(failure_of_error(value.get("error"), secrets=origin.secrets))
    return value, wire


def _as_stream(message: Json) -> Iterator[Json]:
    """The events that a message could have come in."""
    usage = message.get("usage")
    began = {**message, "content": [], "stop_reason": None, "stop_sequence": None}
    yield {"type": "message_start", "message": began}
    for index, block in enumerate(message["content"]):
        start, deltas = _opened(block)
        yield {"type": "content_block_start", "index": index, "content_block": start}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    ended = {"stop_reason": message.get("stop_reason") or "end_turn", "stop_sequence": message.get("stop_sequence")}
    yield {"type": "message_delta", "delta": ended, "usage": usage if isinstance(usage, dict) else {"output_tokens": 0}}
    yield {"type": "message_stop"}


def _opened(block: Json) -> tuple[Json, list[Json]]:
    """How a block begins, and what is then added to it."""
    match block.get("type"):
        case "text":
            citations = block.get("citations") or []
            deltas = [{"type": "text_delta", "text": block.get("text") or ""}]
            deltas += [{"type": "citations_delta", "citation": citation} for citation in citations]
            return {"type": "text", "text": ""}, deltas
        case "thinking":
            deltas = [{"type": "thinking_delta", "thinking": block.get("thinking") or ""}]
            deltas.append({"type": "signature_delta", "signature": block.get("signature") or ""})
            return {"type": "thinking", "thinking": "", "signature": ""}, deltas
        case "tool_use" | "server_tool_use" | "mcp_tool_use":
            arguments = orjson.dumps(block.get("input") or {}).decode()
            return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": arguments}]
        case _:
            return block, []
