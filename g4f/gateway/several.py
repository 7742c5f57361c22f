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
    """As many answers as the request wants, which is several, if the provider gives any. Raises AttemptFailed as the
    adapter does."""
    place = "data" if call.request.operation in IMAGES else "choices"
    one = single(call)
    try:
        first = await adapter.complete(call)
    except AttemptFailed as failed:
        if not is_for_n(failed.failure):
            raise
        first = await adapter.complete(one)
        call.dropped = one.dropped
    missing = wanted(call.request) - len(orjson.loads(first.wire)[place])
    if missing < 1:
        return first
    rest = await asyncio.gather(*(adapter.complete(replace(one)) for _ in range(missing)), return_exceptions=True)
    for other in rest:
        if isinstance(other, BaseException) and not isinstance(other, AttemptFailed):
            raise other
    answers = [first, *(other for other in rest if isinstance(other, Completion))]
    return _together(answers, place, wanted(call.request))


def are_wanted(request: Request) -> bool:
    """Whether a request wants several answers, and as many as it may become calls."""
    if not 1 < wanted(request) <= MOST_CALLS or request.dialect is not Dialect.OPENAI:
        return False
    if request.operation is Operation.COMPLETION:
        return isinstance(request.payload.get("prompt"), str)
    return request.operation is Operation.CHAT or (request.operation in IMAGES and not request.stream)


def wanted(request: Request) -> int:
    """How many answers a request wants."""
    return int(request.payload.get("n") or 1)


def single(call: Call) -> Call:
    """The call for one answer."""
    request = call.request
    payload = {name: value for name, value in request.payload.items() if name != "n"}
    native = request.native
    if native is not None:
        native = {name: value for name, value in native.items() if name != "n"}
    return replace(call, request=replace(request, payload=payload, native=native), dropped=(), send=None)


def is_for_n(failure: Failure) -> bool:
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
        body["usage"] = counts_together(counted)
    return Completion(
        orjson.dumps(body),
        usage=usages_together([answer.usage for answer in answers if answer.usage is not None]),
        finish=answers[0].finish,
        filtered=all(answer.filtered for answer in answers),
    )


def counts_together(counted: Sequence[Json]) -> Json:
    """Numbers of tokens by name, and those within them; of anything else what the first one says."""
    total: Json = {}
    for name, value in counted[0].items():
        others = [other[name] for other in counted if isinstance(other.get(name), type(value))]
        if isinstance(value, dict):
            total[name] = counts_together(others)
        else:
            total[name] = sum(others) if isinstance(value, int | float) and not isinstance(value, bool) else value
    return total


def usages_together(usages: Sequence[Usage]) -> Usage | None:
    """The tokens of several calls; None where none was counted."""
    if not usages:
        return None
    return Usage(
        input_tokens=sum(usage.input_tokens for usage in usages),
        output_tokens=sum(usage.output_tokens for usage in usages),
        cached_tokens=sum(usage.cached_tokens for usage in usages),
        cache_write_tokens=sum(usage.cache_write_tokens for usage in usages),
        reasoning_tokens=sum(usage.reasoning_tokens for usage in usages),
    )
