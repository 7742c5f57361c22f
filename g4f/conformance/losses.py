"""What of an answer did not reach the caller, by its place in the provider's own words.

Nothing here knows a dialect: every text, and every count of tokens, of what the provider said has to turn up somewhere
in what the caller got. The pieces of a text that comes piece by piece are looked for as the one text they are.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from g4f.conformance.recording import payloads

#: Keys under which providers put what a user or a later turn needs: without it the answer is another one.
_CONTENT: Final = frozenset(
    {
        "text", "content", "thinking", "reasoning", "reasoning_content", "refusal", "arguments", "partial_json",
        "signature", "thoughtSignature", "encrypted_content", "delta", "embedding", "embeddings", "b64_json", "url",
    }
)  # fmt: skip
#: Words of the format itself, which another one has others for, and what says when an answer was made.
_WORDS: Final = frozenset(
    {
        "type",
        "event",
        "object",
        "role",
        "finish_reason",
        "finishReason",
        "stop_reason",
        "done_reason",
        "created_at",
        "modality",
    }
)


def losses(said: bytes, got: bytes) -> tuple[str, ...]:
    """The places of what was said and not passed on, such as `choices[].delta.content`."""
    heard = _Heard(got)
    places = (place for (_, place), texts in _texts(said).items() if not heard.holds(texts))
    return tuple(sorted({place for place in places if _name(place) not in _WORDS}))


def matters(place: str) -> bool:
    """Whether what is at a place is part of the answer, rather than of its bookkeeping."""
    return _name(place) in _CONTENT


def _name(place: str) -> str:
    return place.rpartition(".")[2].removesuffix("[]")


class _Heard:
    """What a caller got: texts put together, texts by themselves, and counts."""

    def __init__(self, got: bytes) -> None:
        texts = _texts(got)
        self._joined = ["".join(found) for found in texts.values()]
        self._single = {text for found in texts.values() for text in found}
        self._single |= {text for whole in self._joined for text in _within(whole)}
        self._counts = _sums(int(text) for found in texts.values() for text in found if _is_count(text))

    def holds(self, texts: Sequence[str]) -> bool:
        if all(map(_is_count, texts)):
            return texts[-1] in self._single or int(texts[-1]) in self._counts  # counted as they come, the last stands
        whole = "".join(texts)
        if not whole.strip() or set(texts) <= self._single or any(whole in text for text in self._joined):
            return True
        inner = set(_within(whole))
        return bool(inner) and inner <= self._single


def _sums(counts: Iterable[int]) -> set[int]:
    """Counts of tokens that can be told from those that were passed on: some providers count the cached and the
    reasoning ones in, and some do not."""
    known = set(counts)
    pairs = {one + other for one in known for other in known} | {one - other for one in known for other in known}
    return pairs | {one + other for one in pairs for other in known} | {one - other for one in pairs for other in known}


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _within(text: str) -> list[str]:
    """The texts in a text that is one JSON object, or several: the arguments of calls."""
    found: list[str] = []
    read, at = json.JSONDecoder().raw_decode, 0
    try:
        while at < len(text) and text[at] in "{[":
            value, at = read(text, at)
            found += [inner for _, inner in _leaves(value, "")] or [""]
    except (ValueError, RecursionError):
        return []
    return found if at == len(text) else []


def _texts(body: bytes) -> Mapping[tuple[str, str], list[str]]:
    """Every text by the type or name of its event, where it has one, and by its place."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for payload in payloads(body):
        kind = payload.get("type") or payload.get("event") if isinstance(payload, dict) else None
        for place, text in _leaves(payload, ""):
            found[str(kind), place].append(text)
    return found


def _leaves(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, f"{place}[]")
    elif isinstance(value, str):
        yield place, value
    elif type(value) is int and "token" in place.lower() and value:
        yield place, str(value)
