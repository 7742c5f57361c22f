"""What the services of the adapters answer, as their documentation shows it."""

import json
from typing import Any

from tests.support.replies import Status

#: The smallest things that are what they say by their first bytes.
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 32
MP3 = b"ID3" + bytes(range(256))


def answer(body: Any, kind: str = "application/json", status: int = 200, **headers: str) -> Status:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Status(status, content, {"Content-Type": kind, **headers})
