"""What of the supervisor's variables is believed, and what becomes of messages that nobody takes."""

import socket

import pytest

from g4f.api.inherited import Inherited, inherited, most_public
from g4f.api.notify import Notifier, watchdog_seconds
from g4f.errors import ConfigError


@pytest.mark.parametrize("address", ["/nowhere/notify", "vsock:2:1", "relative", "@", "", "/" + "x" * 300])
async def test_a_supervisor_that_does_not_listen_is_no_reason_to_fail(address):
    notifier = Notifier({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1000"}, lambda: "well")
    notifier.ready()
    with notifier.reloading():
        pass
    notifier.stopping(1)
    notifier.close()


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({"WATCHDOG_USEC": "500000"}, 0.5),
        ({"WATCHDOG_USEC": "500000", "WATCHDOG_PID": "7"}, 0.5),
        ({"WATCHDOG_USEC": "500000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "-1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "\u0661"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_only_fed_where_it_means_this_process(environ, seconds):
    assert watchdog_seconds(environ, 7) == seconds


@pytest.mark.parametrize(
    "environ", [{}, {"LISTEN_FDS": "1"}, {"LISTEN_PID": "8", "LISTEN_FDS": "1"}, {"LISTEN_PID": "7", "LISTEN_FDS": "0"}]
)
def test_sockets_of_another_process_are_not_touched(environ):
    assert inherited(environ, 7) == ()


@pytest.mark.parametrize("count", ["", "one", "-1", "1000000"])
def test_a_wrong_number_of_sockets_is_refused(count):
    with pytest.raises(ConfigError, match="LISTEN_FDS"):
        inherited({"LISTEN_PID": "7", "LISTEN_FDS": count}, 7)


class _Bound:
    def __init__(self, family, name):
        self.family, self._name = family, name

    def getsockname(self):
        return self._name


def test_the_most_public_socket_decides_whether_keys_are_needed():
    local = Inherited("a", _Bound(socket.AF_INET, ("127.0.0.1", 1)))
    public = Inherited("b", _Bound(socket.AF_INET6, ("::", 2, 0, 0)))
    unix = Inherited("c", _Bound(socket.AF_UNIX, "/run/x"))
    assert most_public([local, unix, public]) == "[::]:2"
    assert most_public([unix, local]) == "127.0.0.1:1"
    assert most_public([unix]) is None
