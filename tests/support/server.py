"""The application behind the server's own edge, in the loop of a test."""

from typing import Any

from aiohttp.test_utils import TestServer

from g4f.api.edge import Edge, EdgeRunner


class EdgeServer(TestServer):
    """aiohttp's test server with the edge that the daemon has."""

    __test__ = False

    async def _make_runner(self, **options: Any) -> EdgeRunner:
        options.pop("debug", None)
        return EdgeRunner(self.app, **options)

    @property
    def edge(self) -> Edge:
        assert isinstance(self.runner, EdgeRunner)
        return self.runner.edge
