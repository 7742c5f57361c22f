"""Who may come in: inbound keys and their scopes, and the Host check where there are no keys.

One function looks at all forms a key can come in: `Authorization: Bearer`, and the headers of `_HEADERS`, which are
ours, Anthropic's and Google's.
Keys are compared as SHA-256 digests of bytes in constant time, against every configured key, so neither odd
characters nor early mismatches change what happens or how long it takes.
"""

import asyncio
import hmac
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Protocol, overload

from g4f.api.admission import Allowance
from g4f.api.places import Place, Places
from g4f.api.reach import is_exposed
from g4f.api.strangers import Strangers
from g4f.config.digests import digest, digest_of
from g4f.config.server import InboundKey
from g4f.errors import AuthenticationError, ForbiddenError, ModelNotFoundError, RequestError
from g4f.meter.budgets import Budgets

_HEADERS = ("g4f-api-key", "x-api-key", "x-goog-api-key")
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Headers(Protocol):
    """Header fields by name, whatever its case."""

    @overload
    def get(self, key: str) -> str | None: ...
    @overload
    def get(self, key: str, default: str) -> str: ...
    def getall(self, key: str, default: tuple[str, ...]) -> Sequence[str]: ...


class Visitor(Protocol):
    """Who asks to come in. `remote` is its address; `transport` is None when it has left."""

    @property
    def headers(self) -> Headers: ...
    @property
    def remote(self) -> str | None: ...
    @property
    def transport(self) -> asyncio.WriteTransport | None: ...


@dataclass(slots=True, eq=False)
class Caller:
    """A configured key that came in, and what it may ask for and use."""

    name: str
    digest: bytes
    allowance: Allowance
    models: tuple[str, ...] = ("*",)
    expires: float | None = None
    """Unix time in seconds from which the key is refused."""
    admin: bool = False
    metrics: bool = False

    def check_admin(self) -> None:
        """Raises ForbiddenError if the key is not an operator's."""
        if not self.admin:
            raise ForbiddenError(
                "This key may not use /admin/: give it `admin: true`, or use the listener of `admin.listen`.",
                code="admin_not_allowed",
            )

    def check_metrics(self) -> None:
        """Raises ForbiddenError if the key may not read metrics."""
        if not (self.metrics or self.admin):
            raise ForbiddenError(
                "This key may not read /metrics: give it `metrics: true`, or use the listener of `admin.listen`.",
                code="metrics_not_allowed",
            )

    def check_model(self, model: str) -> None:
        """Raises ModelNotFoundError if the key may not use `model`: what it may not use does not exist for it."""
        if not self.sees(model):
            raise ModelNotFoundError(
                f"The model {model[:200]!r} does not exist, or this key may not use it.", param="model"
            )

    def sees(self, model: str) -> bool:
        """Whether the key may use `model`."""
        return "*" in self.models or any(fnmatchcase(model, allowed) for allowed in self.models)


#: Stands for everybody where no keys are configured: only this machine's own users come in then.
ANYBODY = Caller(name="anybody", digest=b"", allowance=Allowance("anybody", time.monotonic), admin=True)


class Door(Protocol):
    """Who decides about requests."""

    def identify(self, request: Visitor) -> Caller:
        """The caller of a request. Raises AuthenticationError, ForbiddenError, LimitExceededError or RequestError."""


class OpenDoor:
    """For what the configuration makes public."""

    def identify(self, request: Visitor) -> Caller:
        """Anybody."""
        return ANYBODY


OPEN_DOOR = OpenDoor()


class Doorkeeper:
    """Decides about requests by the keys of one configuration. Without keys only local clients are let in."""

    def __init__(
        self,
        keys: Iterable[InboundKey],
        *,
        extra: str | None,
        hosts: Iterable[str],
        clock: Callable[[], float],
        now: Callable[[], float] = time.time,
        wrong_keys: int | None = None,
        budgets: Budgets | None = None,
        origins: Iterable[str] = (),
        places: Places = lambda _: None,
    ) -> None:
        self._now = now
        self._origins = frozenset(origins)
        self.strangers = Strangers(wrong_keys, clock) if wrong_keys else None
        self.callers = [
            Caller(
                name=key.name,
                digest=digest_of(key.key.get_secret_value()),
                allowance=_allowance(key, clock, budgets, places(key.name)),
                models=key.models,
                expires=key.expires,
                admin=key.admin,
                metrics=key.metrics,
            )
            for key in keys
        ]
        if extra:
            allowance = Allowance("G4F_API_KEY", clock)
            self.callers.append(Caller(name="G4F_API_KEY", digest=digest_of(extra), allowance=allowance))
        self.is_open = not self.callers
        self._hosts = _LOCAL_NAMES | {_in_brackets(host.lower()) for host in hosts}

    def succeed(self, old: "Doorkeeper") -> None:
        """Take over what was already used under the old configuration: a reload is no refill."""
        if self.strangers is not None and old.strangers is not None:
            self.strangers.succeed(old.strangers)
        used = {caller.digest: caller.allowance for caller in old.callers}
        for caller in self.callers:
            before = used.get(caller.digest)
            if before is not None:
                before.change(caller.allowance)
                caller.allowance = before

    def identify(self, request: Visitor) -> Caller:
        """The caller of a request. Raises AuthenticationError, ForbiddenError, LimitExceededError or RequestError."""
        if not self.callers:
            self._check_place(request)
            return ANYBODY
        if self.strangers is not None:
            self.strangers.check(request.remote)
        try:
            return self._holder(_presented(request.headers))
        except AuthenticationError:
            if self.strangers is not None:
                self.strangers.note(request.remote)
            raise

    def will_say_the_same(self, caller: Caller) -> bool:
        """Whether it depends on nothing but the headers that they are this caller's: not on the time, nor on who else
        came from the same address."""
        return self.strangers is None and caller.expires is None

    def _holder(self, presented: str | None) -> Caller:
        if presented is None:
            raise AuthenticationError(
                "No API key. Send it as `Authorization: Bearer KEY`, `g4f-api-key: KEY` or `x-api-key: KEY`."
            )
        shown = digest(presented)
        found: Caller | None = None
        for caller in self.callers:
            if hmac.compare_digest(caller.digest, shown):
                found = caller
        if found is None:
            raise AuthenticationError("The API key is not valid.")
        if found.expires is not None and self._now() >= found.expires:
            raise AuthenticationError("The API key has expired; ask for a new one.")
        return found

    def _check_place(self, request: Visitor) -> None:
        """Without keys nobody else's machine must reach us, whatever it is that listens (a listener that outlived the
        keys of its file, somebody else's server). Nor must a web page: neither through a name of its own, which it lets
        point here (DNS rebinding), nor with requests that a browser sends from its origin (CSRF)."""
        headers = request.headers
        if is_exposed(request.transport):
            raise ForbiddenError(
                "This server has no keys and is there for its own machine only; configure server.keys to use it from "
                "others.",
                code="address_not_allowed",
            )
        if _without_port(headers.get("Host", "").lower()) not in self._hosts:
            raise ForbiddenError(
                "This server has no keys and answers to local names only; configure server.keys to use others.",
                code="host_not_allowed",
            )
        origins = headers.getall("Origin", ())
        if not all(origin in self._origins or self._is_local(origin) for origin in origins):
            raise ForbiddenError(
                "Without keys no requests of web pages of other origins are taken; server.cors names those that may.",
                code="origin_not_allowed",
            )

    def _is_local(self, origin: str) -> bool:
        """Whether an `Origin` (RFC 6454, 7.1) is a page of this machine. `null` is that of a sandbox or a file."""
        scheme, _, host = origin.lower().partition("://")
        return scheme in ("http", "https") and _without_port(host) in self._hosts


def _without_port(host: str) -> str:
    name, _, port = host.rpartition(":")
    return name if port.isdecimal() and name else host


def _in_brackets(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _allowance(key: InboundKey, clock: Callable[[], float], budgets: Budgets | None, place: Place | None) -> Allowance:
    budget = budgets.of(key.name, key.budget) if budgets else None
    limits = {"rpm": key.rpm, "tpm": key.tpm, "concurrency": key.concurrency}
    return Allowance(key.name, clock, **limits, budget=budget, place=place)


def _presented(headers: Headers) -> str | None:
    """The key a request carries. Two different ones are refused: no guessing which was meant."""
    found = {value for name in _HEADERS for value in headers.getall(name, ())}
    for value in headers.getall("Authorization", ()):
        scheme, _, credential = value.partition(" ")
        if scheme.lower() == "bearer":
            found.add(credential.strip(" "))
    found.discard("")
    if len(found) > 1:
        raise RequestError("Two different API keys were sent; send one.", code="ambiguous_api_key")
    return found.pop() if found else None
