"""Forms with files: multipart/form-data (RFC 7578, RFC 2046), read from a whole body and written to one.

Files are views of the body they came in, so that a large one is copied once on its way: into the body that goes out.
"""

import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Never

from g4f.errors import RequestError
from g4f.exchange.request import File

#: Parts of a form, and bytes of one part's headers.
MAX_PARTS = 256
MAX_HEADERS = 8 << 10
#: Parameters of a part's Content-Disposition; clients send two or three.
MAX_PARAMETERS = 16
#: Characters of a field's name, and of a file's.
MAX_NAME = 128
MAX_FILENAME = 255

_BOUNDARY = re.compile(r""";\s*boundary=(?:"([^"\r\n]{1,70})"|([0-9A-Za-z'()+_,./:=?-]{1,70}))\s*(?:;|\Z)""", re.I)
_PARAMETER = re.compile(r""";\s*([\w*!#$%&'+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))""")
_ESCAPED = re.compile(r"\\([\"\\])")
#: A new line or a quote in a name would end it; this is how browsers write them (WHATWG HTML, 4.10.21.8). A backslash
#: means itself to some readers and the next character to others, who would see another name, or a field in a file.
_UNSAFE = {ord("\r"): "%0D", ord("\n"): "%0A", ord('"'): "%22", 0: "%00", ord("\\"): "%5C"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Its fields in their order, of which a name may come several times, and its files."""

    fields: tuple[tuple[str, str], ...]
    files: tuple[File, ...]


def is_form(content_type: str) -> bool:
    """Whether a body of this type is a form with files."""
    return content_type.partition(";")[0].strip().lower() == "multipart/form-data"


def read_form(body: bytes | bytearray, *, content_type: str) -> Form:
    """The form in a body. Raises RequestError for one that breaks off, is not well formed, or has too many parts."""
    match = _BOUNDARY.search(content_type)
    if match is None:
        _refuse("its Content-Type names no boundary")
    fields: list[tuple[str, str]] = []
    files: list[File] = []
    for headers, content in _parts(body, (match[1] or match[2]).encode("latin-1", "replace")):
        name, file_name = _disposition(headers)
        if file_name is None:
            fields.append((name, _text(content, name)))
        else:
            files.append(File(field=name, content=content, name=file_name, media_type=_type(headers)))
    return Form(fields=tuple(fields), files=tuple(files))


def write_form(fields: Iterable[tuple[str, str]], files: Iterable[File]) -> tuple[str, bytes]:
    """The Content-Type and the body of a form."""
    boundary = secrets.token_hex(16)
    pieces: list[bytes | memoryview] = []
    for name, value in fields:
        pieces.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n'.encode())
        pieces.append(f"{value}\r\n".encode("utf-8", "replace"))
    for file in files:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(file.field)}"; '
        head += f'filename="{_quoted(file.name)}"\r\nContent-Type: {file.media_type}\r\n\r\n'
        pieces += [head.encode("utf-8", "replace"), file.content, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    return f"multipart/form-data; boundary={boundary}", b"".join(pieces)


def _parts(body: bytes | bytearray, boundary: bytes) -> Iterator[tuple[str, memoryview]]:
    """The headers and the content of each part."""
    delimiter = b"\r\n--" + boundary
    if body.startswith(delimiter[2:]):
        place = len(delimiter) - 2
    elif (found := body.find(delimiter)) >= 0:
        place = found + len(delimiter)  # what precedes the first part is for nobody
    else:
        _refuse("its boundary is nowhere in it")
    view = memoryview(body)
    for _ in range(MAX_PARTS + 1):
        line = bytes(view[place : place + 1024]).lstrip(b" \t")
        if line.startswith(b"--"):
            return
        if not line.startswith(b"\r\n"):
            _refuse("it breaks off")
        start = body.find(b"\r\n", place) + 2
        blank = body.find(b"\r\n\r\n", start - 2, start + MAX_HEADERS)
        end = body.find(delimiter, blank + 2)
        if blank < 0 or end < 0:
            _refuse("it breaks off, or a part has too many headers")
        yield bytes(view[start:blank]).decode("utf-8", "replace"), view[blank + 4 : max(end, blank + 4)]
        place = end + len(delimiter)
    _refuse(f"it has more than {MAX_PARTS} parts")


def _disposition(headers: str) -> tuple[str, str | None]:
    """The name of a part's field, and of its file if it is one."""
    written = _header(headers, "content-disposition")
    if written.partition(";")[0].strip().lower() != "form-data":
        _refuse("a part has no Content-Disposition: form-data")
    matches = list(islice(_PARAMETER.finditer(written), MAX_PARAMETERS + 1))
    if len(matches) > MAX_PARAMETERS:
        _refuse(f"a part has more than {MAX_PARAMETERS} parameters")
    found = {m[1].lower(): m[3] if m[2] is None else _ESCAPED.sub(r"\1", m[2]) for m in matches}
    name = found.get("name", "")
    if not 0 < len(name) <= MAX_NAME:
        _refuse(f"a part has no name, or one of more than {MAX_NAME} characters")
    if "filename" in found or "filename*" in found:
        return name, found.get("filename", "")[:MAX_FILENAME] or "file"
    return name, None


def _header(headers: str, wanted: str) -> str:
    for line in headers.split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == wanted:
            return value.strip()
    return ""


def _type(headers: str) -> str:
    """What the client calls the file; what could not stand in a header again is called nothing in particular."""
    written = _header(headers, "content-type")
    return written if re.fullmatch(r"[!-~][ -~]{0,127}", written) else "application/octet-stream"


def _text(content: memoryview, name: str) -> str:
    try:
        return bytes(content).decode()
    except UnicodeDecodeError:
        _refuse(f"the field {name[:64]!r} is not UTF-8")


def _quoted(name: str) -> str:
    return name.translate(_UNSAFE)


def _refuse(why: str) -> Never:
    raise RequestError(f"the form cannot be read: {why}", code="invalid_form")
