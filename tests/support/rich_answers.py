"""One whole answer of each upstream dialect, with nearly everything in it that the dialect has words for."""

from collections.abc import Mapping
from typing import Any

from g4f.exchange.request import Dialect

_USAGE = {
    "prompt_tokens": 1,
    "completion_tokens": 1,
    "total_tokens": 2,
    "prompt_tokens_details": {"cached_tokens": 1},
    "completion_tokens_details": {"reasoning_tokens": 1},
}
_TOOL_CALL = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
ANSWERS: Mapping[Dialect, Mapping[str, Any]] = {
    Dialect.OPENAI: {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "system_fingerprint": "x",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": "x",
                    "reasoning_content": "r",
                    "reasoning": "r",
                    "refusal": None,
                    "annotations": [{"type": "url_citation", "url_citation": {"url": "x"}}],
                    "audio": None,
                    "tool_calls": [_TOOL_CALL],
                },
                "logprobs": {"content": [{"token": "x", "logprob": -1}]},
                "finish_reason": "stop",
            }
        ],
        "usage": _USAGE,
    },
    Dialect.OPENAI_RESPONSES: {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "model": "m",
        "output": [
            {
                "type": "reasoning",
                "id": "rs",
                "summary": [{"type": "summary_text", "text": "r"}],
                "encrypted_content": "x",
            },
            {
                "type": "message",
                "id": "m",
                "role": "assistant",
                "status": "completed",
                "content": [
                    {"type": "output_text", "text": "x", "annotations": [], "logprobs": []},
                    {"type": "refusal", "refusal": "no"},
                ],
            },
            {
                "type": "function_call",
                "id": "fc",
                "call_id": "c",
                "name": "f",
                "arguments": "{}",
                "status": "completed",
            },
        ],
        "usage": {
            "input_tokens": 1,
            "output_tokens": 1,
            "total_tokens": 2,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
        "incomplete_details": {"reason": "max_output_tokens"},
        "error": None,
    },
    Dialect.ANTHROPIC: {
        "id": "msg",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [
            {"type": "thinking", "thinking": "r", "signature": "s"},
            {"type": "redacted_thinking", "data": "x"},
            {"type": "text", "text": "x", "citations": [{"type": "char_location"}]},
            {"type": "tool_use", "id": "c", "name": "f", "input": {"a": 1}},
        ],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 1,
            "output_tokens": 1,
            "cache_read_input_tokens": 1,
            "cache_creation_input_tokens": 1,
        },
    },
    Dialect.GEMINI: {
        "candidates": [
            {
                "index": 0,
                "content": {
                    "role": "model",
                    "parts": [
                        {"text": "r", "thought": True, "thoughtSignature": "eA=="},
                        {"text": "x"},
                        {"inlineData": {"mimeType": "image/png", "data": "aGk="}},
                        {"functionCall": {"name": "f", "args": {"a": 1}, "id": "c"}},
                    ],
                },
                "finishReason": "STOP",
                "safetyRatings": [{"category": "x"}],
                "logprobsResult": {
                    "chosenCandidates": [{"token": "x", "logProbability": -1}],
                    "topCandidates": [{"candidates": [{"token": "x", "logProbability": -1}]}],
                },
            }
        ],
        "usageMetadata": {
            "promptTokenCount": 1,
            "candidatesTokenCount": 1,
            "totalTokenCount": 2,
            "thoughtsTokenCount": 1,
            "cachedContentTokenCount": 1,
        },
        "modelVersion": "m",
        "responseId": "r",
        "promptFeedback": {"safetyRatings": []},
    },
    Dialect.OLLAMA: {
        "model": "m",
        "created_at": "2026-01-01T00:00:00Z",
        "message": {
            "role": "assistant",
            "content": "x",
            "thinking": "r",
            "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": {"a": 1}}}],
        },
        "done": True,
        "done_reason": "stop",
        "prompt_eval_count": 1,
        "eval_count": 1,
        "total_duration": 1,
        "logprobs": [{"token": "x", "logprob": -1}],
    },
    Dialect.COHERE: {
        "id": "1",
        "finish_reason": "COMPLETE",
        "message": {
            "role": "assistant",
            "content": [{"type": "text", "text": "x"}, {"type": "thinking", "thinking": "r"}],
            "tool_plan": "p",
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
            "citations": [{"start": 0, "text": "x"}],
        },
        "usage": {"tokens": {"input_tokens": 1, "output_tokens": 1}, "billed_units": {"input_tokens": 1}},
    },
}
