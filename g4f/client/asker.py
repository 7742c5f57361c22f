"""What all faces of a client share: its gateway, kept in step with what the program says."""

import asyncio
import builtins
import contextlib
import weakref
from collections import OrderedDict
from collections.abc import Awaitable, Collection
from typing import Any

from g4f import debug
from g4f.client.background import start
from g4f.client.composition import Composition
from g4f.client.options import Options
from g4f.client.pins import anybody, flat, members, name_of, usable
from g4f.client.verbose import follow_debug
from g4f.errors import ExhaustedError, RequestError, TimeoutError  # noqa: A004 - the class that users catch
from g4f.exchange.request import Request
from g4f.gateway.answer import Answer
from g4f.gateway.explain import Explanation
from g4f.gateway.gateway import Gateway
from g4f.gateway.reload import Reloader
from g4f.gateway.seat import GatewaySeat
from g4f.gateway.snapshot import Plan, Snapshot
from g4f.router.table import RoutingTable

#: Clients with other options that are kept for the next call with these; the oldest is closed first.
MOST_VARIANTS = 32
#: How a failure looks of which a provider's own silence, and no exception, is the reason.
_SILENT = "empty"


class Asker:
    """One gateway and what was said to it. Raises ConfigError for what cannot be used; contacts nobody by itself."""

    def __init__(self, options: Options, *, watch: bool = False, like: Composition | None = None) -> None:
        self.options = options
        self.composition = Composition(options, like)
        follow_debug(self.composition.settings.debug)
        self.gateway = Gateway(self.composition.current(), bind=self.composition.bind)
        self._version = self.composition.version
        self._variants: OrderedDict[str, Asker] = OrderedDict()
        self._old: list[Snapshot] = []
        self._watch = watch
        self._watching: asyncio.Task[None] | None = None
        self._closed = False
        self._loops: list[asyncio.AbstractEventLoop] = []
        # Programs make clients and let go of them: their connections must not stay until somebody else closes them.
        weakref.finalize(self, _let_go, self.gateway, self._loops).atexit = False
        if not anybody(options.provider):
            # What is no provider is refused here, not at the first call.
            for provider in self.composition.known(members(options.provider)):
                self.composition.include(provider)
            self._keep_up()

    def pins(
        self,
        provider: Any,
        *,
        stream: bool = False,
        ignore_working: bool = True,
        ignore_stream: bool = True,
        ignored: Collection[str] = (),
    ) -> tuple[str, ...] | None:
        """The names a request is pinned to. None: to none, or to the client's own. Raises TypeError and what
        `usable` raises."""
        wanted = self.options.provider if provider is None else provider
        if wanted is None and self.options.base_url is not None:
            return (str(self.composition.main_provider),)
        if anybody(wanted):
            return None
        known = [leaf for leaf in self.composition.known(flat(wanted)) if name_of(leaf) not in ignored]
        leaves = usable(known, stream=stream, ignore_working=ignore_working, ignore_stream=ignore_stream)
        names = tuple(self.composition.include(leaf) for leaf in leaves)
        self._keep_up()
        return names or None

    def model(self, asked: Any, pins: tuple[str, ...] | None) -> str:
        """The name to ask for; for an empty one the default: of the first provider the request is pinned to, or else
        `default`, or the first model that can be used."""
        name = str(getattr(asked, "name", asked) or "")
        if name:
            return name
        return self.composition.default_of(pins[0]) if pins else default_model(self.gateway.snapshot.table)

    def takes_objects(self, pins: tuple[str, ...] | None) -> bool:
        """Whether a provider written in Python may be asked, which takes arguments of any type."""
        return any(self.composition.is_object(name) for name in pins or ())

    async def ask(self, request: Request) -> Answer:
        """The committed answer to a request. Raises what the gateway raises; a provider's own exception where that is
        all that happened; RuntimeError once the client is closed."""
        if self._closed:
            raise RuntimeError("this client is closed; make another one")
        self._loops[:] = [asyncio.get_running_loop()]
        await self._housekeeping()
        request = self.gateway.with_model(request) if request.model else request
        alone = request.provider[0] if request.provider and len(request.provider) == 1 else ""
        if self.composition.is_object(alone):
            # The program asks for this one and no other, perhaps with other arguments than before.
            self.gateway.health.forget(alone)
        try:
            answer = await self.gateway.answer(request)
        except ExhaustedError as error:
            raise own_words(error) from error.__cause__
        debug.last_provider, debug.last_model = answer.target.provider, answer.target.model
        return answer

    def variant(self, **given: Any) -> "Asker":
        """This one with other options, kept for the next time."""
        options = self.options.changed(**given)
        if options == self.options:
            return self
        known = repr((given, name_of(options.provider or "")))
        found = self._variants.pop(known, None)
        self._variants[known] = found = found if found is not None else Asker(options, like=self.composition)
        while len(self._variants) > MOST_VARIANTS:
            self._variants.popitem(last=False)  # it closes itself when nobody asks it any more
        return found

    def explain(self, model: Any, provider: Any) -> Explanation:
        """The chain a request would walk now, and why targets are left out."""
        pins = self.pins(provider)
        return self.gateway.explain(self.model(model, pins), provider=pins)

    async def reload(self) -> bool:
        """Serve by the file as it is now; True if it changed. Raises ConfigError, and then nothing changed."""
        loaded = await asyncio.to_thread(self.composition.read)
        new = self.composition.plan(loaded, self.composition.environ, self.composition.settings)
        if new.digest == self.gateway.snapshot.digest:
            return False
        self.composition.loaded = loaded
        self._old.append(self.gateway.swap(new))
        self._forget_variants(new)
        await self._housekeeping()
        return True

    async def close(self) -> None:
        """Close the connections that no request uses any more."""
        watching, self._watching = self._watching, None
        if watching is not None and not watching.get_loop().is_closed():
            watching.cancel()
        self._closed = True
        variants, self._variants = self._variants, OrderedDict()
        for variant in variants.values():
            await variant.close()
        await self._housekeeping(closing=True)
        await self.gateway.close()

    def _keep_up(self) -> None:
        if self._version != self.composition.version:
            self._old.append(self.gateway.swap(self.composition.current()))
            self._version = self.composition.version

    def _forget_variants(self, _: Plan | None) -> None:
        self._variants.clear()

    async def _housekeeping(self, *, closing: bool = False) -> None:
        while self._old:
            await self._old.pop().retire()
        # A watch is done with its loop, of which a program may have several, one after the other.
        watches = self._watching is not None and not self._watching.done()
        if self._watch and not (watches or closing or self.composition.is_embedded):
            await self._begin_to_watch()

    async def _begin_to_watch(self) -> None:
        """Watch from now on, and see to what changed before."""
        reloader = self._reloader()
        self._watching = asyncio.get_running_loop().create_task(reloader.run())
        await reloader.reload("poll")

    def _reloader(self) -> Reloader:
        composition = self.composition
        return Reloader(
            GatewaySeat(self.gateway, lambda _: lambda: None),
            composition.loaded,
            composition.current(),
            environ=composition.environ,
            settings=composition.settings,
            plan=composition.plan,
            applied=self._forget_variants,
        )


def _let_go(gateway: Gateway, loops: list[asyncio.AbstractEventLoop]) -> None:
    for loop in loops:
        if not loop.is_closed():
            with contextlib.suppress(RuntimeError):  # closed meanwhile, and the connections with it
                start(loop, lambda: _close(gateway))


async def _close(gateway: Gateway) -> None:
    with contextlib.suppress(RuntimeError):  # the interpreter is on its way out, and has no threads to give
        await gateway.close()


async def within(seconds: float | None, asking: Awaitable[Answer]) -> Answer:
    """The answer, if it comes within the time of one call. Raises TimeoutError."""
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await asking
    except builtins.TimeoutError as error:
        if not limit.expired():
            raise
        raise TimeoutError(f"no content within the {seconds} s of this call") from error


def default_model(table: RoutingTable) -> str:
    """The model for a request that names none. Raises RequestError where there is no such model."""
    if table.default_model is not None:
        return table.default_model
    if table.find("default") is not None:
        return "default"
    routes = [route for route in table.routes.values() if not route.pattern]
    keyed = [route for route in routes if any(table.providers[name].keys for name in route.providers())]
    if not routes:
        raise RequestError("model is required: this configuration has only patterns", status=422, param="model")
    return (keyed or routes)[0].name


def own_words(error: ExhaustedError) -> Exception:
    """The exception that the one provider raised, where no other failed; else the error as it is."""
    failed = [attempt for attempt in error.attempts if attempt["failure"] != _SILENT]
    return error.causes[0] if len(failed) == 1 and len(error.causes) == 1 else error
