"""The operator's endpoints under /admin/."""

import asyncio

from aiohttp import web

from g4f.api.control import Control
from g4f.api.handlers.asked import day_of, order_of
from g4f.api.keys import CONTROL, GATEWAY, LINE, METER
from g4f.api.responses import json_response
from g4f.errors import ConfigError, RequestError, UnavailableError
from g4f.exchange.capability import NEEDS
from g4f.exchange.request import Operation
from g4f.meter.ledger import LedgerError
from g4f.meter.report import Query, columns, report


async def explain(request: web.Request) -> web.Response:
    """The chain a request for `?model=` (at `?provider=`, for `?operation=`, which `?needs=tools,vision`) would walk
    now, and why the rest is left out."""
    model = request.query.get("model")
    if not model:
        raise RequestError("Say which model: /admin/explain?model=NAME.", param="model")
    found = request.app[GATEWAY].explain(
        model,
        provider=request.query.get("provider"),
        operation=_operation(request.query.get("operation")),
        needs=_needs(request.query.get("needs")),
    )
    return json_response(found.as_dict())


async def state(request: web.Request) -> web.Response:
    """What serves, how it does, and what became of the file since."""
    return json_response(await _control(request).state())


async def config(request: web.Request) -> web.Response:
    """Every setting that is in effect, and where it comes from. Keys appear by their names."""
    settings = await _control(request).settings()
    return json_response({"settings": [{"path": s.path, "value": s.value, "origin": s.origin} for s in settings]})


async def reload(request: web.Request) -> web.Response:
    """Read the file again, and apply it: `{}`; only look: `{"dry_run": true}`; try it on a share of the requests
    first: `{"canary": "10%", "for": "60s"}`. 409 where the file is refused."""
    control = _control(request)
    order = await order_of(request)
    if order.dry_run:
        found = await control.rehearse()
        return json_response(found, 200 if found["ok"] else 409)
    if order.share is not None:
        try:
            return json_response(await control.try_out(order.share, order.seconds), 202)
        except ConfigError as error:
            return json_response({"result": "refused", "problems": [str(problem) for problem in error.problems]}, 409)
    found = await control.reload()
    return json_response(found, 409 if found["result"] == "refused" else 200)


async def drain(request: web.Request) -> web.Response:
    """Leave in good order, as SIGTERM does: answers that run may end, new requests are sent elsewhere."""
    await _control(request).drain()
    return json_response({"draining": True}, 202)


async def usage(request: web.Request) -> web.Response:
    """Who used what, and what it cost: `?by=day,key&since=2026-11-01&until=2026-11-30&key=NAME&model=NAME`."""
    request[LINE].caller.check_admin()
    meter, asked = request.app[METER], request.query
    if meter.ledger is None:
        raise UnavailableError("This server keeps no books.", code="no_ledger")
    try:
        query = Query(
            by=columns(asked.get("by", "day")),
            since=day_of(asked.get("since")),
            until=day_of(asked.get("until")),
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


def _needs(written: str | None) -> frozenset[str]:
    words = [word.strip() for word in (written or "").split(",") if word.strip()]
    wrong = next((word for word in words if word not in NEEDS), None)
    if wrong is not None:
        raise RequestError(f"needs: {wrong[:64]!r} is none of {', '.join(NEEDS)}.", param="needs")
    return frozenset(words)


def _operation(written: str | None) -> Operation | None:
    if written is None:
        return None
    try:
        return Operation(written)
    except ValueError:
        message = f"An operation is one of {', '.join(Operation)}."
        raise RequestError(message, code="invalid_value", param="operation") from None


def _control(request: web.Request) -> Control:
    """What the operator's hands are on. Raises ForbiddenError for anybody else."""
    request[LINE].caller.check_admin()
    control = request.app.get(CONTROL)
    if control is None:
        raise UnavailableError("This server cannot be administered.", code="no_control")
    return control
