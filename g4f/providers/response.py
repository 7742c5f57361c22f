"""What a provider written in Python may yield beside text.

Plain values that say what they are; the adapter turns them into the answer (`adapters/python_chunks.py`). `str()` of
one is what a reader of the chat would see: a `HiddenResponse` shows nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote


class ResponseType:
    """The base of everything a provider may yield that is not a string."""

    def __str__(self) -> str:
        return ""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class HiddenResponse(ResponseType):
    """Something about the answer that is not a part of it."""


class _Fields(HiddenResponse):
    """Any fields, by their names."""

    def __init__(self, **fields: Any) -> None:
        vars(self).update(fields)

    def get_dict(self) -> dict[str, Any]:
        """The fields."""
        return dict(vars(self))


class RawResponse(_Fields):
    """The provider's own words for a piece of its answer."""


class JsonResponse(_Fields):
    """The JSON that the provider answered with."""


class JsonRequest(_Fields):
    """The JSON that the provider was asked with."""


class HeadersResponse(_Fields):
    """The headers of the provider's answer."""


class AuthResult(_Fields):
    """What a log-in gave."""


class Parameters(_Fields):
    """What the provider was asked with."""


class FinishReason(HiddenResponse):
    """Why the answer ended: `stop`, `length`, `tool_calls` or `content_filter`."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class ToolCalls(HiddenResponse):
    """Calls of tools, each as OpenAI's API writes one: `{"id", "type", "function": {"name", "arguments"}}`."""

    def __init__(self, tool_calls: Sequence[Mapping[str, Any]]) -> None:
        self.list = list(tool_calls)

    def get_list(self) -> list[Mapping[str, Any]]:
        return self.list


class Usage(HiddenResponse):
    """Tokens that were used, by any of the names that providers have for them."""

    _INPUT = ("prompt_tokens", "promptTokens", "input_tokens", "inputTokens", "promptTokenCount")
    _OUTPUT = ("completion_tokens", "completionTokens", "output_tokens", "outputTokens", "candidatesTokenCount")

    def __init__(self, **counts: Any) -> None:
        self.prompt_tokens = self._first(counts, self._INPUT)
        self.completion_tokens = self._first(counts, self._OUTPUT)
        self.total_tokens = self.prompt_tokens + self.completion_tokens

    @staticmethod
    def _first(counts: Mapping[str, Any], names: Sequence[str]) -> int:
        found = next((counts[name] for name in names if isinstance(counts.get(name), int | float)), 0)
        return int(found)


class BaseConversation(HiddenResponse):
    """What a provider needs to go on with a conversation."""


class JsonConversation(_Fields, BaseConversation):
    """A conversation as plain fields."""


class ProviderInfo(HiddenResponse):
    """Which provider speaks."""

    def __init__(self, name: str = "", **fields: Any) -> None:
        self.name = name
        vars(self).update(fields)


class TitleGeneration(HiddenResponse):
    """A title for the conversation."""

    def __init__(self, title: str) -> None:
        self.title = title


class DebugResponse(HiddenResponse):
    """A line for whoever debugs the provider."""

    def __init__(self, log: str) -> None:
        self.log = log


class _Note(HiddenResponse):
    def __init__(self, text: Any = "") -> None:
        self.text = text


class PlainTextResponse(_Note):
    """The answer before it was taken apart."""


class PreviewResponse(_Note):
    """A draft of the answer."""


class ContinueResponse(_Note):
    """Where the answer would go on."""


class VariantResponse(_Note):
    """Another answer to the same."""


class SuggestedFollowups(_Note):
    """What might be asked next."""


class YouTubeResponse(_Note):
    """Films that the answer is about."""


class SynthesizeData(HiddenResponse):
    """What a text can be spoken from."""

    def __init__(self, provider: str, data: Any) -> None:
        self.provider = provider
        self.data = data


class RequestLogin(HiddenResponse):
    """Where the user would have to log in."""

    def __init__(self, label: str, login_url: str) -> None:
        self.label = label
        self.login_url = login_url


class Reasoning(ResponseType):
    """What the model thinks before it answers; `status` is a heading for it."""

    def __init__(
        self, token: str | None = None, label: str | None = None, status: str | None = None, is_thinking: Any = None
    ) -> None:
        self.token = token
        self.label = label
        self.status = status
        self.is_thinking = is_thinking

    def __str__(self) -> str:
        return self.token or ""


class Sources(ResponseType):
    """Where the answer is from: `{"title", "url"}` each."""

    def __init__(self, sources: Sequence[Mapping[str, str]]) -> None:
        self.list = list(sources)

    def __str__(self) -> str:
        lines = [format_link(source.get("url", ""), source.get("title")) for source in self.list]
        return "\n\n" + "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1)) if lines else ""


class SourceLink(ResponseType):
    """Where a part of the answer is from."""

    def __init__(self, title: str, url: str) -> None:
        self.title = title
        self.url = url

    def __str__(self) -> str:
        return format_link(self.url, self.title)


class MediaResponse(ResponseType):
    """Pictures, films or sounds by their addresses; `alt` is what they show."""

    def __init__(self, urls: str | Sequence[str], alt: str = "", options: Mapping[str, Any] | None = None) -> None:
        self.urls = urls
        self.alt = alt
        self.options = dict(options or {})

    def get(self, key: str) -> Any:
        return self.options.get(key)

    def get_list(self) -> list[str]:
        return [self.urls] if isinstance(self.urls, str) else list(self.urls)

    def __str__(self) -> str:
        return "\n".join(f"!{format_link(url, self.alt)}" for url in self.get_list())


class ImageResponse(MediaResponse):
    """Pictures."""


class ImagePreview(ImageResponse, HiddenResponse):
    """A picture that is not finished."""

    def __str__(self) -> str:
        return ""


class VideoResponse(MediaResponse):
    """Films."""

    def __str__(self) -> str:
        return "\n".join(format_link(url, self.alt or "video") for url in self.get_list())


class AudioResponse(ResponseType):
    """A sound: its bytes or a data URI, and what is said in it."""

    def __init__(self, data: bytes | str, transcript: str | None = None, **fields: Any) -> None:
        self.data = data
        self.transcript = transcript
        vars(self).update(fields)

    def __str__(self) -> str:
        return self.transcript or ""


def format_link(url: str, title: str | None = None) -> str:
    """A Markdown link that its own text and address cannot break out of."""
    return f"[{quote_title(title or url)}]({quote_url(url)})"


def format_image(image: str, alt: str, preview: str | None = None) -> str:
    """A picture in Markdown; with `preview`, that one as a link to it."""
    shown = f"!{format_link(preview or image, alt)}"
    return f"[{shown}]({quote_url(image)})" if preview else shown


def format_images_markdown(images: str | Sequence[str], alt: str, preview: Any = None) -> str:
    """Pictures in Markdown, one on a line."""
    return "\n".join(format_image(url, alt) for url in ([images] if isinstance(images, str) else images))


def quote_url(url: str) -> str:
    """An address as it stands in a Markdown link."""
    return quote(url, safe="/:?#[]@!$&*+,;=%~._-")


def quote_title(title: str) -> str:
    """A text as it stands in the brackets of a Markdown link."""
    return title.replace("\n", " ").replace("[", "(").replace("]", ")")


def is_content(piece: Any) -> bool:
    """Whether a piece that a provider yields is a part of the answer, and not only about it."""
    if isinstance(piece, Reasoning):
        return bool(piece.token)
    return bool(piece) if isinstance(piece, str) else isinstance(piece, MediaResponse | AudioResponse | ToolCalls)
