"""Images as their client wants them: as links where the provider gave base64, as base64 where it gave links.

A link is fetched only through the guard, which lets it lead to public addresses and to the provider's own origin. An
image that cannot be turned into what was asked for is given as it is: the client has paid for it.
"""

import asyncio
import base64
import binascii
from dataclasses import replace
from typing import Any

import orjson

from g4f import log
from g4f.exchange.answer import Completion
from g4f.exchange.failure import AttemptFailed
from g4f.exchange.request import Request
from g4f.providers.guard import Guard
from g4f.providers.magic import media_type
from g4f.state.media import MediaStore
from g4f.state.types import StateError

_log = log.get()

URL, BASE64 = "url", "b64_json"


class Pictures:
    """Turns the images of whole answers. `store` keeps what is to be linked to."""

    def __init__(self, store: MediaStore, guard: Guard) -> None:
        self._store = store
        self._guard = guard

    async def deliver(self, whole: Completion, request: Request, *, trusted: str | None) -> Completion:
        """The answer in the `response_format` of its request. `trusted` is the provider's own address."""
        wanted = request.payload.get("response_format")
        if wanted not in (URL, BASE64):
            return whole
        value = orjson.loads(whole.wire)
        if all(image.get(wanted) for image in value["data"]):
            return whole
        for image in value["data"]:
            if not image.get(wanted):
                await (self._linked(image, request) if wanted == URL else self._encoded(image, request, trusted))
        return replace(whole, wire=orjson.dumps(value))

    async def _linked(self, image: dict[str, Any], request: Request) -> None:
        try:
            content = base64.b64decode(image[BASE64])
            name = await asyncio.to_thread(self._store.put, content, media_type(content))
        except (StateError, binascii.Error) as error:
            _log.warning("media.not_kept", request_id=request.id, problem=str(error))
            return
        del image[BASE64]
        image[URL] = f"{request.links}{name}"

    async def _encoded(self, image: dict[str, Any], request: Request, trusted: str | None) -> None:
        url = image[URL]
        try:
            files = await self._guard.fetch([url], trusted=trusted)
        except AttemptFailed:
            _log.warning("media.not_fetched", request_id=request.id)
            return
        del image[URL]
        image[BASE64] = base64.b64encode(files[url].content).decode("ascii")
