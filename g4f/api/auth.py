"""Who may come in: inbound keys and their scopes, and the Host check where there are no keys.

One function looks at all three forms a key can come in (`Authorization: Bearer`, `g4f-api-key`, `x-api-key`).
Keys are compared as SHA-256 digests of bytes in constant time, against every configured key, so neither odd
characters nor early mismatches change what happens or how long it takes.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from aiohttp import web
from multidict import CIMultiDictProxy

from g4f.api.admission import Allowance
from g4f.config.schema import InboundKey
from g4f.errors import AuthenticationError, ForbiddenError, ModelNotFoundError, RequestError

_HEADERS = ("g4f-api-key", "x-api-key")
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(slots=True, eq=False)
class Caller:
    """A configured key that came in, and what it may ask for and use."""

    name: str
    digest: bytes
    allowance: Allowance
    models: tuple[str, ...] = ("*",)

    def check_model(self, model: str) -> None:
        """Raises ModelNotFoundError if the key may not use `model`: what it may not use does not exist for it."""
        if not self.sees(model):
            raise ModelNotFoundError(
                f"The model {model[:200]!r} does not exist, or this key may not use it.", param="model"
            )

    def sees(self, model: str) -> bool:
        """Whether the key may use `model`."""
        return "*" in self.models or any(fnmatchcase(model, allowed) for allowed in self.models)


#: Stands for everybody where no keys are configured.
ANYBODY = Caller(name="anybody", digest=b"", allowance=Allowance("anybody", time.monotonic))


class Doorkeeper:
    """Decides about requests by the keys of one configuration. Without keys only local clients are let in."""

    def __init__(
        self, keys: Iterable[InboundKey], *, extra: str | None, hosts: Iterable[str], clock: Callable[[], float]
    ) -> None:
        self.callers = [
            Caller(
                name=key.name,
                digest=_digest(key.key.get_secret_value()),
                allowance=Allowance(key.name, clock, rpm=key.rpm, tpm=key.tpm, concurrency=key.concurrency),
                models=key.models,
            )
            for key in keys
        ]
        if extra:
            allowance = Allowance("G4F_API_KEY", clock)
            self.callers.append(Caller(name="G4F_API_KEY", digest=_digest(extra), allowance=allowance))
        self._hosts = _LOCAL_NAMES | {host.lower() for host in hosts}

    def succeed(self, old: "Doorkeeper") -> None:
        """Take over what was already used under the old configuration: a reload is no refill."""
        used = {caller.digest: caller.allowance for caller in old.callers}
        for caller in self.callers:
            before = used.get(caller.digest)
            if before is not None:
                before.change(caller.allowance)
                caller.allowance = before

    def identify(self, request: web.Request) -> Caller:
        """The caller of a request. Raises AuthenticationError, ForbiddenError or RequestError."""
        if not self.callers:
            self._check_host(request)
            return ANYBODY
        presented = _presented(request.headers)
        if presented is None:
            raise AuthenticationError(
                "No API key. Send it as `Authorization: Bearer KEY`, `g4f-api-key: KEY` or `x-api-key: KEY`."
            )
        digest = _digest(presented)
        found: Caller | None = None
        for caller in self.callers:
            if hmac.compare_digest(caller.digest, digest):
                found = caller
        if found is None:
            raise AuthenticationError("The API key is not valid.")
        return found

    def _check_host(self, request: web.Request) -> None:
        """Without keys a web page must not reach us through a name of its own (DNS rebinding) or from its origin."""
        name = request.headers.get("Host", "").lower()
        if not name.endswith("]"):
            name = name.rpartition(":")[0] if ":" in name else name
        if name not in self._hosts:
            raise ForbiddenError(
                "This server has no keys and answers to local names only; configure server.keys to use others.",
                code="host_not_allowed",
            )


def _presented(headers: CIMultiDictProxy[str]) -> str | None:
    """The key a request carries. Two different ones are refused: no guessing which was meant."""
    found = {value for name in _HEADERS for value in headers.getall(name, ())}
    for value in headers.getall("Authorization", ()):
        scheme, _, credential = value.partition(" ")
        if scheme.lower() == "bearer" and credential.strip():
            found.add(credential.strip())
    found.discard("")
    if len(found) > 1:
        raise RequestError("Two different API keys were sent; send one.", code="ambiguous_api_key")
    return found.pop() if found else None


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
