"""An answer made of `exchange.events`, written as Gemini's: whole, or as the pieces of a stream."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from g4f.dialects.face import Origin
from g4f.dialects.gemini.signature import sealed
from g4f.dialects.gemini.wire import REASONS, SIGNED_BY_GEMINI, Json, event_of, usage_object
from g4f.dialects.hub import read_arguments, read_data_url
from g4f.exchange.answer import Completion, Frame, Usage
from g4f.exchange.events import Citation, Event, Finish, Image, Reasoning, Refusal, Start, Text, Tokens, ToolCall

_STATUSES: Mapping[int, str] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_Sink = dict[int, list[Json]]


class PieceEncoder:
    """Turns the events of one answer into frames. A call is written whole, when its last piece has come, and why an
    answer finished with the usage, at the end."""

    def __init__(self, origin: Origin) -> None:
        self._head: Json = {"modelVersion": origin.request.model, "responseId": origin.request.id}
        n = origin.request.payload.get("n")
        self._expected = n if type(n) is int else 1
        self._calls: dict[tuple[int, int], Json] = {}
        self._signatures: dict[int, str] = {}
        self._finishes: dict[int, str] = {}
        self._sources: _Sink = {}
        self._usage: Usage | None = None

    def encode(self, event: Event) -> Frame:
        """The frame of one event; one that waits for more has no wire."""
        match event:
            case Start(id=own, model=model):
                self._head["modelVersion"] = model or self._head["modelVersion"]
                self._head["responseId"] = own or self._head["responseId"]
            case Text(text=text, choice=choice) | Refusal(text=text, choice=choice):
                return self._piece(choice, {"text": text}, content=bool(text))
            case Reasoning(choice=choice):
                return self._thought(event)
            case Image(url=url, choice=choice):
                return self._piece(choice, _picture(url), content=True)
            case ToolCall():
                return self._call(event)
            case Citation(url=url, title=title, choice=choice):
                page = {"web": {"uri": url or "", "title": title or ""}}
                self._sources.setdefault(choice, []).append(page)
            case Finish(reason=reason, choice=choice):
                self._finishes[choice] = reason
                wire = self._close_calls(choice)
                last = len(self._finishes) >= self._expected
                return Frame(wire, content=bool(wire), finish=reason, last=last, ending=self._last() if last else b"")
            case Tokens(usage=usage):
                self._usage = usage
                return Frame(b"", usage=usage)
            case _:
                pass
        return Frame(b"")

    def close(self) -> Frame:
        """The last piece: why each answer finished, its sources, and the usage."""
        return Frame(self._last(), usage=self._usage, last=True)

    def last(self) -> Json:
        """The last piece as an object."""
        candidates = []
        for choice, reason in sorted((self._finishes or {0: "stop"}).items()):
            candidate = _candidate(choice, [])
            candidate["finishReason"] = REASONS.get(reason, "STOP")
            if choice in self._sources:
                candidate["groundingMetadata"] = {"groundingChunks": self._sources[choice]}
            candidates.append(candidate)
        counts = {"usageMetadata": usage_object(self._usage)} if self._usage is not None else {}
        return {"candidates": candidates, **counts, **self._head}

    def _last(self) -> bytes:
        return event_of(self.last())

    def _piece(self, choice: int, part: Json, *, content: bool = False) -> Frame:
        wire = self._close_calls(choice)
        signature = self._signatures.pop(choice, None)
        if signature is not None:
            part = {**part, "thoughtSignature": signature}
        return Frame(wire + event_of({"candidates": [_candidate(choice, [part])], **self._head}), content=content)

    def _thought(self, event: Reasoning) -> Frame:
        """A signature stands on the part that follows it; where it ends a thought, on that."""
        signature = event.signature
        if signature is not None and event.format != SIGNED_BY_GEMINI:
            signature = sealed(event.format, signature)
        if not event.text:
            if signature is not None:
                self._signatures[event.choice] = signature
            return Frame(b"")
        signed = {} if signature is None else {"thoughtSignature": signature}
        return self._piece(event.choice, {"text": event.text, "thought": True, **signed}, content=True)

    def _call(self, event: ToolCall) -> Frame:
        place = (event.choice, event.index)
        call = self._calls.get(place)
        wire = b""
        if call is None:
            wire = self._close_calls(event.choice, before=event.index)
            call = self._calls[place] = {"id": event.id, "name": event.name or "", "args": ""}
        call["args"] += event.arguments
        return Frame(wire, content=True)

    def _close_calls(self, choice: int, before: int | None = None) -> bytes:
        """The calls of an answer, written; they stay open while their pieces may come interleaved."""
        if before is not None:
            return b""
        places = sorted(place for place in self._calls if place[0] == choice)
        parts = [self._written(self._calls.pop(place), choice) for place in places]
        return b"".join(event_of({"candidates": [_candidate(choice, [part])], **self._head}) for part in parts)

    def _written(self, call: Json, choice: int) -> Json:
        called: Json = {"name": call["name"], "args": read_arguments(call["args"])}
        if call["id"]:
            called["id"] = call["id"]
        signature = self._signatures.pop(choice, None)
        return {"functionCall": called, **({} if signature is None else {"thoughtSignature": signature})}


def encode_completion(events: Iterable[Event], origin: Origin) -> Completion:
    """The events of one answer as a whole: the pieces that a stream would have had, joined."""
    encoder = PieceEncoder(origin)
    frames = [encoder.encode(event) for event in events]
    parts: dict[int, list[Json]] = {}
    for frame in frames:
        for piece in _pieces_of(frame.wire):
            for candidate in piece["candidates"]:
                _join(parts.setdefault(candidate["index"], []), candidate["content"]["parts"])
    whole = encoder.last()
    for candidate in whole["candidates"]:
        candidate["content"]["parts"] = parts.get(candidate["index"], [])
    finish = next((frame.finish for frame in frames if frame.finish), None)
    usage = next((frame.usage for frame in reversed(frames) if frame.usage is not None), None)
    said = any(frame.content for frame in frames)
    filtered = finish == "content_filter" and not said
    return Completion(orjson.dumps(whole), usage=usage, finish=finish, filtered=filtered)


def _pieces_of(wire: bytes) -> list[Any]:
    return [orjson.loads(event[6:]) for event in wire.split(b"\r\n\r\n") if event]


def _join(parts: list[Json], more: list[Json]) -> None:
    """Texts of one kind in a row are one part."""
    for part in more:
        before = parts[-1] if parts else None
        plain = before is not None and before.keys() == part.keys() and "text" in part
        if plain and before is not None and "thoughtSignature" not in part:
            before["text"] += part["text"]
        else:
            parts.append(part)


def _candidate(choice: int, parts: list[Json]) -> Json:
    return {"content": {"parts": parts, "role": "model"}, "index": choice}


def _picture(url: str) -> Json:
    read = read_data_url(url)
    if read is None:
        return {"fileData": {"mimeType": "image/png", "fileUri": url}}
    return {"inlineData": {"mimeType": read[0] or "image/png", "data": read[1]}}


def error_of(error: Mapping[str, Any], status: int, request_id: str) -> Json:
    """An error in the shape of google.rpc.Status; the rest of what is known stands beside it."""
    name = _STATUSES.get(status, "INVALID_ARGUMENT" if status < 500 else "INTERNAL")
    more = {key: value for key, value in error.items() if key not in ("message", "code") and value is not None}
    reason = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": str(error.get("code") or name).upper()}
    details = [{**reason, "domain": "g4f", "metadata": {"request_id": request_id}}]
    return {"error": {"code": status, "message": error.get("message"), "status": name, "details": details, **more}}
