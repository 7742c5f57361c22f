"""A client without opinions: one request, and the answer exactly as it came."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """The text of a completion that was not streamed."""
        content: str = self.json["choices"][0]["message"]["content"]
        return content

    @property
    def events(self) -> list[str]:
        """The `data` of each event of a stream; the answer must consist of whole events."""
        wire = self.body.decode()
        assert wire.endswith("\n\n"), f"the stream ends within an event: {wire[-200:]!r}"
        return [line.removeprefix("data: ") for line in wire.split("\n\n") if line.startswith("data: ")]


def chat(model: str, prompt: str = "Hello!", **fields: Any) -> dict[str, Any]:
    """The body of a chat request."""
    return {"model": model, "messages": [{"role": "user", "content": prompt}], **fields}


#: A test has a time limit of its own, and some hold a stream open for longer than aiohttp's five minutes.
_PATIENT = aiohttp.ClientTimeout(total=None)


async def post(url: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Answer:
    """Post JSON over a connection of its own. Raises aiohttp.ClientError where the answer breaks off."""
    async with aiohttp.request("POST", url, json=body, headers=dict(headers or {}), timeout=_PATIENT) as answer:
        return await _whole(answer)


async def get(url: str, headers: Mapping[str, str] | None = None) -> Answer:
    async with aiohttp.request("GET", url, headers=dict(headers or {})) as answer:
        return await _whole(answer)


async def _whole(answer: aiohttp.ClientResponse) -> Answer:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(status=answer.status, headers=headers, body=await answer.read())


def text_of(events: list[str]) -> str:
    """The text that a stream's events carry."""
    pieces = []
    for event in events:
        if event != "[DONE]":
            pieces += [c["delta"].get("content") or "" for c in json.loads(event).get("choices", ())]
    return "".join(pieces)
