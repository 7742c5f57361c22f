"""The output items of a response, while they are being said: each piece gives the events that tell of it.

One message or reasoning item is open at a time; tool calls stay open until the end, since their pieces may come
interleaved. Every item is added, filled and done exactly once, in the order of its `output_index`.
"""

from typing import Any

from g4f.dialects.hub import SIGNED_BY_OPENAI, foreign_signature
from g4f.exchange.events import Citation, Event, Image, LogProbs, Reasoning, Refusal, Text, ToolCall

Json = dict[str, Any]

_DELTAS = {"output_text": "response.output_text", "refusal": "response.refusal"}


class Items:
    """The items of one response; `add` and `close` return events without `sequence_number`. `seed` makes ids."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self.output: list[Json] = []
        self._open: Json | None = None
        self._calls: dict[int, Json] = {}

    def add(self, event: Event) -> list[Json]:
        """The events that tell of one piece of the answer."""
        match event:
            case Text(text=text) if text:
                return self._text("output_text", "text", text)
            case Refusal(text=text) if text:
                return self._text("refusal", "refusal", text)
            case Reasoning():
                return self._reasoning(event)
            case ToolCall():
                return self._call(event)
            case Citation():
                return self._citation(event)
            case LogProbs(tokens=tokens):
                part = self._part("output_text")
                if part is not None:
                    part["logprobs"] += [dict(token) for token in tokens]
                return []
            case Image(url=url):
                return self._image(url)
            case _:
                return []

    def close(self) -> list[Json]:
        """The events that end what is still open."""
        events = self._close_open()
        for item in self._calls.values():
            events += self._call_done(item)
        self._calls = {}
        return events

    def _begin(self, prefix: str, item: Json) -> list[Json]:
        index = len(self.output)
        item = {"id": f"{prefix}_{self._seed}_{index}", **item}
        self.output.append(item)
        return [{"type": "response.output_item.added", "output_index": index, "item": dict(item)}]

    def _index(self, item: Json) -> int:
        return next(index for index, other in enumerate(self.output) if other is item)

    def _at(self, item: Json) -> Json:
        return {"item_id": item["id"], "output_index": self._index(item)}

    def _opened(self, kind: str, prefix: str, item: Json) -> list[Json]:
        """Make an item of a kind the open one, if it is not."""
        if self._open is not None and self._open["type"] == kind:
            return []
        events = self._close_open() + self._begin(prefix, {"type": kind, **item})
        self._open = self.output[-1]
        return events

    def _close_open(self) -> list[Json]:
        item, self._open = self._open, None
        if item is None:
            return []
        events = self._summary_done(item) if item["type"] == "reasoning" else self._part_done(item)
        item["status"] = "completed"
        return [*events, {"type": "response.output_item.done", "output_index": self._index(item), "item": dict(item)}]

    # Messages.

    def _part(self, kind: str) -> Json | None:
        """The part that is being said, if it is of that kind."""
        item = self._open
        if item is None or item["type"] != "message" or not item["content"]:
            return None
        part: Json = item["content"][-1]
        return part if part["type"] == kind else None

    def _text(self, kind: str, field: str, text: str) -> list[Json]:
        events = self._opened("message", "msg", {"status": "in_progress", "role": "assistant", "content": []})
        item = self._open
        assert item is not None  # noqa: S101 - it was opened
        part = self._part(kind)
        if part is None:
            events += self._part_done(item)
            empty: Json = {"type": kind, field: ""}
            if kind == "output_text":
                empty |= {"annotations": [], "logprobs": []}
            item["content"] = [*item["content"], empty]
            part = item["content"][-1]
            place = {**self._at(item), "content_index": len(item["content"]) - 1}
            events.append({"type": "response.content_part.added", **place, "part": dict(part)})
        part[field] += text
        place = {**self._at(item), "content_index": len(item["content"]) - 1}
        delta: Json = {"type": f"{_DELTAS[kind]}.delta", **place, "delta": text}
        events.append(delta | {"logprobs": []} if kind == "output_text" else delta)
        return events

    def _part_done(self, item: Json) -> list[Json]:
        if not item["content"]:
            return []
        part = item["content"][-1]
        place = {**self._at(item), "content_index": len(item["content"]) - 1}
        if part["type"] == "output_text":
            said = {"text": part["text"], "logprobs": part["logprobs"]}
        else:
            said = {"refusal": part["refusal"]}
        return [
            {"type": f"{_DELTAS[part['type']]}.done", **place, **said},
            {"type": "response.content_part.done", **place, "part": dict(part)},
        ]

    def _citation(self, event: Citation) -> list[Json]:
        part, item = self._part("output_text"), self._open
        if part is None or item is None:
            return []
        end = len(part["text"]) if event.end is None else event.end
        cited = {
            "type": "url_citation",
            "url": event.url or "",
            "title": event.title or "",
            "start_index": end if event.start is None else event.start,
            "end_index": end,
        }
        part["annotations"] = [*part["annotations"], cited]
        place = {**self._at(item), "content_index": len(item["content"]) - 1}
        number = len(part["annotations"]) - 1
        added = "response.output_text.annotation.added"
        return [{"type": added, **place, "annotation_index": number, "annotation": cited}]

    # Reasoning.

    def _reasoning(self, event: Reasoning) -> list[Json]:
        if event.redacted:  # nothing of it can be read: an item of its own
            events = self._close_open()
            events += self._opened("reasoning", "rs", {"summary": [], "encrypted_content": _proof(event)})
            return events + self._close_open()
        events = self._opened("reasoning", "rs", {"summary": []})
        item = self._open
        assert item is not None  # noqa: S101 - it was opened
        if event.text:
            place = {**self._at(item), "summary_index": 0}
            if not item["summary"]:
                part = {"type": "summary_text", "text": ""}
                item["summary"] = [part]
                events.append({"type": "response.reasoning_summary_part.added", **place, "part": dict(part)})
            item["summary"][0]["text"] += event.text
            events.append({"type": "response.reasoning_summary_text.delta", **place, "delta": event.text})
        if event.signature:
            item["encrypted_content"] = (item.get("encrypted_content") or "") + _proof(event)
        return events

    def _summary_done(self, item: Json) -> list[Json]:
        if not item["summary"]:
            return []
        part, place = item["summary"][0], {**self._at(item), "summary_index": 0}
        return [
            {"type": "response.reasoning_summary_text.done", **place, "text": part["text"]},
            {"type": "response.reasoning_summary_part.done", **place, "part": dict(part)},
        ]

    # Tool calls and pictures.

    def _call(self, event: ToolCall) -> list[Json]:
        item = self._calls.get(event.index)
        events: list[Json] = []
        if item is None:
            call = event.id or f"call_{self._seed}_{event.index}"
            said = {"status": "in_progress", "arguments": "", "call_id": call, "name": event.name or ""}
            events = self._close_open() + self._begin("fc", {"type": "function_call", **said})
            item = self._calls[event.index] = self.output[-1]
        if event.arguments:
            item["arguments"] += event.arguments
            delta = "response.function_call_arguments.delta"
            events.append({"type": delta, **self._at(item), "delta": event.arguments})
        return events

    def _call_done(self, item: Json) -> list[Json]:
        item["status"] = "completed"
        item["arguments"] = item["arguments"] or "{}"
        done = "response.function_call_arguments.done"
        return [
            {"type": done, **self._at(item), "name": item["name"], "arguments": item["arguments"]},
            {"type": "response.output_item.done", "output_index": self._index(item), "item": dict(item)},
        ]

    def _image(self, url: str) -> list[Json]:
        events = self._close_open()
        result = url.partition(",")[2] if url.startswith("data:") else url
        events += self._begin("ig", {"type": "image_generation_call", "status": "completed", "result": result})
        item = self.output[-1]
        return [*events, {"type": "response.output_item.done", "output_index": self._index(item), "item": dict(item)}]


def _proof(event: Reasoning) -> str:
    """The signature of a thought, with its maker where that is not OpenAI."""
    signature = event.signature or ""
    return signature if event.format in (None, SIGNED_BY_OPENAI) else foreign_signature(event.format, signature)
