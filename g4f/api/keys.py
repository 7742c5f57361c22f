"""What aiohttp's application and its requests carry for their handlers, by typed names."""

from aiohttp import web

from g4f.api.access import Line
from g4f.api.auth import Doorkeeper
from g4f.api.control import Control
from g4f.api.state import ServerState
from g4f.gateway.gateway import Gateway
from g4f.meter.meter import Meter

GATEWAY: web.AppKey[Gateway] = web.AppKey("gateway", Gateway)
METER: web.AppKey[Meter] = web.AppKey("meter", Meter)
STATE: web.AppKey[ServerState] = web.AppKey("state", ServerState)
CONTROL: web.AppKey[Control] = web.AppKey("control", Control)
#: Where a listener has a door of its own in place of the server's keys.
DOOR: web.AppKey[Doorkeeper] = web.AppKey("door", Doorkeeper)

LINE: web.RequestKey[Line] = web.RequestKey("line", Line)
