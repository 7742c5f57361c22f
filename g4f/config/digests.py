"""What is known of an inbound key: its SHA-256, whether the file holds the key itself or `sha256:` and the digest.

A digest serves in place of a key only where keys are long and random, as `g4fd keys new` makes them: a short one can
be found from its digest by trying.
"""

import hashlib
import re
from typing import Final

PREFIX: Final = "sha256:"
_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")


def digest(key: str) -> bytes:
    """SHA-256 of a key as a client presents it. Every string has one, whatever characters it holds."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def is_digest(written: str) -> bool:
    """Whether the file holds a digest. Raises ValueError with words for the user if it is not a whole one."""
    if not written.lower().startswith(PREFIX):
        return False
    if not _HEX.fullmatch(written[len(PREFIX) :]):
        raise ValueError("after sha256: come the 64 hexadecimal digits of the key's SHA-256")
    return True


def digest_of(written: str) -> bytes:
    """The digest of what the file holds for a key. Raises ValueError for a broken `sha256:`."""
    return bytes.fromhex(written[len(PREFIX) :]) if is_digest(written) else digest(written)
