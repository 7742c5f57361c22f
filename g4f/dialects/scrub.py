"""Makes text of an upstream fit to be shown: no credential, one line, bounded.

What is masked is masked whole: a prefix of a key helps to guess which one it was.
"""

import re
from collections.abc import Collection

MASK = "***"
LIMIT = 512
_READ = 8192

_KEYS = re.compile(
    r"""
      (?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{8,}
    | (?<![A-Za-z0-9])(?:sk|pk|rk|gsk|xai|hf|r8|pplx|nvapi|csk|ghp|gho|ghs|github_pat|AIza|AKIA|ya29|fw)
          [-_.]?(?=[A-Za-z0-9_-]*[0-9])[A-Za-z0-9_-]{8,}          # the well-known prefixes
    | \beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}              # a JSON Web Token
    | (?<=://)[^\s/@]+@                                           # user and password of a URL
    | \b(?=[A-Za-z_]*[0-9])[A-Za-z0-9_]{28,}               # long tokens: the names of models have dashes
    | \b(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{44,}
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


def scrub(text: str, secrets: Collection[str], *, limit: int = LIMIT) -> str:
    """`text` on one line without `secrets` and anything that looks like a key, at most `limit` characters."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    text = text[:_READ]
    text = _SCHEMES.sub(_MASKED_SCHEME, text)
    text = _PARAMETERS.sub(_MASKED_PARAMETER, text)
    text = _KEYS.sub(MASK, text)
    text = "".join(char if char.isprintable() else " " for char in text)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
