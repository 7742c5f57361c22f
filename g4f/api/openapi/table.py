"""Every route in a line or two: what it does, takes and gives. A test holds this table to the routes that there are.

`{name}` in a path is a variable. The statuses are those of answers that are no errors; errors are told once for all, in
`document.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

JSON = "application/json"
EVENTS = "text/event-stream"
FORM = "multipart/form-data"
PLAIN = "text/plain"
LINES = "application/x-ndjson"
PAGE = "text/html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One operation. `takes` and `gives` name a schema by media type; `query` says what its parameters mean."""

    does: str
    tag: str
    takes: Mapping[str, str] = field(default_factory=dict)
    gives: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    also: tuple[int, ...] = ()
    """Other statuses of answers that are no errors."""
    fails: str = "Error"
    open: bool = False
    """Needs no key."""


def _chat(does: str) -> Described:
    gives = {JSON: "ChatCompletion", EVENTS: "Anything"}
    return Described(does=does, tag="Chat", takes={JSON: "ChatRequest"}, gives=gives)


def _read(does: str, tag: str, gives: str, **query: str) -> Described:
    return Described(does=does, tag=tag, gives={JSON: gives}, query=query)


def _responses(does: str) -> Described:
    return Described(
        does=does, tag="Responses", takes={JSON: "ResponseRequest"}, gives={JSON: "Response", EVENTS: "Anything"}
    )


def _messages(does: str, **gives: str) -> Described:
    return Described(
        does=does,
        tag="Messages",
        takes={JSON: "MessageRequest"},
        gives=gives or {JSON: "Message", EVENTS: "Anything"},
        fails="AnthropicError",
    )


def _ollama(does: str, *, takes: str | None = None, streams: bool = False) -> Described:
    return Described(
        does=does,
        tag="Ollama",
        takes={JSON: takes} if takes else {},
        gives={JSON: "Anything", LINES: "Anything"} if streams else {JSON: "Anything"},
        fails="OllamaError",
    )


def _operation(
    path: str, does: str, tag: str, asked: str, gives: Mapping[str, str], *, form: bool = False
) -> dict[str, Described]:
    """An operation at its path, and at that of one provider. What is `asked` comes as a form where that holds files."""
    takes = {FORM: f"{asked}Form"} if form else {JSON: f"{asked}Request"}
    described = Described(does=does, tag=tag, takes=takes, gives=gives)
    return {f"POST {place}": described for place in (path, path.replace("/v1/", "/api/{provider}/", 1))}


def _gemini(does: str) -> Described:
    if does is not _GEMINI:
        return Described(does=does, tag="Gemini", gives={JSON: "Anything"}, fails="GeminiError")
    return Described(does=does, tag="Gemini", takes={JSON: "GeminiRequest"}, gives=_STREAMED, fails="GeminiError")


_GEMINI = "Answer through Gemini's API: generateContent, streamGenerateContent, embedContent and their kin."
_IMAGES = "Make images of a prompt."
_HARM = "Say whether a text may be harmful."
_RANK = "Order documents by how well they answer a query."
_HEARD, _TOLD = "Write down what is said.", "Write it down in English."
_TRANSCRIPT = {JSON: "Transcript", PLAIN: "Text", EVENTS: "Anything"}
_STREAMED = {JSON: "Anything", EVENTS: "Anything"}
_TEXTS = {JSON: "Completion", EVENTS: "Anything"}
_PICTURES = {JSON: "Images", EVENTS: "Anything"}

TABLE: Mapping[str, Described] = MappingProxyType(
    {
        "POST /v1/chat/completions": _chat("Answer a chat, whole or streamed."),
        "POST /api/{provider}/chat/completions": _chat("Answer a chat through one provider."),
        "POST /api/{provider}/{conversation_id}/chat/completions": _chat("Go on with a conversation."),
        "POST /v1/responses": _responses("Answer through OpenAI's Responses API."),
        "POST /api/{provider}/responses": _responses("The same through one provider."),
        "GET /v1/responses/{id}": _read("A response that is kept.", "Responses", "Response"),
        "DELETE /v1/responses/{id}": _read("Forget a response.", "Responses", "Deleted"),
        "GET /v1/responses/{id}/input_items": _read(
            "What a response answered.",
            "Responses",
            "Items",
            order="`desc`, the newest first, or `asc`",
            after="the id of an item",
            limit="how many, 1 to 100 (20)",
        ),
        "POST /v1/messages": _messages("Answer through Anthropic's Messages API."),
        "POST /v1/messages/count_tokens": _messages("About how many tokens a message has.", **{JSON: "Counted"}),
        "POST /api/chat": _ollama("Answer a chat of Ollama's API.", takes="OllamaChat", streams=True),
        "POST /api/generate": _ollama("Answer a prompt.", takes="OllamaPrompt", streams=True),
        "POST /api/show": _ollama("What is known of a model.", takes="OllamaModel"),
        "POST /api/embed": _ollama("Turn texts into vectors.", takes="OllamaTexts"),
        "POST /api/embeddings": _ollama("Turn a text into a vector.", takes="OllamaText"),
        "GET /api/tags": _ollama("The models."),
        "GET /api/ps": _ollama("The models that are in use."),
        "GET /api/version": _ollama("The version."),
        "GET /": Described(does="Says that it runs.", tag="Ollama", gives={PLAIN: "Text"}),
        **_operation("/v1/completions", "Go on with a text.", "Text", "Completion", _TEXTS),
        **_operation("/v1/embeddings", "Turn texts into vectors.", "Text", "Embeddings", {JSON: "Embeddings"}),
        **_operation("/v1/moderations", _HARM, "Text", "Moderation", {JSON: "Moderation"}),
        **_operation("/v1/rerank", _RANK, "Text", "Rerank", {JSON: "Ranking"}),
        **_operation("/v1/images/generations", _IMAGES, "Images", "ImageGeneration", _PICTURES),
        **_operation("/v1/images/generate", _IMAGES, "Images", "ImageGeneration", _PICTURES),
        **_operation("/v1/media/generate", _IMAGES, "Images", "ImageGeneration", _PICTURES),
        **_operation("/v1/images/edits", "Change an image.", "Images", "ImageEdit", _PICTURES, form=True),
        **_operation("/v1/images/variations", "Vary it.", "Images", "ImageVariation", {JSON: "Images"}, form=True),
        **_operation("/v1/audio/transcriptions", _HEARD, "Audio", "Transcription", _TRANSCRIPT, form=True),
        **_operation("/v1/audio/translations", _TOLD, "Audio", "Translation", _TRANSCRIPT, form=True),
        **_operation("/v1/audio/speech", "Say a text.", "Audio", "Speech", {"audio/*": "Bytes", EVENTS: "Anything"}),
        "POST /v1/upload_cookies": Described(
            does="Keep your own session of a provider: cookies as JSON, or a HAR file.",
            tag="Operation",
            takes={FORM: "CookieFiles"},
            gives={JSON: "Uploaded"},
        ),
        "POST /v1/models/{model}:{call}": replace(_gemini(_GEMINI), fails="GeminiOrError"),
        "POST /v1beta/models/{model}:{call}": _gemini(_GEMINI),
        "GET /v1beta/models": _gemini("The models, as Gemini lists them."),
        "GET /v1beta/models/{model}": _gemini("One model, as Gemini tells it."),
        "GET /v1/models": _read("The models, and the providers that can be picked.", "Models", "Models"),
        "GET /v1/models/{model}": _read("One model.", "Models", "Model"),
        "GET /api/{provider}/models": _read("A provider's own models, asked of it now.", "Models", "Models"),
        "GET /v1/providers": _read("The providers.", "Providers", "Providers"),
        "GET /v1/providers/{provider}": _read("One provider.", "Providers", "Provider"),
        "GET /admin/explain": _read(
            "The chain that a request would walk now.",
            "Operation",
            "Explanation",
            model="the model that would be asked for",
            provider="the provider that would be picked",
            operation="what would be asked for, such as embeddings; else a chat, or what the model is for",
            needs="what the request would need, such as tools,vision",
        ),
        "GET /admin/usage": _read("What was used, by key, model, provider and day.", "Operation", "Anything"),
        "GET /admin/state": _read("What serves, and how it does.", "Operation", "Anything"),
        "GET /admin/config": _read("The configuration in effect, without its secrets.", "Operation", "Anything"),
        "POST /admin/reload": Described(
            does="Read the file again, all at once or for a share of the requests first.",
            tag="Operation",
            takes={JSON: "Anything"},
            gives={JSON: "Anything"},
        ),
        "POST /admin/drain": Described(
            does="Take no more requests and end.", tag="Operation", gives={JSON: "Anything"}
        ),
        "GET /media/{filename}": Described(
            does="A file that was made, or a part of it.", tag="Images", gives={"*/*": "Bytes"}, also=(206, 304, 416)
        ),
        "GET /metrics": Described(does="Figures for Prometheus.", tag="Operation", gives={PLAIN: "Text"}),
        "GET /livez": Described(does="The process lives.", tag="Operation", gives={JSON: "Status"}, open=True),
        "GET /readyz": Described(does="Requests are welcome.", tag="Operation", gives={JSON: "Status"}, open=True),
        "GET /openapi.json": Described(does="This document.", tag="Documents", gives={JSON: "Anything"}, open=True),
        "GET /chat/": Described(does="A page to chat on.", tag="Documents", gives={PAGE: "Text"}, open=True),
        "GET /chat": Described(does="The same page.", tag="Documents", gives={PAGE: "Text"}, open=True),
        "GET /docs": Described(does="This document as a page.", tag="Documents", gives={PAGE: "Text"}, open=True),
    }
)
