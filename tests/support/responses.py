"""Answers of an upstream of the Responses API, written after OpenAI's documentation."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from tests.support.http import Request
from tests.support.wire import Wire

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Said:
    """`text`, as a response or as its stream, whichever is asked for; `end`: `cut` breaks a stream off before its
    last event, `failed` ends it with `response.failed`."""

    text: str = "hi"
    call: str | None = None
    end: Literal["done", "cut", "failed"] = "done"

    async def play(self, wire: Wire, request: Request) -> bool:
        if not request.json.get("stream"):
            await wire.write(
                _HEAD % b"application/json" + _chunk(json.dumps(self.body(request)).encode()) + _chunk(b"")
            )
            return True
        await wire.write(_HEAD % b"text/event-stream")
        for event in self.events(request):
            await wire.write(_chunk(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()))
        if self.end == "cut":
            return False
        await wire.write(_chunk(b""))
        return True

    def body(self, request: Request) -> dict[str, Any]:
        """The whole response."""
        return {
            "id": "resp_up", "object": "response", "created_at": 1700000000, "status": "completed",
            "model": request.json["model"], "error": None, "incomplete_details": None, "instructions": None,
            "metadata": {}, "parallel_tool_calls": True, "temperature": 1.0, "tool_choice": "auto", "tools": [],
            "top_p": 1.0, "output": [self._item()],
            "usage": {
                "input_tokens": 7, "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
                "output_tokens": 3, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 10,
            },
        }  # fmt: skip

    def _item(self) -> dict[str, Any]:
        if self.call is not None:
            said = {"name": self.call, "arguments": '{"city":"Paris"}', "call_id": "call_1"}
            return {"id": "fc_1", "type": "function_call", "status": "completed", **said}
        part = {"type": "output_text", "text": self.text, "annotations": [], "logprobs": []}
        return {"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": [part]}

    def events(self, request: Request) -> list[dict[str, Any]]:
        """The stream."""
        whole = self.body(request)
        begun = {**whole, "status": "in_progress", "output": [], "usage": None}
        events: list[dict[str, Any]] = [{"type": "response.created", "response": begun}]
        item = self._item()
        place = {"item_id": item["id"], "output_index": 0}
        if self.call is None:
            place["content_index"] = 0
            events.append({"type": "response.output_item.added", "output_index": 0, "item": {**item, "content": []}})
            empty = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
            events.append({"type": "response.content_part.added", **place, "part": empty})
            events += [
                {"type": "response.output_text.delta", **place, "delta": word, "logprobs": []}
                for word in self.text.split(" ")
            ]
        else:
            empty_call = {**item, "arguments": "", "status": "in_progress"}
            events.append({"type": "response.output_item.added", "output_index": 0, "item": empty_call})
            delta = "response.function_call_arguments.delta"
            events += [{"type": delta, **place, "delta": piece} for piece in ('{"city":', '"Paris"}')]
        events.append({"type": "response.output_item.done", "output_index": 0, "item": item})
        if self.end == "failed":
            failed = {"code": "server_error", "message": "the model broke"}
            events.append({"type": "response.failed", "response": {**begun, "status": "failed", "error": failed}})
        elif self.end == "done":
            events.append({"type": "response.completed", "response": whole})
        return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def _chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)
