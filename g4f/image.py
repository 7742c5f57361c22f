"""Pictures and other files in the forms that programs have them in."""

from typing import Any

from g4f.client.content import data_uri, kind_of, read
from g4f.providers.response import ImagePreview, ImageResponse, VideoResponse

__all__ = ["ImagePreview", "ImageResponse", "VideoResponse", "detect_file_type", "to_bytes", "to_data_uri"]


def to_bytes(image: Any) -> bytes:
    """The bytes of a picture: of its path, its data URI, an open file, or an image of Pillow's. Raises RequestError."""
    return read(image)[0]


def to_data_uri(image: Any, filename: str | None = None) -> str:
    """A picture as a `data:` URI. Raises RequestError."""
    return image if isinstance(image, str) and image.startswith("data:") else data_uri(image, filename)


def detect_file_type(content: bytes) -> str:
    """The media type of a file by how it begins."""
    return kind_of(content, None)
