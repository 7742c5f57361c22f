"""How much a Claude model is asked to think: an effort of the hub as a budget of tokens, or as Claude's own efforts.

Source: https://docs.claude.com/en/docs/build-with-claude/extended-thinking and .../adaptive-thinking.
"""

from collections.abc import Mapping
from typing import Any

from g4f.dialects.anthropic.generation import generation
from g4f.dialects.hub import Json, most_tokens

#: Tokens for each effort; Anthropic's own least is 1024.
BUDGETS: Mapping[str, int] = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384, "xhigh": 32768, "max": 32768}
LEAST = 1024
_EFFORTS: Mapping[str, str] = {"minimal": "low"}
_FORCED = ("any", "tool")


def think(payload: Mapping[str, Any], body: Json, *, model: str, answered: bool, default: int) -> list[str]:
    """Put the wanted thinking into `body`; what cannot be had is named. `answered`: the tool calls that the last turns
    are about began with a signed thought, which a budget needs. `default` is the `max_tokens` where a client set none.
    """
    own = payload.get("thinking")
    effort, budget = _wanted(payload)
    if isinstance(own, dict) and isinstance(
        own.get("type"), str
    ):  # Anthropic's own field, as its OpenAI endpoint has it
        body["thinking"] = dict(own)
        budget = own.get("budget_tokens") if isinstance(own.get("budget_tokens"), int) else None
        return _make_room(payload, body, budget, default)
    if effort is None and budget is None:
        return []
    if effort == "none":
        return []
    if body.get("tool_choice", {}).get("type") in _FORCED:
        return ["reasoning_effort"]  # a forced call and thinking exclude each other
    if generation(model).adaptive:
        body["thinking"] = {"type": "adaptive"}
        if effort is not None:
            body.setdefault("output_config", {})["effort"] = _EFFORTS.get(effort, effort)
        return []
    if not answered:
        return ["reasoning_effort"]
    budget = max(budget or BUDGETS.get(effort or "", BUDGETS["medium"]), LEAST)
    body["thinking"] = {"type": "enabled", "budget_tokens": budget}
    return _make_room(payload, body, budget, default)


def _wanted(payload: Mapping[str, Any]) -> tuple[str | None, int | None]:
    """The effort and the budget of a request, in OpenAI's words or in OpenRouter's (`reasoning`)."""
    effort, reasoning = payload.get("reasoning_effort"), payload.get("reasoning")
    budget = None
    if isinstance(reasoning, dict):
        effort = effort or reasoning.get("effort") or ("medium" if reasoning.get("enabled") is True else None)
        budget = reasoning.get("max_tokens")
    return (effort if isinstance(effort, str) else None), (budget if type(budget) is int else None)


def _make_room(payload: Mapping[str, Any], body: Json, budget: int | None, default: int) -> list[str]:
    """The budget is part of `max_tokens`: the limit grows by it where it is ours, and bounds it where it is not."""
    if budget is None:
        return []
    most = most_tokens(payload)
    if most is None:
        body["max_tokens"] = default + budget
    elif budget >= most:
        if most <= LEAST:
            del body["thinking"]
            return ["reasoning_effort"]
        body["thinking"]["budget_tokens"] = max(LEAST, most // 2)
    return []
