"""Several answers from a provider that gives fewer: it is asked again, all at once, for those that are missing.

dall-e-3 makes one picture a call and refuses `n`; other dialects have no word for several answers; some servers ignore
it. What comes is put together as one answer, with the tokens of all calls. Of calls that fail beside others that do not
nothing is said: who asked for four pictures and gets three has lost less than who gets none.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import orjson

from g4f.dialects.openai.operation import IMAGES
from g4f.exchange.answer import Completion, Usage
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import Dialect, Operation, Request
from g4f.providers.types import Adapter, Call

Json = dict[str, Any]

#: Calls that one request may become.
MOST_CALLS: Final = 16
_REFUSALS = frozenset({FailureKind.BAD_REQUEST, FailureKind.UNSUPPORTED})
_NAMES_IT = re.compile(r"\bn\b")


async def complete(adapter: Adapter, call: Call) -> Completion:
    """As many answers as the request wants, if the provider gives any. Raises AttemptFailed as the adapter does."""
    place, wanted = _place(call.request), _wanted(call.request)
    if place is None or wanted > MOST_CALLS:
        return await adapter.complete(call)
    single = replace(call, request=_single(call.request))
    try:
        first = await adapter.complete(call)
    except AttemptFailed as failed:
        if not _is_for_n(failed.failure):
            raise
        first = await adapter.complete(single)
        call.dropped = single.dropped
    missing = wanted - len(orjson.loads(first.wire)[place])
    if missing < 1:
        return first
    rest = await asyncio.gather(*(adapter.complete(replace(single)) for _ in range(missing)), return_exceptions=True)
    for other in rest:
        if isinstance(other, BaseException) and not isinstance(other, AttemptFailed):
            raise other
    return _together([first, *(other for other in rest if isinstance(other, Completion))], place, wanted)


def _wanted(request: Request) -> int:
    return int(request.payload.get("n") or 1)


def _place(request: Request) -> str | None:
    """Where an answer has what there may be several of."""
    if request.dialect is not Dialect.OPENAI:
        return None
    return "choices" if request.operation is Operation.CHAT else "data" if request.operation in IMAGES else None


def _single(request: Request) -> Request:
    payload = {name: value for name, value in request.payload.items() if name != "n"}
    native = request.native
    if native is not None:
        native = {name: value for name, value in native.items() if name != "n"}
    return replace(request, payload=payload, native=native)


def _is_for_n(failure: Failure) -> bool:
    """Whether more than one is what a provider refuses."""
    return failure.kind in _REFUSALS and (failure.param == "n" or _NAMES_IT.search(failure.message) is not None)


def _together(answers: Sequence[Completion], place: str, wanted: int) -> Completion:
    bodies: list[Json] = [orjson.loads(answer.wire) for answer in answers]
    items = [item for body in bodies for item in body[place]][:wanted]
    if place == "choices":
        items = [{**item, "index": index} for index, item in enumerate(items)]
    body = {**bodies[0], place: items}
    counted = [told["usage"] for told in bodies if told.get("usage")]
    if counted:
        body["usage"] = _sum(counted)
    usages = [answer.usage for answer in answers if answer.usage is not None]
    return Completion(
        orjson.dumps(body),
        usage=_sum_of(usages) if usages else None,
        finish=answers[0].finish,
        filtered=all(answer.filtered for answer in answers),
    )


def _sum(counted: Sequence[Json]) -> Json:
    """Numbers of tokens by name, and those within them; of anything else what the first one says."""
    total: Json = {}
    for name, value in counted[0].items():
        others = [other[name] for other in counted if isinstance(other.get(name), type(value))]
        if isinstance(value, dict):
            total[name] = _sum(others)
        else:
            total[name] = sum(others) if isinstance(value, int | float) and not isinstance(value, bool) else value
    return total


def _sum_of(usages: Sequence[Usage]) -> Usage:
    return Usage(
        input_tokens=sum(usage.input_tokens for usage in usages),
        output_tokens=sum(usage.output_tokens for usage in usages),
        cached_tokens=sum(usage.cached_tokens for usage in usages),
        cache_write_tokens=sum(usage.cache_write_tokens for usage in usages),
        reasoning_tokens=sum(usage.reasoning_tokens for usage in usages),
    )
