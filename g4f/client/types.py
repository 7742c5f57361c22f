"""Answers as Python objects: dictionaries whose keys are attributes too, shaped as the OpenAI SDK shapes them."""

import base64
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

from g4f.errors import NoMediaResponseError

Parts = Mapping[str, type["Record"]]
Names = Collection[str] | None

#: What needs no class of its own; asked first, for most of an answer is that.
_PLAIN = frozenset({str, int, float, bool, type(None)})


class Record(dict[str, Any]):
    """A JSON object. `record.name` is `record["name"]`; what the answer does not have is None as an attribute."""

    #: The classes of the objects, or of the items of the lists, under these keys.
    _parts: ClassVar["Parts"] = {}

    def __init__(self, fields: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        super().__init__(fields or (), **more)
        for name, value in self.items():
            if type(value) not in _PLAIN:
                self[name] = _record(value, self._parts.get(name, Record))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.get(name)

    def model_dump(
        self, *, include: Names = None, exclude: Names = None, exclude_none: bool = False, **_: Any
    ) -> dict[str, Any]:
        """The answer as plain dictionaries and lists. `include` and `exclude` are names of its own fields."""
        out = frozenset(exclude or ())
        return {
            name: _plain(value, exclude_none)
            for name, value in self.items()
            if (include is None or name in include) and name not in out and not (exclude_none and value is None)
        }

    def model_dump_json(self, *, indent: int | None = None, **how: Any) -> str:
        """The answer as JSON."""
        return json.dumps(self.model_dump(**how), indent=indent, ensure_ascii=False)

    to_dict = model_dump
    to_json = json = model_dump_json

    @classmethod
    def model_construct(cls, **fields: Any) -> Self:
        """One from its fields, as pydantic models are made."""
        return cls(fields)

    @classmethod
    def model_validate(cls, fields: Mapping[str, Any], **_: Any) -> Self:
        """One from what `model_dump` gave."""
        return cls(fields)

    def copy(self) -> Self:
        """Another of the same fields; what is in these is shared."""
        return type(self)(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({super().__repr__()})"


class Function(Record):
    """The function that is called; `arguments` is JSON text."""

    name: str
    arguments: str


class ToolCall(Record):
    """A call of a tool."""

    id: str
    type: str
    function: Function
    _parts: ClassVar[Parts] = {"function": Function}


class Audio(Record):
    """A spoken answer; `data` is base64."""

    id: str
    data: str
    transcript: str


class Message(Record):
    """What the model says."""

    role: str
    content: str | None
    refusal: str | None
    tool_calls: list[ToolCall] | None
    audio: Audio | None
    _parts: ClassVar[Parts] = {"tool_calls": ToolCall, "audio": Audio}

    @property
    def reasoning(self) -> str | None:
        """What the model thought, where it says so."""
        thought: str | None = self.get("reasoning") or self.get("reasoning_content")
        return thought

    def save(self, filepath: str | Path, allowed_types: Any = None) -> None:
        """Write the spoken answer, or else the text, to a file. Raises NoMediaResponseError where there is neither."""
        sound = self.audio
        if sound is not None and sound.data:
            Path(filepath).write_bytes(base64.b64decode(sound.data))
        elif self.content:
            Path(filepath).write_text(self.content, "utf-8")
        else:
            raise NoMediaResponseError("the answer has nothing that could be saved")


class Delta(Message):
    """What a piece of a stream adds to the message."""


class Choice(Record):
    """One alternative of an answer."""

    index: int
    message: Message
    finish_reason: str | None
    _parts: ClassVar[Parts] = {"message": Message}


class ChunkChoice(Record):
    """A piece of one alternative."""

    index: int
    delta: Delta
    finish_reason: str | None
    _parts: ClassVar[Parts] = {"delta": Delta}


class Usage(Record):
    """The tokens of an exchange."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatCompletion(Record):
    """A whole answer: `choices[0].message.content`, `usage`, and `provider`, who gave it."""

    id: str
    object: str
    created: int
    model: str
    provider: str
    choices: list[Choice]
    usage: Usage | None
    _parts: ClassVar[Parts] = {"choices": Choice, "usage": Usage}


class ChatCompletionChunk(Record):
    """A piece of a streamed answer: `choices[0].delta.content`. It prints as its text."""

    id: str
    object: str
    created: int
    model: str
    provider: str
    choices: list[ChunkChoice]
    usage: Usage | None
    _parts: ClassVar[Parts] = {"choices": ChunkChoice, "usage": Usage}

    def __str__(self) -> str:
        return "".join(choice.delta.content or "" for choice in self.choices[:1])

    def __add__(self, text: str) -> str:
        """Its text and another: `text += chunk` makes the whole."""
        return str(self) + text

    def __radd__(self, text: str) -> str:
        return text + str(self)


class TextChoice(Record):
    """One alternative of a text that goes on."""

    index: int
    text: str
    finish_reason: str | None


class TextCompletion(Record):
    """A text that goes on, or a piece of it: `choices[0].text`."""

    id: str
    object: str
    created: int
    model: str
    provider: str
    choices: list[TextChoice]
    usage: Usage | None
    _parts: ClassVar[Parts] = {"choices": TextChoice, "usage": Usage}


class Image(Record):
    """A picture: its address, or its bytes in base64."""

    url: str | None
    b64_json: str | None
    revised_prompt: str | None

    def save(self, path: str | Path) -> None:
        """Write the picture to a file. Raises NoMediaResponseError where only its address is known."""
        encoded = self.b64_json
        address = self.url or ""
        if not encoded and address.startswith("data:"):
            encoded = address.partition(";base64,")[2]
        if not encoded:
            raise NoMediaResponseError("only the picture's address is known; ask with response_format='b64_json'")
        Path(path).write_bytes(base64.b64decode(encoded))


class ImagesResponse(Record):
    """The pictures of an answer: `data[0].url` or `data[0].b64_json`."""

    created: int
    model: str
    provider: str
    data: list[Image]
    _parts: ClassVar[Parts] = {"data": Image}


class ImageEvent(Record):
    """A picture on its way: `type` ends in `.partial_image` or `.completed`."""

    type: str
    b64_json: str
    usage: Usage | None
    _parts: ClassVar[Parts] = {"usage": Usage}


class Embedding(Record):
    """The vector of one text."""

    index: int
    embedding: list[float]


class EmbeddingsResponse(Record):
    """The vectors of an answer: `data[0].embedding`."""

    model: str
    provider: str
    data: list[Embedding]
    usage: Usage | None
    _parts: ClassVar[Parts] = {"data": Embedding, "usage": Usage}


class Transcription(Record):
    """What was said."""

    text: str


class TranscriptEvent(Record):
    """A piece of what was said (`delta`), or at the end all of it (`text`)."""

    type: str
    delta: str | None
    text: str | None


class Speech:
    """A spoken text: its bytes, and ways to a file."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def read(self) -> bytes:
        """The bytes."""
        return self.content

    def save(self, path: str | Path) -> None:
        """Write it to a file."""
        Path(path).write_bytes(self.content)

    write_to_file = save
    stream_to_file = save


def _record(value: Any, kind: type[Record]) -> Any:
    if type(value) is list:
        return [_record(item, kind) for item in value]
    if type(value) is dict:
        return kind(value)
    return kind(value) if isinstance(value, Mapping) and not isinstance(value, Record) else value


def _plain(value: Any, exclude_none: bool) -> Any:
    if isinstance(value, Record):
        return value.model_dump(exclude_none=exclude_none)
    if isinstance(value, list):
        return [_plain(item, exclude_none) for item in value]
    dump = getattr(value, "model_dump", None)  # `parsed`: an object of the program's own model
    return value if dump is None else dump(mode="json", exclude_none=exclude_none)
