"""What the body of each operation but the chat looks like in OpenAI's API, as data.

Only what no upstream could make sense of is checked. Sources: https://platform.openai.com/docs/api-reference
(completions, embeddings, moderations, images, audio); for the rerank, which OpenAI does not have, the shape that
Jina, Cohere, vLLM and llama.cpp share (https://docs.cohere.com/reference/rerank, https://jina.ai/reranker).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from g4f.exchange.request import Operation

#: A check of a field: whether the value is one, and the words for what is.
Kind = tuple[Callable[[Any], bool], str]


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _is_whole(value: Any) -> bool:
    return type(value) is int or (type(value) is float and value.is_integer())


def _is_list_of(*kinds: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(type(item) in kinds for item in value)


def _is_texts(value: Any) -> bool:
    """A text, tokens, or a list of either."""
    return isinstance(value, str) or _is_list_of(str, int, list)(value)


def is_tokens(value: list[Any]) -> bool:
    """Whether a list is a text as its tokens."""
    return set(map(type, value)) == {int}


_TEXT: Kind = (lambda value: isinstance(value, str), "a string")
_TEXTS: Kind = (_is_texts, "a string, a list of strings, or a list of tokens")
_WHOLE: Kind = (_is_whole, "an integer")
_NUMBER: Kind = (_is_number, "a number")
_FLAG: Kind = (lambda value: isinstance(value, bool), "true or false")
_OBJECT: Kind = (lambda value: isinstance(value, dict), "an object")
_PARTS: Kind = (lambda value: isinstance(value, str) or _is_list_of(str, dict)(value), "a string or a list")
_DOCUMENTS: Kind = (_is_list_of(str, dict), "a list of strings or objects")
_VOICE: Kind = (lambda value: isinstance(value, str | dict), "a string or an object")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The body of one operation. `path` follows the base URL.

    `needed` are fields that must be there and not empty, `files` the form fields that hold files and `needed_file` the
    one without which there is nothing to do. `names_model` says that the client must name a model. `streams` says that
    the client may ask for server-sent events.
    """

    path: str
    needed: tuple[str, ...] = ()
    fields: Mapping[str, Kind] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    needed_file: str | None = None
    names_model: bool = False
    streams: bool = False

    @property
    def takes_form(self) -> bool:
        return bool(self.files)


_IMAGE: Mapping[str, Kind] = {
    "prompt": _TEXT,
    "n": _WHOLE,
    "size": _TEXT,
    "response_format": _TEXT,
    "stream": _FLAG,
    "partial_images": _WHOLE,
}
_AUDIO: Mapping[str, Kind] = {
    "language": _TEXT,
    "prompt": _TEXT,
    "response_format": _TEXT,
    "temperature": _NUMBER,
    "stream": _FLAG,
}

SHAPES: Mapping[Operation, Shape] = MappingProxyType(
    {
        Operation.COMPLETION: Shape(
            path="/completions",
            needed=("prompt",),
            fields={
                "prompt": _TEXTS,
                **dict.fromkeys(("max_tokens", "n", "best_of", "logprobs", "seed"), _WHOLE),
                **dict.fromkeys(("temperature", "top_p", "presence_penalty", "frequency_penalty"), _NUMBER),
                **dict.fromkeys(("stream", "echo"), _FLAG),
                **dict.fromkeys(("stream_options", "logit_bias"), _OBJECT),
                "suffix": _TEXT,
                "stop": (lambda value: isinstance(value, str) or _is_list_of(str)(value), "a string or a list of them"),
            },
            names_model=True,
            streams=True,
        ),
        Operation.EMBEDDINGS: Shape(
            path="/embeddings",
            needed=("input",),
            fields={"input": _TEXTS, "dimensions": _WHOLE, "encoding_format": _TEXT},
            names_model=True,
        ),
        Operation.MODERATION: Shape(path="/moderations", needed=("input",), fields={"input": _PARTS}),
        Operation.RERANK: Shape(
            path="/rerank",
            needed=("query", "documents"),
            fields={"query": _TEXT, "documents": _DOCUMENTS, "top_n": _WHOLE, "return_documents": _FLAG},
            names_model=True,
        ),
        Operation.IMAGE_GENERATION: Shape(path="/images/generations", needed=("prompt",), fields=_IMAGE, streams=True),
        Operation.IMAGE_EDIT: Shape(
            path="/images/edits",
            needed=("prompt",),
            fields=_IMAGE,
            files=("image", "mask"),
            needed_file="image",
            streams=True,
        ),
        Operation.IMAGE_VARIATION: Shape(
            path="/images/variations",
            fields={name: _IMAGE[name] for name in ("n", "size", "response_format")},
            files=("image",),
            needed_file="image",
        ),
        Operation.TRANSCRIPTION: Shape(
            path="/audio/transcriptions", fields=_AUDIO, files=("file",), needed_file="file", streams=True
        ),
        Operation.TRANSLATION: Shape(path="/audio/translations", fields=_AUDIO, files=("file",), needed_file="file"),
        Operation.SPEECH: Shape(
            path="/audio/speech",
            needed=("input",),
            fields={
                "input": _TEXT,
                "voice": _VOICE,
                "speed": _NUMBER,
                "response_format": _TEXT,
                "stream_format": _TEXT,
            },
        ),
    }
)
#: What the text of a form's field stands for.
FORM_NUMBERS = frozenset({"n", "partial_images", "temperature", "output_compression"})
FORM_FLAGS = frozenset({"stream"})
