"""Ollama's API in front, by the official SDK."""

from typing import Any

import ollama

from tests.grid.exchange import PICTURE, SCHEMA, TOOL, Question, Refused, Said

LACKS: frozenset[str] = frozenset({"ids of calls"})


def _asked(question: Question) -> dict[str, Any]:
    messages: list[Any] = [{"role": "system", "content": question.system}] if question.system else []
    asked: dict[str, Any] = {"role": "user", "content": question.prompt}
    messages.append({**asked, "images": [PICTURE]} if question.picture else asked)
    if question.before:
        calls = [{"function": {"name": TOOL[0], "arguments": {"city": t.city}}} for t in question.before]
        messages.append({"role": "assistant", "content": "", "tool_calls": calls})
        messages += [{"role": "tool", "tool_name": TOOL[0], "content": t.result} for t in question.before]
    fields: dict[str, Any] = {"model": "m", "messages": messages}
    if question.tools:
        name, description, schema = TOOL
        function = {"name": name, "description": description, "parameters": schema}
        fields["tools"] = [{"type": "function", "function": function}]
    if question.schema:
        fields["format"] = SCHEMA
    if question.effort:
        fields["think"] = question.effort
    return fields


async def ask(root: str, question: Question) -> Said:
    async with ollama.AsyncClient(host=root, verify=False) as client:  # no TLS, so no certificates to load
        try:
            if not question.stream:
                return _said([await client.chat(**_asked(question))])
            return _said([piece async for piece in await client.chat(**_asked(question), stream=True)])
        except ollama.ResponseError as error:
            raise Refused(error.status_code, error.error) from error


def _said(pieces: list[Any]) -> Said:
    last = pieces[-1]
    assert last.done
    assert not any(piece.done for piece in pieces[:-1])
    calls = [call for piece in pieces for call in piece.message.tool_calls or ()]
    return Said(
        text="".join(piece.message.content or "" for piece in pieces),
        thoughts="".join(piece.message.thinking or "" for piece in pieces),
        calls=tuple((call.function.name, dict(call.function.arguments)) for call in calls),
        finish="tool_calls" if calls and last.done_reason == "stop" else last.done_reason,
        usage=(last.prompt_eval_count, last.eval_count),
    )
