"""Cooldowns as a document that a later process can trust, as far as it may.

It holds names, kinds, counts and times, and no secret: what a circuit is about is tied to its provider and key by a
truncated HMAC under a salt of the document's own. A cooldown is believed only for the very provider and key that
earned it; those of proxies are not kept. Times are on the wall clock; whatever that clock did since, a cooldown can
only become shorter than it was or be dropped, and never lasts more than `LONGEST_COOLDOWN` seconds.
"""

import hashlib
import hmac
import math
import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from g4f.exchange.failure import FailureKind
from g4f.router.health import LONGEST_COOLDOWN, CircuitKey, OpenCircuit

#: The form of the document; another number is another program's.
VERSION = 1
#: Hexadecimal digits of an identity that are kept: enough to tell two keys apart, too few to be the digest of one.
IDENTITY_DIGITS = 16
MOST_COOLDOWNS = 20_000

#: For each provider (with None) and each of its keys, a digest of what it is.
Identities = Mapping[tuple[str, str | None], str]

_Name = Annotated[str, Field(max_length=256)]


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True, defer_build=True
    )


class _Cooldown(_Part):
    provider: _Name
    key: _Name | None
    model: _Name | None
    kind: FailureKind
    strikes: Annotated[float, Field(ge=0, le=1000)]
    openings: Annotated[int, Field(ge=0, le=1_000_000)]
    until: float
    identity: _Name


class _Document(_Part):
    version: Literal[1]
    salt: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    written: float
    cooldowns: Annotated[tuple[_Cooldown, ...], Field(max_length=MOST_COOLDOWNS)]


class ForeignDocumentError(Exception):
    """The document is none of ours, or not whole."""


def encode(circuits: Iterable[OpenCircuit], identities: Identities, *, now: float, wall: float) -> bytes:
    """The document for open circuits. `now` is on the health clock, `wall` the same moment in Unix seconds."""
    salt = secrets.token_hex(16)
    cooldowns = [
        _Cooldown(
            provider=circuit.about.provider,
            key=circuit.about.key,
            model=circuit.about.model,
            kind=circuit.kind,
            strikes=circuit.strikes,
            openings=circuit.openings,
            until=wall + circuit.until - now,
            identity=identity,
        )
        for circuit in circuits
        if (identity := _identity(circuit.about, identities, salt)) is not None
    ]
    document = _Document(version=VERSION, salt=salt, written=wall, cooldowns=tuple(cooldowns[:MOST_COOLDOWNS]))
    return document.model_dump_json(indent=1).encode()


def decode(content: bytes, identities: Identities, *, now: float, wall: float) -> list[OpenCircuit]:
    """The circuits of a document that still hold. Raises ForeignDocumentError."""
    try:
        document = _Document.model_validate_json(content)
    except ValidationError:
        raise ForeignDocumentError from None
    return list(_believed(document, identities, now=now, wall=wall))


def _believed(document: _Document, identities: Identities, *, now: float, wall: float) -> Iterator[OpenCircuit]:
    for cooldown in document.cooldowns:
        about = CircuitKey(cooldown.provider, cooldown.key, cooldown.model)
        identity = _identity(about, identities, document.salt)
        if identity is None or not hmac.compare_digest(identity.encode(), cooldown.identity.encode()):
            continue
        # A clock that went back must not make a cooldown longer than it was when it was written.
        left = min(cooldown.until - wall, cooldown.until - document.written, LONGEST_COOLDOWN)
        if math.isfinite(left) and left > 0:
            yield OpenCircuit(
                about=about,
                kind=cooldown.kind,
                strikes=cooldown.strikes,
                openings=cooldown.openings,
                until=now + left,
            )


def _identity(about: CircuitKey, identities: Identities, salt: str) -> str | None:
    """Who a circuit is about, so that only the same one recognises it; None for one that is not configured."""
    provider = identities.get((about.provider, None))
    key = identities.get((about.provider, about.key)) if about.key is not None else ""
    if provider is None or key is None:
        return None
    message = f"{provider}\0{key}".encode()
    return hmac.new(bytes.fromhex(salt), message, hashlib.sha256).hexdigest()[:IDENTITY_DIGITS]
