"""What a file is by its first bytes: the only word on it that whoever sends it cannot choose freely."""

from collections.abc import Sequence

#: (offset, bytes) of all that must be there, and the media type.
_SIGNATURES: Sequence[tuple[tuple[tuple[int, bytes], ...], str]] = (
    (((0, b"\x89PNG\r\n\x1a\n"),), "image/png"),
    (((0, b"\xff\xd8\xff"),), "image/jpeg"),
    (((0, b"GIF87a"),), "image/gif"),
    (((0, b"GIF89a"),), "image/gif"),
    (((0, b"RIFF"), (8, b"WEBP")), "image/webp"),
    (((0, b"RIFF"), (8, b"WAVE")), "audio/wav"),
    (((0, b"ID3"),), "audio/mpeg"),
    (((0, b"\xff\xfb"),), "audio/mpeg"),
    (((0, b"\xff\xf3"),), "audio/mpeg"),
    (((0, b"OggS"),), "audio/ogg"),
    (((0, b"fLaC"),), "audio/flac"),
    (((4, b"ftypM4A"),), "audio/mp4"),
    (((4, b"ftyp"),), "video/mp4"),
    (((0, b"\x1a\x45\xdf\xa3"),), "video/webm"),
    (((0, b"%PDF-"),), "application/pdf"),
)


def media_type(content: bytes) -> str | None:
    """The media type of a file, or None for what is none of images, audio, video and PDF."""
    for marks, found in _SIGNATURES:
        if all(content.startswith(mark, offset) for offset, mark in marks):
            return found
    return None
