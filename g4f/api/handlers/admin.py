"""The operator's endpoints under /admin/."""

import asyncio
from datetime import date

from aiohttp import web

from g4f.api.access import LINE
from g4f.api.keys import GATEWAY, METER
from g4f.api.responses import json_response
from g4f.errors import RequestError, UnavailableError
from g4f.exchange.request import Operation
from g4f.meter.ledger import LedgerError
from g4f.meter.report import Query, columns, report


async def explain(request: web.Request) -> web.Response:
    """The chain a request for `?model=` (at `?provider=`, for `?operation=`) would walk now, and why the rest is left
    out."""
    model = request.query.get("model")
    if not model:
        raise RequestError("Say which model: /admin/explain?model=NAME.", param="model")
    found = request.app[GATEWAY].explain(
        model, provider=request.query.get("provider"), operation=_operation(request.query.get("operation"))
    )
    return json_response(found.as_dict())


async def usage(request: web.Request) -> web.Response:
    """Who used what, and what it cost: `?by=day,key&since=2026-11-01&until=2026-11-30&key=NAME&model=NAME`."""
    request[LINE].caller.check_admin()
    meter, asked = request.app[METER], request.query
    if meter.ledger is None:
        raise UnavailableError("This server keeps no books.", code="no_ledger")
    try:
        query = Query(
            by=columns(asked.get("by", "day")),
            since=_day(asked.get("since")),
            until=_day(asked.get("until")),
            key=asked.get("key"),
            model=asked.get("model"),
        )
    except ValueError as wrong:
        raise RequestError(str(wrong), code="invalid_value") from None
    meter.journal.drain()
    try:
        rows = await asyncio.to_thread(report, query, meter.ledger.select)
    except LedgerError as error:
        raise UnavailableError(f"The books cannot be read: {error}.", code="ledger_unavailable") from None
    return json_response({"rows": rows})


def _day(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no day: write 2026-11-01.") from None


def _operation(written: str | None) -> Operation | None:
    if written is None:
        return None
    try:
        return Operation(written)
    except ValueError:
        message = f"An operation is one of {', '.join(Operation)}."
        raise RequestError(message, code="invalid_value", param="operation") from None
