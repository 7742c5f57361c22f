"""Typed names of what the application carries for its handlers."""

import asyncio
from dataclasses import dataclass, field

from aiohttp import web

from g4f.api.auth import Doorkeeper
from g4f.gateway.gateway import Gateway

GATEWAY: web.AppKey[Gateway] = web.AppKey("gateway", Gateway)


@dataclass(slots=True)
class ServerState:
    """What changes while the server runs. `draining` fails the readiness check before the listener closes, `running`
    holds the tasks of open requests, and `hurry` ends a drain early."""

    doorkeeper: Doorkeeper
    draining: bool = False
    running: set[asyncio.Task[None]] = field(default_factory=set)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)


STATE: web.AppKey[ServerState] = web.AppKey("state", ServerState)
