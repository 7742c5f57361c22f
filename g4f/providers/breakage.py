"""What went wrong on a connection, as a failure: the exceptions of the operating system and of TLS, mapped once."""

import errno
import socket
import ssl

from g4f.exchange.failure import Failure, FailureKind

#: What says that this machine has no files, buffers or memory left, and nothing about the upstream.
_OUR_OWN = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def not_http(message: str) -> Failure:
    """A reply that no parser can make sense of. It will not be better the next time, so it is not asked for again."""
    return Failure(kind=FailureKind.BAD_RESPONSE, message=message, retryable=False)


class BrokenReply(Exception):  # noqa: N818 - it never leaves the transport
    """The connection ended before the reply did. `begun`: some of the reply had come."""

    def __init__(self, *, begun: bool) -> None:
        super().__init__()
        self.begun = begun

    @property
    def failure(self) -> Failure:
        message = "The answer broke off." if self.begun else "The connection was closed before the answer."
        return Failure(kind=FailureKind.DISCONNECTED, message=message)


def local_failure(error: BaseException) -> Failure | None:
    """The failure of this machine itself, if that is what the exception tells of."""
    if isinstance(error, OSError) and error.errno in _OUR_OWN:
        return Failure(kind=FailureKind.LOCAL, message="This machine is out of file descriptors or memory.")
    return None


def failure_of(error: OSError | TimeoutError | UnicodeError) -> Failure:
    """The failure for an exception raised while connecting."""
    local = local_failure(error)
    if local is not None:
        return local
    match error:
        case socket.gaierror() | UnicodeError():  # the latter: a label that IDNA cannot hold
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
