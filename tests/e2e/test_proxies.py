"""Each provider goes through its own proxy, and through nothing else when that proxy is dead."""

import pytest

from tests.conftest import Serve
from tests.support.caller import Answer, chat, post, text_of
from tests.support.daemon import Daemon
from tests.support.proxies import HttpProxy, SocksProxy
from tests.support.replies import Completion
from tests.support.upstream import Upstream
from tests.support.wire import free_port

pytestmark = pytest.mark.e2e

PASSWORD = "hunter2hunter2"


async def ask(daemon: Daemon, model: str, **fields: object) -> Answer:
    return await post(f"{daemon.url}/v1/chat/completions", chat(model, **fields))


async def test_each_provider_uses_its_own_proxy(serve: Serve):
    async with HttpProxy() as http, SocksProxy() as socks, Upstream() as a, Upstream() as b, Upstream() as c:
        daemon = await serve(
            f"""
            proxies: {{office: "{http.url}", tunnel: "{socks.url}"}}
            providers:
              A: {{base_url: "{a.url}", proxy: office}}
              B: {{base_url: "{b.url}", proxy: tunnel}}
              C: {{base_url: "{c.url}"}}
            models:
              a: {{chain: [A]}}
              b: {{chain: [B]}}
              c: {{chain: [C]}}
            """
        )
        for model in "abc":
            assert (await ask(daemon, model)).text == "hi"
            assert text_of((await ask(daemon, model, stream=True)).events) == "hi"
        assert set(http.targets) == {f"127.0.0.1:{a.port}"}
        assert set(socks.targets) == {f"127.0.0.1:{b.port}"}
        assert [len(upstream.requests) for upstream in (a, b, c)] == [2, 2, 2]


@pytest.mark.parametrize("kind", [HttpProxy, SocksProxy])
async def test_credentials_reach_the_proxy_and_neither_the_upstream_nor_the_log(serve: Serve, kind):
    async with kind("user", PASSWORD) as proxy, Upstream() as a:
        daemon = await serve(
            f"""
            log: {{level: debug}}
            providers:
              A: {{base_url: "{a.url}", proxy: "{proxy.url}"}}
            models:
              m: {{chain: [A]}}
            """
        )
        assert (await ask(daemon, "m")).text == "hi"
        assert (len(proxy.targets), proxy.refused) == (1, 0)
        assert "proxy-authorization" not in a.requests[0].headers
        assert PASSWORD not in daemon.output()


@pytest.mark.parametrize("kind", [HttpProxy, SocksProxy])
async def test_a_proxy_that_refuses_our_credentials_is_a_proxy_failure(serve: Serve, kind):
    async with kind("user", PASSWORD) as proxy, Upstream() as a, Upstream(Completion("other")) as b:
        wrong = proxy.url.replace(PASSWORD, "mistyped-password")
        daemon = await serve(
            f"""
            providers:
              A: {{base_url: "{a.url}", proxy: "{wrong}"}}
              B: {{base_url: "{b.url}"}}
            models:
              m: {{chain: [A, B]}}
            """
        )
        answer = await ask(daemon, "m")
        assert answer.text == "other"
        assert answer.headers["x-g4f-trail"] == "A=proxy"
        assert (len(a.requests), proxy.targets) == (0, [])
        assert "mistyped-password" not in daemon.output()


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h", "socks4"])
async def test_a_dead_proxy_never_falls_back_to_a_direct_connection(serve: Serve, scheme: str):
    async with Upstream() as a, Upstream(Completion("other")) as b:
        daemon = await serve(
            f"""
            providers:
              A: {{base_url: "{a.url}", proxy: "{scheme}://127.0.0.1:{free_port()}"}}
              B: {{base_url: "{b.url}"}}
            models:
              m: {{chain: [A, B]}}
              only: {{chain: [A]}}
            """
        )
        alone = await ask(daemon, "only")
        assert (alone.status, alone.json["error"]["code"]) == (502, "proxy_error")
        answer = await ask(daemon, "m")
        assert answer.text == "other"
        assert (len(a.requests), a.connections) == (0, 0)


async def test_a_proxy_from_the_environment_of_the_process_is_not_used(serve: Serve):
    async with HttpProxy() as proxy, Upstream() as a:
        daemon = await serve(
            f'providers: {{A: {{base_url: "{a.url}"}}}}\nmodels: {{m: {{chain: [A]}}}}\n',
            environ={"HTTP_PROXY": proxy.url, "http_proxy": proxy.url, "ALL_PROXY": proxy.url},
        )
        assert (await ask(daemon, "m")).text == "hi"
        assert (proxy.connections, len(a.requests)) == (0, 1)


async def test_a_request_cannot_choose_its_proxy(serve: Serve):
    async with HttpProxy() as proxy, Upstream() as a:
        daemon = await serve(f'providers: {{A: {{base_url: "{a.url}"}}}}\nmodels: {{m: {{chain: [A]}}}}\n')
        answer = await ask(daemon, "m", proxy=proxy.url)
        assert (answer.status, answer.json["error"]["code"]) == (403, "proxy_not_allowed")
        assert (proxy.connections, len(a.requests)) == (0, 0)
