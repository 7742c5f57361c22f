"""Pictures, sounds and files of a program's own, as parts of a message."""

import base64
import mimetypes
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Final

from g4f.errors import RequestError
from g4f.providers.links import read_data
from g4f.providers.magic import media_type

#: Bytes of a `data:` URI that is taken.
MAX_DATA: Final = 256 << 20
#: What a file may be given as.
_FORMS: Final = "bytes, a path, a data: URI, a URL, an open file or an image of Pillow's"
#: What is said of a file without bytes.
EMPTY: Final = "the file is empty"
#: What OpenAI's `input_audio` parts call the formats.
_SOUNDS: Final = {
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
}


def media_of(fields: Mapping[str, Any]) -> list[tuple[Any, str | None]]:
    """Every file of a call's `image`, `image_name`, `images` and `media`, each with its name. Raises RequestError."""
    found: list[tuple[Any, str | None]] = []
    if fields.get("image") is not None:
        found.append((fields["image"], fields.get("image_name")))
    for name in ("images", "media"):
        for item in fields.get(name) or ():
            pair = item if isinstance(item, list | tuple) else (item, None)
            if not 1 <= len(pair) <= 2:
                raise RequestError(f"{name} must be a list of files, or of (file, name)", param=name)
            found.append((pair[0], pair[1] if len(pair) == 2 else None))
    return found


def with_media(
    messages: Sequence[Mapping[str, Any]], media: Sequence[tuple[Any, str | None]]
) -> list[Mapping[str, Any]]:
    """The messages with the files in the last one of the user's."""
    said = list(messages)
    if not media:
        return said
    parts = [part(file, name) for file, name in media]
    place = next((n for n in range(len(said) - 1, -1, -1) if said[n].get("role") == "user"), None)
    if place is None:
        return [*said, {"role": "user", "content": parts}]
    content = said[place].get("content") or []
    before = [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
    said[place] = {**said[place], "content": [*before, *parts]}
    return said


def part(file: Any, name: str | None) -> dict[str, Any]:
    """A file as a part of a message: a picture, a sound, or a document. Raises RequestError."""
    if isinstance(file, str) and file.startswith(("http://", "https://")):
        return {"type": "image_url", "image_url": {"url": file}}
    uri = file if isinstance(file, str) and file.startswith("data:") else data_uri(file, name)
    kind, _, encoded = uri.removeprefix("data:").partition(";base64,")
    if kind in _SOUNDS:
        return {"type": "input_audio", "input_audio": {"data": encoded, "format": _SOUNDS[kind]}}
    if kind.startswith("image/"):
        return {"type": "image_url", "image_url": {"url": uri}}
    return {"type": "file", "file": {"filename": name or "file", "file_data": uri}}


def data_uri(file: Any, name: str | None = None) -> str:
    """The file as a `data:` URI. Raises RequestError for what cannot be read."""
    content, named = read(file)
    if not content:
        raise RequestError(EMPTY, param="media")
    return f"data:{kind_of(content, name or named)};base64,{base64.b64encode(content).decode()}"


def read(file: Any) -> tuple[bytes, str | None]:
    """The bytes of a file that is given as bytes, by its path, as a `data:` URI, or open; and its name, where it has
    one. Raises RequestError."""
    if isinstance(file, str) and file.startswith("data:"):
        found = read_data(file, limit=MAX_DATA)
        if found is None:
            raise RequestError("a data: URI must be base64, and not empty", param="media")
        return found, None
    try:
        if isinstance(file, bytes | bytearray | memoryview):
            return bytes(file), None
        if isinstance(file, str | PathLike):
            path = Path(file)
            return path.read_bytes(), path.name
        if hasattr(file, "save") and hasattr(file, "format"):  # an image of Pillow's
            return _saved(file), None
        if not hasattr(file, "read"):
            raise RequestError(f"a file is {_FORMS}, not {type(file).__name__}", status=422, param="media")
        content = file.read()
        if not content and getattr(file, "seekable", bool)():  # it was read before, perhaps by a call like this one
            file.seek(0)
            content = file.read()
    except (OSError, ValueError) as error:
        named = repr(str(file)[:200]) if isinstance(file, str | PathLike) else "a file"
        why = getattr(error, "strerror", None) or type(error).__name__
        raise RequestError(f"{named} could not be read ({why}); a file is {_FORMS}", param="media") from error
    if not isinstance(content, bytes):
        raise RequestError("a file must be opened for reading bytes ('rb')", param="media")
    return content, Path(str(getattr(file, "name", ""))).name or None


def _saved(image: Any) -> bytes:
    from io import BytesIO

    written = BytesIO()
    image.save(written, image.format or "PNG")
    return written.getvalue()


def kind_of(content: bytes, name: str | None) -> str:
    """The media type of a file, by how it begins or by its name."""
    guessed = mimetypes.guess_type(name)[0] if name else None
    return media_type(content) or guessed or "application/octet-stream"
