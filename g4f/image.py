"""Pictures and other files in the forms that programs have them in."""

from mimetypes import guess_type
from typing import Any

from g4f.client.content import data_uri, kind_of, read
from g4f.providers.magic import media_type
from g4f.providers.response import ImagePreview, ImageResponse, VideoResponse

__all__ = [
    "ImagePreview", "ImageResponse", "VideoResponse",
    "detect_file_type", "extract_data_uri", "is_accepted_format", "is_allowed_extension", "to_bytes", "to_data_uri",
]  # fmt: skip


def to_bytes(image: Any) -> bytes:
    """The bytes of a picture: of its path, its data URI, an open file, or an image of Pillow's. Raises RequestError."""
    return read(image)[0]


def to_data_uri(image: Any, filename: str | None = None) -> str:
    """A picture as a `data:` URI. Raises RequestError."""
    return image if isinstance(image, str) and image.startswith("data:") else data_uri(image, filename)


def extract_data_uri(data_uri: str) -> bytes:
    """The bytes within a `data:` URI. Raises RequestError."""
    return read(data_uri)[0]


def is_allowed_extension(filename: str) -> bool:
    """Whether a file is a picture, a sound or a film by its name."""
    return (guess_type(filename)[0] or "").startswith(("image/", "audio/", "video/"))


def is_accepted_format(content: bytes) -> str:
    """The media type of a picture by how it begins. Raises ValueError for what is none."""
    found = media_type(content) or ""
    if not found.startswith("image/"):
        raise ValueError("this is no picture of a known format")
    return found


def detect_file_type(content: bytes) -> str:
    """The media type of a file by how it begins."""
    return kind_of(content, None)
