"""Anthropic's Messages in front, by the official SDK."""

from typing import Any

import anthropic

from tests.grid.exchange import PICTURE, SCHEMA, TOOL, Question, Refused, Said

LACKS: frozenset[str] = frozenset()

_FINISHES = {"end_turn": "stop", "tool_use": "tool_calls", "max_tokens": "length"}


def _asked(question: Question) -> dict[str, Any]:
    content: list[Any] = [{"type": "text", "text": question.prompt}]
    if question.picture:
        source = {"type": "base64", "media_type": "image/png", "data": PICTURE}
        content.append({"type": "image", "source": source})
    messages: list[Any] = [{"role": "user", "content": content}]
    if question.before:
        calls = [
            {"type": "tool_use", "id": t.call_id, "name": TOOL[0], "input": {"city": t.city}} for t in question.before
        ]
        results = [
            {"type": "tool_result", "tool_use_id": t.call_id, "content": [{"type": "text", "text": t.result}]}
            for t in question.before
        ]
        messages += [{"role": "assistant", "content": calls}, {"role": "user", "content": results}]
    asked: dict[str, Any] = {"model": "m", "max_tokens": 4096, "messages": messages}
    if question.system:
        asked["system"] = [{"type": "text", "text": question.system, "cache_control": {"type": "ephemeral"}}]
    if question.tools:
        name, description, schema = TOOL
        asked["tools"] = [{"name": name, "description": description, "input_schema": schema}]
    if question.schema:
        asked["output_config"] = {"format": {"type": "json_schema", "schema": SCHEMA}}
    if question.effort:
        asked["thinking"] = {"type": "enabled", "budget_tokens": 2048}
    return asked


async def ask(root: str, question: Question) -> Said:
    http = anthropic.DefaultAsyncHttpxClient(verify=False)  # no TLS, so no certificates to load
    async with anthropic.AsyncAnthropic(base_url=root, api_key="none", max_retries=0, http_client=http) as client:
        try:
            if not question.stream:
                return _said(await client.messages.create(**_asked(question)))
            async with client.messages.stream(**_asked(question)) as stream:
                return _said(await stream.get_final_message())
        except anthropic.APIStatusError as error:
            assert isinstance(error.body, dict)
            assert error.body["type"] == "error"
            assert error.request_id == error.body["request_id"]
            raise Refused(error.status_code, error.body["error"]["message"]) from error


def _said(message: Any) -> Said:
    usage = message.usage
    cached = (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0)
    calls = [block for block in message.content if block.type == "tool_use"]
    assert len({call.id for call in calls}) == len(calls)
    return Said(
        text="".join(block.text for block in message.content if block.type == "text"),
        thoughts="".join(block.thinking for block in message.content if block.type == "thinking"),
        calls=tuple((call.name, call.input) for call in calls),
        finish=_FINISHES[message.stop_reason],
        usage=(usage.input_tokens + cached, usage.output_tokens),
    )
