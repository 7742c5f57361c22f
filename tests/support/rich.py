"""One request of each dialect, with nearly everything in it that the dialect has words for.

They are what mutations begin with: a place that no document has is a place that nobody has tried.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from g4f.exchange.request import Dialect

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
_SCHEMA = {
    "type": "object",
    "properties": {
        "a": {"type": "string", "enum": ["x"], "format": "date"},
        "b": {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1},
        "c": {"oneOf": [{"$ref": "#/$defs/d"}, {"allOf": [{"const": 1}]}]},
    },
    "required": ["a"],
    "$defs": {"d": {"type": "null"}},
    "additionalProperties": False,
}
_FUNCTION = {"name": "f", "description": "d", "parameters": _SCHEMA, "strict": True}
_CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}

REQUESTS: Mapping[Dialect, Mapping[str, Any]] = {
    Dialect.OPENAI: {
        "model": "m",
        "messages": [
            {"role": "system", "content": [{"type": "text", "text": "s"}]},
            {
                "role": "user",
                "name": "n",
                "content": [
                    {"type": "text", "text": "t"},
                    {
                        "type": "image_url",
                        "image_url": {"url": f"data:image/png;base64,{PIXEL}", "detail": "low"},
                    },
                    {"type": "image_url", "image_url": {"url": "https://a.example/x.png"}},
                    {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
                    {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERg==", "filename": "f"}},
                ],
            },
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [_CALL],
                "reasoning_content": "r",
                "reasoning_details": [{"type": "reasoning.encrypted", "data": "x", "format": "anthropic-claude-v1"}],
                "refusal": None,
            },
            {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "1"}]},
            {"role": "assistant", "content": "a", "function_call": {"name": "f", "arguments": "{}"}},
            {"role": "function", "name": "f", "content": "1"},
            {"role": "user", "content": "u"},
        ],
        "tools": [{"type": "function", "function": _FUNCTION}],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "functions": [_FUNCTION],
        "function_call": {"name": "f"},
        "response_format": {"type": "json_schema", "json_schema": {"name": "j", "schema": _SCHEMA, "strict": True}},
        "stream_options": {"include_usage": True},
        "stop": ["a"],
        "n": 1,
        "max_tokens": 5,
        "max_completion_tokens": 5,
        "temperature": 0.5,
        "top_p": 0.5,
        "logprobs": True,
        "top_logprobs": 1,
        "logit_bias": {"1": 1},
        "seed": 1,
        "user": "u",
        "metadata": {"a": "b"},
        "modalities": ["text"],
        "audio": {"voice": "v", "format": "wav"},
        "prediction": {"type": "content", "content": "x"},
        "reasoning_effort": "low",
        "reasoning": {"effort": "low"},
        "parallel_tool_calls": False,
        "provider": "P",
        "proxy": "p",
        "conversation_id": "c",
        "cache_control": {"type": "ephemeral"},
    },
    Dialect.OPENAI_RESPONSES: {
        "model": "m",
        "instructions": "s",
        "input": [
            {
                "type": "message",
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "t"},
                    {"type": "input_image", "image_url": "https://a.example/x.png", "detail": "low"},
                    {"type": "input_file", "file_data": "data:application/pdf;base64,JVBERg==", "filename": "f"},
                    {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
                ],
            },
            {
                "type": "reasoning",
                "id": "r",
                "summary": [{"type": "summary_text", "text": "r"}],
                "encrypted_content": "x",
            },
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "a"}]},
            {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}", "id": "fc"},
            {"type": "function_call_output", "call_id": "c1", "output": [{"type": "input_text", "text": "1"}]},
            {"type": "item_reference", "id": "x"},
            {"role": "user", "content": "u"},
        ],
        "tools": [
            {"type": "function", "name": "f", "description": "d", "parameters": _SCHEMA, "strict": True},
            {"type": "web_search"},
        ],
        "tool_choice": {"type": "function", "name": "f"},
        "text": {"format": {"type": "json_schema", "name": "j", "schema": _SCHEMA, "strict": True}, "verbosity": "low"},
        "reasoning": {"effort": "low", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
        "max_output_tokens": 5,
        "temperature": 0.5,
        "top_p": 0.5,
        "top_logprobs": 1,
        "store": False,
        "previous_response_id": "resp_1",
        "prompt": {"id": "p"},
        "metadata": {"a": "b"},
        "truncation": "auto",
        "background": False,
        "parallel_tool_calls": False,
        "user": "u",
        "provider": "P",
    },
    Dialect.ANTHROPIC: {
        "model": "m",
        "max_tokens": 5,
        "system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "t", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}},
                    {"type": "image", "source": {"type": "url", "url": "https://a.example/x.png"}},
                    {
                        "type": "document",
                        "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="},
                    },
                    {
                        "type": "document",
                        "source": {"type": "text", "media_type": "text/plain", "data": "t"},
                        "title": "t",
                    },
                ],
            },
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "r", "signature": "x"},
                    {"type": "redacted_thinking", "data": "x"},
                    {"type": "text", "text": "a", "citations": [{"type": "char_location", "cited_text": "x"}]},
                    {"type": "tool_use", "id": "c1", "name": "f", "input": {"a": 1}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "c1",
                        "is_error": False,
                        "content": [
                            {"type": "text", "text": "1"},
                            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}},
                        ],
                    },
                    {"type": "tool_result", "tool_use_id": "c2", "content": "1"},
                ],
            },
        ],
        "tools": [
            {"name": "f", "description": "d", "input_schema": _SCHEMA, "cache_control": {"type": "ephemeral"}},
            {"type": "web_search_20250305", "name": "web_search", "max_uses": 1},
        ],
        "tool_choice": {"type": "tool", "name": "f", "disable_parallel_tool_use": True},
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": _SCHEMA}},
        "stop_sequences": ["a"],
        "temperature": 0.5,
        "top_p": 0.5,
        "top_k": 5,
        "metadata": {"user_id": "u"},
        "service_tier": "auto",
        "provider": "P",
    },
    Dialect.GEMINI: {
        "systemInstruction": {"parts": [{"text": "s"}]},
        "contents": [
            {
                "role": "user",
                "parts": [
                    {"text": "t"},
                    {"inlineData": {"mimeType": "image/png", "data": PIXEL}},
                    {"inline_data": {"mime_type": "audio/wav", "data": "UklGRg=="}},
                    {"fileData": {"mimeType": "image/png", "fileUri": "https://a.example/x.png"}},
                    {"videoMetadata": {"fps": 1}},
                ],
            },
            {
                "role": "model",
                "parts": [
                    {"text": "r", "thought": True},
                    {"text": "a", "thoughtSignature": "eA=="},
                    {"functionCall": {"name": "f", "args": {"a": 1}, "id": "c1"}, "thoughtSignature": "eA=="},
                ],
            },
            {
                "role": "user",
                "parts": [{"functionResponse": {"name": "f", "id": "c1", "response": {"result": "1"}}}],
            },
            {"role": "user", "parts": [{"functionResponse": {"name": "g", "response": {"a": 1, "b": 2}}}]},
        ],
        "tools": [
            {"functionDeclarations": [{"name": "f", "description": "d", "parameters": _SCHEMA}]},
            {"function_declarations": [{"name": "g", "parametersJsonSchema": _SCHEMA}], "googleSearch": {}},
        ],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
        "generationConfig": {
            "temperature": 0.5,
            "topP": 0.5,
            "topK": 5,
            "maxOutputTokens": 5,
            "stopSequences": ["a"],
            "seed": 1,
            "presencePenalty": 0.5,
            "frequencyPenalty": 0.5,
            "candidateCount": 1,
            "responseLogprobs": True,
            "logprobs": 1,
            "responseMimeType": "application/json",
            "responseSchema": {
                "type": "OBJECT",
                "properties": {"a": {"type": "STRING", "nullable": True, "format": "enum", "enum": ["x"]}},
                "anyOf": [{"type": "ARRAY", "items": {"type": "NUMBER", "minimum": 1}, "minItems": "1"}],
                "required": ["a"],
            },
            "responseJsonSchema": _SCHEMA,
            "responseModalities": ["TEXT"],
            "thinkingConfig": {"thinkingBudget": 1024, "thinkingLevel": "low", "includeThoughts": True},
            "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "v"}}},
        },
        "safetySettings": [{"category": "c", "threshold": "t"}],
        "cachedContent": "cachedContents/1",
    },
    Dialect.OLLAMA: {
        "model": "m",
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": "t", "images": [PIXEL]},
            {
                "role": "assistant",
                "content": "",
                "thinking": "r",
                "tool_calls": [{"id": "c1", "function": {"name": "f", "arguments": {"a": 1}}}],
            },
            {"role": "tool", "content": "1", "tool_name": "f", "tool_call_id": "c1"},
        ],
        "prompt": "p",
        "system": "s",
        "suffix": "x",
        "images": [PIXEL],
        "tools": [{"type": "function", "function": _FUNCTION}],
        "format": _SCHEMA,
        "think": "low",
        "options": {"num_predict": 5, "temperature": 0.5, "top_k": 5, "stop": ["a"], "seed": 1, "num_ctx": 5},
        "keep_alive": "5m",
        "logprobs": True,
        "top_logprobs": 1,
        "context": [1, 2],
        "template": "t",
        "raw": False,
        "input": ["a"],
        "truncate": True,
        "dimensions": 2,
    },
}

_MEDIA = frozenset({"image_url", "input_audio", "file", "input_image", "input_file", "image", "document"})
_MEDIA_KEYS = frozenset({"inlineData", "inline_data", "fileData", "videoMetadata"})


def plain(document: Any) -> Any:
    """The document without pictures, files and sounds, which not every upstream can be given."""
    if isinstance(document, dict):
        left_out = ("modalities", "audio", "images", "suffix", "responseModalities")
        return {key: plain(value) for key, value in document.items() if key not in left_out}
    if isinstance(document, list):
        return [plain(item) for item in document if not _is_media(item)]
    return document


def _is_media(item: Any) -> bool:
    return isinstance(item, dict) and (item.get("type") in _MEDIA or not _MEDIA_KEYS.isdisjoint(item))


#: What stands where something else was meant.
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 7, 2.0, 2**53 + 1, -0.5, 1e300),
    *("", "x", "a\x00b\r\nc", "\u2028\U0001f600", "x" * 5000),
    *([], [None], [1, "x", {}], [[[]]], {}, {"": None}, {"a": {"b": []}}, [{"type": "x"}], {"type": 5}),
)


def swapped(document: Any, odd: tuple[Any, ...] = ODD) -> Iterator[tuple[str, Any]]:
    """The document again and again, with something odd in each of its places in turn, and each key left out; and how
    it differs. What does not differ is shared."""
    for place, without, put in _places(document):
        yield f"{place}: left out", without()
        for value in odd:
            yield f"{place}: {str(value)[:20]!r}", put(value)


def _places(document: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    if isinstance(document, Mapping):
        for key, value in document.items():
            yield from _place(document, dict, key, value, f"{path}.{key}")
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from _place(document, list, index, value, f"{path}[{index}]")


def _place(parent: Any, copied: Any, key: Any, value: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    def without() -> Any:
        changed = copied(parent)
        del changed[key]
        return changed

    def put(new: Any) -> Any:
        changed = copied(parent)
        changed[key] = new
        return changed

    yield path, without, put
    for place, below_without, below_put in _places(value, path):
        yield place, lambda w=below_without: put(w()), lambda new, p=below_put: put(p(new))
