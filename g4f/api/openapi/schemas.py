"""The shapes of answers, as JSON Schema: those that every client may rely on; and those of requests beside them."""

from collections.abc import Mapping
from types import MappingProxyType

from g4f.api.openapi.requests import REQUESTS
from g4f.api.openapi.words import COUNT, FLAG, NUMBER, OBJECT, TEXT, Schema, listed, one_of, or_null, record

_MODEL = record(
    {"id": TEXT, "object": {"const": "model"}, "created": COUNT, "owned_by": TEXT},
    image=FLAG,
    vision=FLAG,
    provider=FLAG,
    context_length=COUNT,
    pricing=record({"input": NUMBER, "output": NUMBER}),
)
_PROVIDER = record(
    {
        "provider": TEXT,
        "models": listed(TEXT),
        "image_models": listed(TEXT),
        "vision_models": listed(TEXT),
        "url": TEXT,
        "working": FLAG,
        "auth": FLAG,
    },
    stream=FLAG,
    description=TEXT,
)
_CHOICE = record(
    {"index": COUNT, "message": record({"role": TEXT, "content": {"type": ["string", "null"]}}), "finish_reason": TEXT}
)
_USAGE = record({"prompt_tokens": COUNT, "completion_tokens": COUNT, "total_tokens": COUNT})

_PICTURE = record({}, url=or_null(TEXT), b64_json=or_null(TEXT), revised_prompt=or_null(TEXT))
_VECTOR = record(
    {"object": {"const": "embedding"}, "index": COUNT, "embedding": one_of(listed(NUMBER), TEXT)},
)

_ERROR = record(
    {
        "error": record(
            {
                "message": TEXT,
                "type": TEXT,
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
            attempts=listed(OBJECT),
        )
    }
)
_GEMINI_ERROR = record({"error": record({"code": COUNT, "message": TEXT, "status": TEXT})})

_ANSWERS: Mapping[str, Schema] = {
    "Error": _ERROR,
    "AnthropicError": record({"type": {"const": "error"}, "error": record({"type": TEXT, "message": TEXT})}),
    "OllamaError": record({"error": TEXT}),
    "GeminiError": _GEMINI_ERROR,
    "GeminiOrError": one_of(_GEMINI_ERROR, _ERROR),
    "ChatCompletion": record(
        {
            "id": TEXT,
            "object": {"const": "chat.completion"},
            "created": COUNT,
            "model": TEXT,
            "provider": TEXT,
            "choices": listed(_CHOICE),
        },
        usage=_USAGE,
        conversation_id=TEXT,
    ),
    "Completion": record({"object": {"const": "text_completion"}, "choices": listed(record({"text": TEXT}))}),
    "Embeddings": record({"object": {"const": "list"}, "data": listed(_VECTOR), "model": TEXT, "usage": OBJECT}),
    "Moderation": record({"id": TEXT, "model": TEXT, "results": listed(record({"flagged": FLAG}))}),
    "Ranking": record({"results": listed(record({"index": COUNT, "relevance_score": NUMBER}))}),
    "Images": record({"created": COUNT, "data": listed(_PICTURE)}),
    "Transcript": record({"text": TEXT}),
    "Message": record({"id": TEXT, "type": {"const": "message"}, "role": TEXT, "content": listed(OBJECT)}),
    "Counted": record({"input_tokens": COUNT}),
    "Model": _MODEL,
    "Models": record({"object": {"const": "list"}, "data": listed(_MODEL)}),
    "Provider": _PROVIDER,
    "Providers": record({"object": {"const": "list"}, "data": listed(_PROVIDER)}),
    "Status": record({"status": TEXT}),
    "Response": record({"id": TEXT, "object": {"const": "response"}}),
    "Deleted": record({"id": TEXT, "object": TEXT, "deleted": {"const": True}}),
    "Items": record({"object": {"const": "list"}, "data": listed(OBJECT)}),
    "Explanation": record({"model": TEXT, "targets": listed(OBJECT), "skipped": listed(OBJECT)}),
    "CookieFiles": record({"files": listed({"type": "string", "format": "binary"})}),
    "Uploaded": listed(record({"filename": TEXT, "domains": listed(TEXT)})),
    "Bytes": {"type": "string", "format": "binary"},
    "Anything": OBJECT,
}

SCHEMAS: Mapping[str, Schema] = MappingProxyType({**REQUESTS, **_ANSWERS})
