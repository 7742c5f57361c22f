"""The conversation that `g4f client` and `g4f chat` remember between two calls, in a file that only its owner reads."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any, Final

#: Where it is kept unless another file is named.
DEFAULT: Final = Path.home() / ".g4f" / "conversation.json"
#: Bytes of a file that is believed to be one.
_LARGEST: Final = 16 << 20


def load(path: Path, most: int) -> list[dict[str, Any]]:
    """The last messages, `most` of them at most; none where there is no file, or where it is none of ours."""
    try:
        if path.stat().st_size > _LARGEST:
            return []
        written = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return []
    said = written.get("messages") if isinstance(written, dict) else None
    known = (
        [m for m in said if isinstance(m, dict) and {"role", "content"} <= m.keys()] if isinstance(said, list) else []
    )
    return known[-most:] if most > 0 else []


def save(path: Path, messages: list[dict[str, Any]]) -> None:
    """Keep the messages, in place of what was kept before. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(prefix=".g4f-", dir=path.parent)  # 0600 by itself
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"messages": messages}, file, ensure_ascii=False)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def clear(path: Path) -> None:
    """Forget it."""
    path.unlink(missing_ok=True)
