"""/livez and /readyz: for supervisors and load balancers, open to all and saying nothing else.

They ask at once after a start, often with a second's patience, so that their answers wait for nothing (`edge.py`).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from g4f.api.state import ServerState
from g4f.api.whole import Whole, json_whole


def livez(_: ServerState) -> Whole:
    """The process runs its loop."""
    return json_whole({"status": "ok"})


def readyz(state: ServerState) -> Whole:
    """New requests are welcome: 503 from the moment a shutdown begins."""
    if state.draining:
        return json_whole({"status": "draining"}, 503)
    return json_whole({"status": "ready"})


#: By the targets of requests.
PROBES: Mapping[bytes, Callable[[ServerState], Whole]] = MappingProxyType({b"/livez": livez, b"/readyz": readyz})
