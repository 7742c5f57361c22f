"""OpenAI's chat completions in front, by the official SDK."""

import json
from typing import Any

import openai
from openai.lib.streaming.chat import ChatCompletionStreamState

from tests.grid.exchange import PICTURE, SCHEMA, TOOL, Question, Refused, Said

LACKS: frozenset[str] = frozenset()
"""What the dialect has no words for."""


def _asked(question: Question) -> dict[str, Any]:
    content: Any = question.prompt
    if question.picture:
        url = {"url": f"data:image/png;base64,{PICTURE}"}
        content = [{"type": "text", "text": question.prompt}, {"type": "image_url", "image_url": url}]
    messages: list[Any] = [{"role": "system", "content": question.system}] if question.system else []
    messages.append({"role": "user", "content": content})
    if question.before:
        calls = [
            {
                "id": t.call_id,
                "type": "function",
                "function": {"name": TOOL[0], "arguments": json.dumps({"city": t.city})},
            }
            for t in question.before
        ]
        messages.append({"role": "assistant", "content": None, "tool_calls": calls})
        messages += [{"role": "tool", "tool_call_id": t.call_id, "content": t.result} for t in question.before]
    asked: dict[str, Any] = {"model": "m", "messages": messages}
    if question.tools:
        name, description, schema = TOOL
        function = {"name": name, "description": description, "parameters": schema}
        asked["tools"] = [{"type": "function", "function": function}]
    if question.schema:
        schema_format = {"name": "answer", "schema": SCHEMA}
        asked["response_format"] = {"type": "json_schema", "json_schema": schema_format}
    if question.effort:
        asked["reasoning_effort"] = question.effort
    return asked


async def ask(root: str, question: Question) -> Said:
    http = openai.DefaultAsyncHttpxClient(verify=False)  # no TLS, so no certificates to load
    async with openai.AsyncOpenAI(base_url=f"{root}/v1", api_key="none", max_retries=0, http_client=http) as client:
        try:
            if not question.stream:
                return _said(await client.chat.completions.create(**_asked(question)), "")
            state: ChatCompletionStreamState[None] = ChatCompletionStreamState()
            thoughts = ""
            asked = {**_asked(question), "stream_options": {"include_usage": True}, "stream": True}
            async for chunk in await client.chat.completions.create(**asked):
                state.handle_chunk(chunk)
                if chunk.choices:
                    thoughts += getattr(chunk.choices[0].delta, "reasoning_content", None) or ""
            return _said(state.current_completion_snapshot, thoughts)
        except openai.APIStatusError as error:
            raise Refused(error.status_code, error.message) from error


def _said(whole: Any, thoughts: str) -> Said:
    (choice,) = whole.choices
    message = choice.message
    calls = message.tool_calls or ()
    assert all(call.id for call in calls)
    assert len({call.id for call in calls}) == len(calls)
    return Said(
        text=message.content or "",
        thoughts=thoughts or getattr(message, "reasoning_content", None) or "",
        calls=tuple((call.function.name, json.loads(call.function.arguments)) for call in calls),
        finish=choice.finish_reason,
        usage=(whole.usage.prompt_tokens, whole.usage.completion_tokens),
    )
