"""Requests written by hand, one connection each or one for many, and the status each came to."""

from tests.support.wire import PeerGoneError, Wire


async def knock(port: int, method: str, target: str, lines: tuple[str, ...] = (), body: str = "{}") -> int:
    """The status of one request, which takes its connection with it; 0 where it is closed without an answer."""
    wire = await Wire.dial("127.0.0.1", port)
    fields = ["Host: localhost", "Connection: close", *lines]
    if method not in ("GET", "HEAD"):
        fields += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    text = "\r\n".join([f"{method} {target} HTTP/1.1", *fields, "", ""]) + (body if method != "GET" else "")
    try:
        await wire.write(text.encode("latin-1"))
        head = await wire.read_until(b"\r\n")
        return int(head.split(b" ")[1])
    except PeerGoneError:
        return 0
    finally:
        await wire.stop()
