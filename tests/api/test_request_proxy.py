"""`proxy` in a request: a name of the file always, a URL where the file says so, and nobody's secret to either."""

from tests.support.caller import chat
from tests.support.proxies import HttpProxy
from tests.support.replies import Completion
from tests.support.upstream import Upstream
from tests.support.wire import refused_url

CHAT = "/v1/chat/completions"


def over(upstream: Upstream, proxies: dict[str, str], *, server: str = "{}", row: str = "") -> str:
    named = "".join(f"  {name}: {url}\n" for name, url in proxies.items())
    return (
        f"server: {server}\ndefaults: {{retries: 0}}\nproxies:\n{named or '  other: http://127.0.0.1:9'}\n"
        f"providers: {{A: {{base_url: '{upstream.url}'{row}}}}}\nmodels: {{m: {{chain: [A]}}}}\n"
    )


async def ask(client, **fields):
    answer = await client.post(CHAT, json=chat("m", **fields))
    return answer.status, (await answer.json()).get("error", {})


async def test_a_request_may_name_a_proxy_of_the_file(serve):
    async with Upstream(Completion()) as upstream, HttpProxy() as proxy:
        client = await serve(over(upstream, {"office": proxy.url}, row=", key: sk-upstream"))
        assert await ask(client) == (200, {})
        assert proxy.targets == []
        assert await ask(client, proxy="office") == (200, {})
        assert await ask(client, proxy="office", stream=False) == (200, {})
        assert proxy.targets[0] == f"127.0.0.1:{upstream.port}"
        assert [request.key for request in upstream.requests] == ["sk-upstream"] * 3
        assert "proxy" not in upstream.requests[1].json


async def test_a_name_that_is_not_in_the_file_is_forbidden(serve):
    async with Upstream(Completion()) as upstream:
        client = await serve(over(upstream, {}))
        for name in ("elsewhere", "none", "127.0.0.1:8080"):
            status, error = await ask(client, proxy=name)
            assert (status, error["code"], error["param"]) == (403, "proxy_not_allowed", "proxy")
    assert upstream.requests == []


async def test_a_url_is_forbidden_unless_the_file_allows_it(serve):
    async with Upstream(Completion()) as upstream, HttpProxy() as proxy:
        status, error = await ask(await serve(over(upstream, {})), proxy=proxy.url)
        assert (status, error["code"]) == (403, "proxy_not_allowed")
        assert proxy.url not in error["message"]
        client = await serve(over(upstream, {}, server="{allow_request_proxy: true}"))
        assert await ask(client, proxy=proxy.url) == (200, {})
        assert len(proxy.targets) == 1
        status, error = await ask(client, proxy="ftp://127.0.0.1:1")
        assert (status, error["code"], error["param"]) == (400, "invalid_value", "proxy")


async def test_the_url_of_a_proxy_of_the_file_is_as_good_as_its_name(serve):
    async with Upstream(Completion()) as upstream, HttpProxy() as proxy:
        client = await serve(over(upstream, {"office": proxy.url}, row=", key: sk-upstream"))
        assert await ask(client, proxy=f"{proxy.url}/") == (200, {})
        assert len(proxy.targets) == 1
        secret = proxy.url.replace("//", "//user:word@")
        client = await serve(over(upstream, {"office": secret}))
        for guess in (secret, proxy.url):
            status, error = await ask(client, proxy=guess)
            assert (status, error["code"]) == (403, "proxy_not_allowed")


async def test_a_proxy_that_a_request_brings_never_sees_a_credential(serve):
    async with Upstream(Completion()) as upstream, HttpProxy() as proxy:
        client = await serve(over(upstream, {}, server="{allow_request_proxy: true}", row=", key: sk-upstream-secret"))
        status, error = await ask(client, proxy=proxy.url)
        assert (status, error["code"]) == (400, "unsupported")
        assert proxy.targets == upstream.requests == []


async def test_a_request_s_own_broken_proxy_says_nothing_of_the_provider(serve):
    async with Upstream(Completion()) as upstream:
        client = await serve(over(upstream, {}, server="{allow_request_proxy: true}"))
        broken = refused_url().removesuffix("/v1")
        for _ in range(10):
            status, error = await ask(client, proxy=broken)
            assert (status, error["code"]) == (502, "proxy_error")
        assert await ask(client) == (200, {})


async def test_a_broken_proxy_of_the_file_cools_down_for_itself_alone(serve):
    async with Upstream(Completion()) as upstream:
        client = await serve(over(upstream, {"office": refused_url().removesuffix("/v1")}))
        for _ in range(10):
            status, _error = await ask(client, proxy="office")
        assert status == 503
        assert await ask(client) == (200, {})
