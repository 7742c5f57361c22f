"""Names for the types of the library's arguments, for programs to annotate with."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from os import PathLike
from typing import IO, Any, Literal, NewType, NotRequired, TypedDict

# Providers of g4f take these from here, and so do those that were written after them.
from typing import Dict as Dict  # noqa: UP035
from typing import List as List  # noqa: UP035
from typing import Optional as Optional
from typing import Tuple as Tuple  # noqa: UP035
from typing import Type as Type  # noqa: UP035
from typing import Union as Union

Cookies = dict[str, str]
"""Cookies of one domain, by name."""


SHA256 = NewType("SHA256", str)
"""A digest, in hexadecimal digits."""


class ToolCallFunction(TypedDict):
    """The function that a model calls; `arguments` is JSON text."""

    name: str
    arguments: str


class ToolCall(TypedDict):
    """One call of a tool."""

    id: str
    type: Literal["function"]
    function: ToolCallFunction


class ContentPart(TypedDict, total=False):
    """A part of a message: a text, an image, a sound or a file."""

    type: str
    text: str
    image_url: dict[str, Any]
    input_audio: dict[str, Any]
    file: dict[str, Any]


class Message(TypedDict):
    """One message of a chat."""

    role: str
    content: NotRequired[str | list[ContentPart] | None]
    name: NotRequired[str]
    tool_calls: NotRequired[list[ToolCall]]
    tool_call_id: NotRequired[str]


Messages = list[Message] | list[dict[str, str]] | list[dict[str, Any]] | Sequence[Mapping[str, Any]]
"""A chat. Where a client takes it, it also takes a string: the user's words."""

ImageType = str | bytes | PathLike[str] | IO[bytes]
"""An image: a data URI, a URL or a path, its bytes, or a file that is open for reading bytes."""

MediaListType = list[tuple[ImageType, str | None]]
"""Files with their names."""

CreateResult = Iterator[Any]
"""What a provider's `create_completion` gives: texts, and objects of `g4f.providers.response`."""

AsyncResult = AsyncIterator[Any]
"""What a provider's `create_async_generator` gives."""
