"""A live test asks a provider itself: what it answers is its card."""

import pytest

from g4f.config.schema import Config, Model, Price, Provider, ProviderKey
from g4f.conformance.card import Ability, Verdict
from g4f.conformance.live import Hopeless, ask, cost, models_of
from tests.support.http import Request
from tests.support.replies import Choose, Completion, Reply, Status, ToolCall, error
from tests.support.upstream import Upstream


def row(upstream: Upstream, **fields) -> Provider:
    key = ProviderKey.model_validate({"name": "mine", "key": "sk-live-0123456789"})
    return Provider(dialect="openai", base_url=upstream.url, keys=(key,), **fields)


def answering(request: Request) -> Reply:
    """A provider that knows tools and nothing of pictures, and one model."""
    if request.json["model"] != "small":
        return Status(404, error("The model does not exist", code="model_not_found"))
    if "image_url" in request.body.decode():
        return Status(400, error("This model does not support images"))
    if "tools" in request.json:
        return Completion(tool_calls=[ToolCall("weather", '{"city": "Oslo"}')])
    if "response_format" in request.json:
        return Completion('{"city": "Oslo"}')
    return Completion("Hello.")


async def test_the_card_is_what_the_provider_shows() -> None:
    async with Upstream(Choose(answering)) as upstream:
        lines = {line.ability: line for line in await ask("Lab", row(upstream), Config(), "small")}
        asked = list(upstream.requests)
    verdicts = {ability: line.verdict for ability, line in lines.items()}
    yes = {ability for ability, verdict in verdicts.items() if verdict is Verdict.YES}
    assert yes == {Ability.TEXT, Ability.STREAM, Ability.TOOLS, Ability.JSON, Ability.USAGE, Ability.ERRORS}
    assert verdicts[Ability.PARALLEL_TOOLS] is verdicts[Ability.VISION] is verdicts[Ability.REASONING] is Verdict.NO
    assert verdicts[Ability.EMBEDDINGS] is Verdict.UNKNOWN
    assert "does not support images" in lines[Ability.VISION].evidence[0]
    assert len(asked) <= cost(row(upstream), "small")[0]
    assert {request.headers["authorization"] for request in asked} == {"Bearer sk-live-0123456789"}


async def test_a_wrong_key_ends_it_at_once() -> None:
    async with Upstream(Status(401)) as upstream:
        with pytest.raises(Hopeless, match="auth"):
            await ask("Lab", row(upstream), Config(), "small")
        assert len(upstream.requests) == 1


async def test_a_limit_that_has_another_name_is_given_by_that() -> None:
    def picky(request: Request) -> Reply:
        if "max_tokens" in request.json:
            return Status(400, error("Unsupported parameter: use 'max_completion_tokens' instead."))
        return Completion("Hello.")

    async with Upstream(Choose(picky)) as upstream:
        lines = {line.ability: line for line in await ask("Lab", row(upstream), Config(), "small")}
    assert lines[Ability.TEXT].verdict is Verdict.YES
    assert sum("max_tokens" in request.json for request in upstream.requests) == 1


async def test_a_provider_that_is_busy_is_not_called_unable() -> None:
    async with Upstream(Status(429)) as upstream:
        lines = await ask("Lab", row(upstream), Config(), "small")
    assert {line.verdict for line in lines} == {Verdict.UNKNOWN}


def test_what_it_costs_is_said_where_the_price_is_known() -> None:
    priced = Provider(dialect="openai", prices={"small": Price(input=1, output=2)})
    count, usd = cost(priced, "small")
    assert usd == pytest.approx(count * (200 + 512 * 2) / 1e6)
    assert cost(priced, "large") == (count, None)


def test_the_cheapest_known_model_is_asked() -> None:
    prices = {"big": Price(input=1, output=9), "little": Price(input=1, output=1)}
    lab = Provider(dialect="openai", prices=prices, models={"large": "big"})
    model = Model.model_validate({"chain": (({"provider": "Lab", "model": "little"},),)})
    assert list(models_of("Lab", lab, Config(models={"m": model}))) == ["little", "big"]
