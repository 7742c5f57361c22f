"""Documents that are kept for callers: each belongs to the key that made it, and all are bounded in number and age.

Keeping never fails a request: what cannot be read is not there, and what cannot be written is told to the log.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, ParamSpec, TypeVar

import orjson

from g4f import log
from g4f.config.schema import Conversations as Limits
from g4f.state.types import StateError, Store

#: The form of the documents; another number is another program's.
VERSION: Final = 1
#: Saves after which what is over the bounds is looked for: so many documents there may be too many.
SWEEP_EVERY: Final = 16

P = ParamSpec("P")
T = TypeVar("T")

_log = log.get()


class Shelf:
    """The documents whose names begin with `prefix`. `wall` is the time in Unix seconds."""

    def __init__(self, store: Store, prefix: str, *, wall: Callable[[], float] = time.time) -> None:
        self._store = store
        self._prefix = prefix
        self._wall = wall
        self._saves = 0

    def name(self, caller: str, key: str) -> str:
        """What the caller's document for `key` is called."""
        digest = hashlib.sha256(f"{caller}\0{key}".encode(errors="surrogatepass")).hexdigest()
        return f"{self._prefix}{digest[:40]}.json"

    async def load(self, name: str) -> Mapping[str, Any]:
        """What a document holds; nothing where there is none, it has expired, or is not ours."""
        try:
            content = await self._run(self._store.load, name)
        except StateError as error:
            _log.warning("document.not_read", problem=str(error))
            return {}
        try:
            document = orjson.loads(content or b"{}")
            ours = document["version"] == VERSION and document["until"] > self._wall()
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return {}
        return document if ours else {}

    async def save(self, name: str, document: Mapping[str, Any], limits: Limits) -> None:
        """Write a document down."""
        content = orjson.dumps({"version": VERSION, "until": self._wall() + limits.ttl, **document})
        self._saves += 1
        try:
            await self._run(self._store.save, name, content)
            if self._saves % SWEEP_EVERY == 1:
                await self._run(self._sweep, limits)
        except StateError as error:
            _log.warning("document.not_saved", problem=str(error))

    async def remove(self, name: str) -> None:
        """Forget a document."""
        try:
            await self._run(self._store.remove, name)
        except StateError as error:
            _log.warning("document.not_removed", problem=str(error))

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._store.lasting:
            return await asyncio.to_thread(work, *args, **kwargs)
        return work(*args, **kwargs)

    def _sweep(self, limits: Limits) -> None:
        """Forget what has expired, and of the rest what is one too many: that which was silent longest."""
        kept = self._store.listed(self._prefix)
        born = self._wall() - limits.ttl
        for place, document in enumerate(kept):
            if document.saved < born or len(kept) - place > limits.max_count:
                self._store.remove(document.name)
