"""The application behind the server's own edge, in the loop of a test."""

from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from aiohttp.web_runner import BaseRunner

from g4f.api.edge import Edge
from g4f.api.general import EXPRESS, GeneralServer
from g4f.api.keys import GATEWAY, STATE


class Runner(BaseRunner):
    """aiohttp's runner, with the edge where its own server would be."""

    edge: Edge

    def __init__(self, app: web.Application) -> None:
        super().__init__()
        self.app = app

    async def _make_server(self) -> Any:
        async def load() -> GeneralServer:
            server = GeneralServer(self.app)
            await server.open()
            return server

        self.edge = edge = Edge(self.app[GATEWAY], self.app[STATE], self.app.get(EXPRESS, {}), load)
        return _Server(edge)

    async def shutdown(self) -> None:
        """The edge closes the application's server."""

    async def _cleanup_server(self) -> None:
        pass


class _Server:
    """An edge as aiohttp's runner sees one."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    def __call__(self) -> Any:
        return self._edge()

    def pre_shutdown(self) -> None:
        pass

    async def shutdown(self, timeout: float | None = None) -> None:
        await self._edge.close()


class EdgeServer(TestServer):
    """aiohttp's test server with the edge that the daemon has."""

    __test__ = False

    async def _make_runner(self, **options: Any) -> Runner:
        return Runner(self.app)

    @property
    def edge(self) -> Edge:
        assert isinstance(self.runner, Runner)
        return self.runner.edge
