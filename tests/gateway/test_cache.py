"""What the cache keeps: bounded in time and size."""

from g4f.exchange.request import Request
from tests.support.replies import Completion
from tests.support.upstream import Upstream


def over(upstream: Upstream, cache: str) -> str:
    rows = f"defaults: {{retries: 0}}\nproviders: {{A: {{base_url: '{upstream.url}'}}}}\n"
    return f"{rows}models: {{m: {{chain: [A], cache: {cache}}}}}\n"


async def use(bench, model="m", **fields):
    payload = {"messages": [{"role": "user", "content": "hi"}], **fields}
    answer = await bench.gateway.answer(Request(id="r", model=model, payload=payload))
    await answer.aclose()
    return answer.cache


async def test_what_is_kept_is_bounded_and_what_is_used_least_goes_first(bench):
    async with Upstream(Completion("x" * 1000)) as upstream:
        made = bench(over(upstream, "{ttl: 5m, max_size: 4KiB}"))
        assert [await use(made, seed=seed) for seed in (1, 2, 1, 3, 1, 2)] == [
            "miss",
            "miss",
            "hit",
            "miss",
            "hit",
            "miss",
        ]
        upstream.script(Completion("x" * 5000))
        assert [await use(made, seed=9) for _ in range(2)] == ["miss", "miss"]


async def test_an_answer_is_given_again_for_as_long_as_the_file_says(bench):
    async with Upstream(Completion()) as upstream:
        made = bench(over(upstream, "{ttl: 60s}"))
        assert await use(made) == "miss"
        made.clock.advance(59)
        assert await use(made) == "hit"
        made.clock.advance(1)
        assert await use(made) == "miss"
