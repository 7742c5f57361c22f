"""Makes text of an upstream fit to be shown: no credential, one line, bounded.

What is masked is masked whole: a prefix of a key helps to guess which one it was.
"""

import base64
import re
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import quote

MASK = "***"
LIMIT = 512
#: A secret that nobody could have written by hand: its first eight characters are a secret, too. Header values such as
#: `application/json` or a home page are none.
_RANDOM = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])(?!.*://)[^\s]{16,}")
_SHOWN = 8
#: What belongs to a key that was cut short.
_REST = r"[^\s\"'`,;:()<>{}\[\]]*"
_READ = 8192

_KEYS = re.compile(
    r"""
      (?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{8,}
    | (?<![A-Za-z0-9])(?:sk|pk|rk|gsk|xai|hf|r8|pplx|nvapi|csk|ghp|gho|ghs|github_pat|AIza|AKIA|ya29|fw)
          [-_.]?(?=[A-Za-z_-]{0,64}[0-9])[A-Za-z0-9_-]{8,}          # the well-known prefixes
    | \beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}              # a JSON Web Token
    | (?<=://)[^\s/@]+@                                           # user and password of a URL
    | \b(?=[A-Za-z_]*[0-9])[A-Za-z0-9_]{28,}               # long tokens: the names of models have dashes
    | (?<![A-Za-z0-9_-])(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{44,}  # tried once in each run: linear
    """,
    re.VERBOSE | re.ASCII,
)
_SCHEMES = re.compile(r"\b(bearer|basic)(\s+)[^\s\"',;]{4,}", re.IGNORECASE | re.ASCII)
_PARAMETERS = re.compile(
    r"\b((?:api[-_]?key|access[-_]?token|token|secret|password|authorization|key)[\"']?\s*[=:]\s*[\"']?)"
    r"(?!bearer\b|basic\b)[^\s\"'&,;]{8,}",
    re.IGNORECASE | re.ASCII,
)
_MASKED_SCHEME, _MASKED_PARAMETER = rf"\1\2{MASK}", rf"\1{MASK}"


@lru_cache(maxsize=256)
def _traces(secret: str) -> re.Pattern[str]:
    """What gives a long secret away although it is not all there: its beginning, as upstreams like to show it
    (`abcdefgh...wxyz`), and the whole of it in a URL or in base64."""
    raw = secret.encode()
    encoded = {quote(secret, safe=""), *(_inside_base64(raw, shift) for shift in range(3))}
    written = "|".join(re.escape(text) for text in sorted(encoded, key=len, reverse=True))
    return re.compile(rf"(?:{written}|{re.escape(secret[:_SHOWN])}){_REST}")


def _inside_base64(raw: bytes, shift: int) -> str:
    """The characters of base64 that `raw` alone decides when `shift` bytes stand before it."""
    text = base64.b64encode(bytes(shift) + raw).decode()
    begin, end = -(-shift * 8 // 6), (shift + len(raw)) * 8 // 6
    return text[begin:end]


def scrub(text: str, secrets: Collection[str], *, limit: int = LIMIT) -> str:
    """`text` on one line without `secrets` and anything that looks like a key, at most `limit` characters."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    text = text[:_READ]
    for secret in secrets:
        if _RANDOM.fullmatch(secret):
            text = _traces(secret).sub(MASK, text)
    text = _SCHEMES.sub(_MASKED_SCHEME, text)
    text = _PARAMETERS.sub(_MASKED_PARAMETER, text)
    text = _KEYS.sub(MASK, text)
    text = "".join(char if char.isprintable() else " " for char in text)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
