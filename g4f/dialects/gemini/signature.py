"""Signatures of thoughts and data in base64, as Google's SDKs read and write them.

The SDKs hold both as bytes: what is not base64 they refuse, and what they send back is in the URL's alphabet.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from g4f.dialects.gemini.wire import SIGNED_BY_GEMINI, Json, objects, word
from g4f.dialects.hub import FOREIGN, foreign_signature, read_signature

_PREFIX = b64encode(FOREIGN.encode())[:5].decode()
"""What the letters of `FOREIGN` are in base64, up to the last one that nothing after them changes."""
_STANDARD = str.maketrans("-_", "+/")


def standard(data: str) -> str:
    """Base64 of either alphabet in that of other dialects."""
    return data.translate(_STANDARD)


def sealed(format_: str | None, signature: str) -> str:
    """A signature of another maker for clients of Gemini's dialect."""
    return b64encode(foreign_signature(format_, signature).encode()).decode()


def opened(signature: str) -> tuple[str, str]:
    """The format and the maker's own signature in one that a client sends back."""
    if not signature.startswith(_PREFIX):
        return SIGNED_BY_GEMINI, signature
    padded = standard(signature) + "=" * (-len(signature) % 4)
    try:
        return read_signature(b64decode(padded).decode(), own=SIGNED_BY_GEMINI)
    except ValueError:
        return SIGNED_BY_GEMINI, signature


def without_foreign(asked: Mapping[str, Any], unsigned: str | None) -> Mapping[str, Any]:
    """A client's own request as Gemini can be asked: what another maker signed it would refuse. Such a signature on a
    call is `unsigned` in its place, if that is given, and otherwise left out."""
    if not any(
        _is_foreign(part) for content in objects(asked.get("contents")) for part in objects(content.get("parts"))
    ):
        return asked
    contents = [
        {**content, "parts": [_cleaned(part, unsigned) for part in objects(content.get("parts"))]}
        for content in objects(asked["contents"])
    ]
    return {**asked, "contents": contents}


def _is_foreign(part: Json) -> bool:
    signature = word(part, "thoughtSignature")
    return isinstance(signature, str) and opened(signature)[0] != SIGNED_BY_GEMINI


def _cleaned(part: Json, unsigned: str | None) -> Json:
    if not _is_foreign(part):
        return part
    rest = {name: value for name, value in part.items() if name not in ("thoughtSignature", "thought_signature")}
    called = unsigned is not None and word(part, "functionCall") is not None
    return {**rest, "thoughtSignature": unsigned} if called else rest
