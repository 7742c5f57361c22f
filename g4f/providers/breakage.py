"""What went wrong on a connection, as a failure: the exceptions of the operating system and of TLS, mapped once."""

import socket
import ssl

from g4f.exchange.failure import Failure, FailureKind


class BrokenReply(Exception):  # noqa: N818 - it never leaves the transport
    """The connection ended before the reply did. `begun`: some of the reply had come."""

    def __init__(self, *, begun: bool) -> None:
        super().__init__()
        self.begun = begun

    @property
    def failure(self) -> Failure:
        message = "The answer broke off." if self.begun else "The connection was closed before the answer."
        return Failure(kind=FailureKind.DISCONNECTED, message=message)


def failure_of(error: OSError | TimeoutError) -> Failure:
    """The failure for an exception raised while connecting."""
    match error:
        case socket.gaierror():
            return Failure(kind=FailureKind.DNS, message="The host name could not be resolved.")
        case ssl.SSLError():
            message = "The TLS handshake failed or the certificate is not valid."
            return Failure(kind=FailureKind.TLS, message=message)
        case TimeoutError():
            return Failure(kind=FailureKind.CONNECT_TIMEOUT, message="No connection in time.")
        case ConnectionResetError() | ConnectionAbortedError():
            return Failure(kind=FailureKind.DISCONNECTED, message="The connection was closed at once.")
        case _:
            message = "The connection was refused or the host is unreachable."
            return Failure(kind=FailureKind.CONNECT, message=message)
