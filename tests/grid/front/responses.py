"""OpenAI's Responses in front, by the official SDK."""

import json
from typing import Any

import openai

from tests.grid.exchange import PICTURE, SCHEMA, TOOL, Question, Refused, Said

LACKS: frozenset[str] = frozenset()

_DELTAS = ("response.output_text.delta", "response.reasoning_summary_text.delta")


def _asked(question: Question) -> dict[str, Any]:
    content: list[Any] = [{"type": "input_text", "text": question.prompt}]
    if question.picture:
        url = f"data:image/png;base64,{PICTURE}"
        content.append({"type": "input_image", "image_url": url, "detail": "auto"})
    items: list[Any] = [{"role": "user", "content": content}]
    for turn in question.before:
        arguments = json.dumps({"city": turn.city})
        items.append({"type": "function_call", "call_id": turn.call_id, "name": TOOL[0], "arguments": arguments})
    for turn in question.before:
        items.append({"type": "function_call_output", "call_id": turn.call_id, "output": turn.result})
    asked: dict[str, Any] = {"model": "m", "input": items}
    if question.system:
        asked["instructions"] = question.system
    if question.tools:
        name, description, schema = TOOL
        tool = {"type": "function", "name": name, "description": description, "parameters": schema, "strict": False}
        asked["tools"] = [tool]
    if question.schema:
        asked["text"] = {"format": {"type": "json_schema", "name": "answer", "schema": SCHEMA}}
    if question.effort:
        asked["reasoning"] = {"effort": question.effort, "summary": "auto"}
    return asked


async def ask(root: str, question: Question) -> Said:
    http = openai.DefaultAsyncHttpxClient(verify=False)  # no TLS, so no certificates to load
    async with openai.AsyncOpenAI(base_url=f"{root}/v1", api_key="none", max_retries=0, http_client=http) as client:
        try:
            if not question.stream:
                return _said(await client.responses.create(**_asked(question)))
            events = [event async for event in await client.responses.create(**_asked(question), stream=True)]
        except openai.APIStatusError as error:
            raise Refused(error.status_code, error.message) from error
    assert [event.sequence_number for event in events] == list(range(len(events)))
    said = _said(events[-1].response)
    told = {kind: "".join(event.delta for event in events if event.type == kind) for kind in _DELTAS}
    assert list(told.values()) == [said.text, said.thoughts]
    return said


def _said(response: Any) -> Said:
    assert response.status == ("completed" if response.incomplete_details is None else "incomplete")
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens
    calls = [item for item in response.output if item.type == "function_call"]
    assert len({call.call_id for call in calls}) == len(calls)
    thoughts = [piece.text for item in response.output if item.type == "reasoning" for piece in item.summary]
    return Said(
        text=response.output_text,
        thoughts="".join(thoughts),
        calls=tuple((call.name, json.loads(call.arguments)) for call in calls),
        finish=_finish(response, called=bool(calls)),
        usage=(response.usage.input_tokens, response.usage.output_tokens),
    )


def _finish(response: Any, *, called: bool) -> str:
    if response.incomplete_details is not None:
        return {"max_output_tokens": "length"}[response.incomplete_details.reason]
    return "tool_calls" if called else "stop"
