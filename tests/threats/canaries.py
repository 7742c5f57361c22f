"""A secret for each place that holds one, and every form in which it could come out again."""

import base64
from urllib.parse import quote

#: The places. Each canary begins and goes on like nothing else, so that eight characters of it are enough to find it.
PLACES = (
    *("provider_key", "spare_key", "file_key", "header", "proxy_password", "proxy_user"),
    *("inbound_key", "inbound_file_key", "environment_key", "wrong_key", "cookie", "prompt", "query", "user_agent"),
)
CANARIES = {
    place: f"q{number:x}Zx{place[:2]}Kw7-{place.replace('_', '')}-9xY{number}/+=" for number, place in enumerate(PLACES)
}
#: In a URL's user part and in a path some characters cannot stand.
for _place in ("proxy_password", "proxy_user", "inbound_file_key", "file_key"):
    CANARIES[_place] = CANARIES[_place].rstrip("/+=")


def forms(secret: str) -> set[str]:
    """The secret as it is, in URLs, in base64 wherever it begins, in hexadecimal, backwards, and its beginning."""
    raw = secret.encode()
    found = {secret, quote(secret), quote(secret, safe=""), secret[:8], raw.hex(), secret[::-1]}
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + raw).decode()
        found.add(encoded[-(-shift * 8 // 6) : (shift + len(raw)) * 8 // 6])
    return found


_FORMS = {place: forms(secret) for place, secret in CANARIES.items()}


def found_in(text: str, places: tuple[str, ...] = PLACES) -> dict[str, str]:
    """Which canaries stand in a text: the place of each, and the form that gave it away."""
    return {place: form for place in places for form in _FORMS[place] if form in text}
