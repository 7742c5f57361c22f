"""GET and DELETE /v1/responses/{id}, and its input: the responses that are kept."""

from aiohttp import web

from g4f.api.keys import GATEWAY, LINE
from g4f.api.responses import json_response
from g4f.errors import RequestError


async def get_response(request: web.Request) -> web.Response:
    """A response as it was given."""
    if request.query.get("stream") == "true":
        raise RequestError("A kept response is not streamed again: ask without stream.", param="stream")
    stored = await request.app[GATEWAY].responses.get(request[LINE].caller.name, request.match_info["id"])
    return json_response(stored.response)


async def delete_response(request: web.Request) -> web.Response:
    """Forget a response."""
    key = request.match_info["id"]
    await request.app[GATEWAY].responses.forget(request[LINE].caller.name, key)
    return json_response({"id": key, "object": "response", "deleted": True})


async def list_input(request: web.Request) -> web.Response:
    """The items that a response answered, the newest first unless `order=asc`, `limit` of them (20) `after` an id."""
    key = request.match_info["id"]
    stored = await request.app[GATEWAY].responses.get(request[LINE].caller.name, key)
    items = [{"id": f"item_{number}", **item} for number, item in enumerate(stored.input)]
    if request.query.get("order", "desc") != "asc":
        items.reverse()
    after = request.query.get("after")
    first = next((place + 1 for place, item in enumerate(items) if item["id"] == after), 0) if after else 0
    page = items[first : first + _limit(request.query.get("limit", "20"))]
    return json_response(
        {
            "object": "list",
            "data": page,
            "first_id": page[0]["id"] if page else None,
            "last_id": page[-1]["id"] if page else None,
            "has_more": first + len(page) < len(items),
        }
    )


def _limit(written: str) -> int:
    if not written.isascii() or not written.isdigit() or not 1 <= int(written) <= 100:
        raise RequestError("limit is a number from 1 to 100.", param="limit")
    return int(written)
