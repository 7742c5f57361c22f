"""Gemini's API in front, by Google's official SDK."""

import base64
from typing import Any

from google import genai
from google.genai import errors, types

from tests.grid.exchange import PICTURE, SCHEMA, TOOL, Question, Refused, Said

LACKS: frozenset[str] = frozenset()

_FINISHES = {types.FinishReason.STOP: "stop", types.FinishReason.MAX_TOKENS: "length"}


def _asked(question: Question) -> dict[str, Any]:
    parts = [types.Part(text=question.prompt)]
    if question.picture:
        parts.append(types.Part.from_bytes(data=base64.b64decode(PICTURE), mime_type="image/png"))
    contents = [types.Content(role="user", parts=parts)]
    if question.before:
        calls = [types.FunctionCall(id=t.call_id, name=TOOL[0], args={"city": t.city}) for t in question.before]
        results = [
            types.FunctionResponse(id=t.call_id, name=TOOL[0], response={"result": t.result}) for t in question.before
        ]
        contents.append(types.Content(role="model", parts=[types.Part(function_call=call) for call in calls]))
        contents.append(types.Content(role="user", parts=[types.Part(function_response=given) for given in results]))
    return {"model": "m", "contents": contents, "config": _config(question)}


def _config(question: Question) -> types.GenerateContentConfig:
    config = types.GenerateContentConfig(system_instruction=question.system)
    if question.tools:
        name, description, schema = TOOL
        function = types.FunctionDeclaration(name=name, description=description, parameters_json_schema=schema)
        config.tools = [types.Tool(function_declarations=[function])]
    if question.schema:
        config.response_mime_type, config.response_json_schema = "application/json", SCHEMA
    if question.effort:
        config.thinking_config = types.ThinkingConfig(thinking_budget=1024, include_thoughts=True)
    return config


async def ask(root: str, question: Question) -> Said:
    plain = {"verify": False}  # no TLS, so no certificates to load
    options = types.HttpOptions(base_url=root, client_args=plain, async_client_args=plain)
    with genai.Client(api_key="none", http_options=options) as client:
        return await _asked_by(client, question)


async def _asked_by(client: genai.Client, question: Question) -> Said:
    async with client.aio as models:
        try:
            if not question.stream:
                return _said([await models.models.generate_content(**_asked(question))])
            stream = await models.models.generate_content_stream(**_asked(question))
            return _said([piece async for piece in stream])
        except errors.APIError as error:
            raise Refused(error.code, error.message or "") from error


def _said(pieces: list[types.GenerateContentResponse]) -> Said:
    candidates = [candidate for piece in pieces for candidate in piece.candidates or ()]
    parts = [part for candidate in candidates if candidate.content for part in candidate.content.parts or ()]
    (reason,) = [candidate.finish_reason for candidate in candidates if candidate.finish_reason]
    calls = [part.function_call for part in parts if part.function_call]
    ids = [call.id for call in calls if call.id]
    assert len(set(ids)) == len(ids)
    usage = pieces[-1].usage_metadata
    assert usage is not None
    return Said(
        text="".join(part.text or "" for part in parts if not part.thought),
        thoughts="".join(part.text or "" for part in parts if part.thought),
        calls=tuple((call.name or "", call.args) for call in calls),
        finish="tool_calls" if calls and _FINISHES[reason] == "stop" else _FINISHES[reason],
        usage=(usage.prompt_token_count or 0, (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)),
    )
