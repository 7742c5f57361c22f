"""Fetching what a request points at: an image or a file that an upstream cannot fetch by itself.

Every connection to an address that a request chose goes through here. The host is resolved once, every address it
has must be public, and the connection goes to the address that was checked, so that a name cannot be turned meanwhile.
Nothing is followed, no credential is sent, size and time are bounded, and every refusal says the same.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.providers.direct import DirectPool
from g4f.providers.links import Link, read_data, read_link
from g4f.providers.magic import media_type
from g4f.providers.public import is_public
from g4f.version import __version__

#: Bytes of one file, seconds for it, files of one request, addresses of one host.
MAX_FILE = 20 << 20
WITHIN = 10.0
MOST_FILES = 16
MOST_ADDRESSES = 32
#: Files that one process fetches at the same time: what is waited for holds memory.
AT_ONCE = 16

IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})

#: One text for all: whether a host exists, refuses or is forbidden is not for the one who asks.
REFUSED = Failure(
    kind=FailureKind.BAD_REQUEST,
    message="A file that the request points at could not be fetched. Send it as a data: URL, or as an https: URL of "
    "an image or file of at most 20 MiB on a public server.",
    status=400,
    type="invalid_request_error",
    code="invalid_image_url",
)

_ANY = ("http", "https")

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A file, and what it is by its first bytes."""

    content: bytes
    media_type: str


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, as the system knows them. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class Guard:
    """Fetches for the requests of one process. The arguments are for tests: what is public, and who knows names."""

    def __init__(
        self,
        *,
        schemes: tuple[str, ...] = ("https",),
        allows: Callable[[str], bool] = is_public,
        resolve: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        within: float = WITHIN,
        limit: int = MAX_FILE,
    ) -> None:
        self._schemes = schemes
        self._allows = allows
        self._resolve = resolve
        self._tls = tls
        self._within = within
        self._limit = limit
        self._places = asyncio.Semaphore(AT_ONCE)

    async def fetch(
        self, urls: Iterable[str], *, kinds: frozenset[str] = IMAGES, trusted: str | None = None
    ) -> dict[str, Fetched]:
        """The files behind `urls`, each fetched once. `trusted` is the address of a provider of the file, whose own
        files may be fetched wherever it is: what a provider links to is at its own origin or public.

        Raises AttemptFailed(REFUSED) if any cannot be had.
        """
        own = read_link(trusted, schemes=_ANY) if trusted else None
        origin = own.origin if own else None
        wanted = tuple(dict.fromkeys(urls))
        if len(wanted) > MOST_FILES:
            raise AttemptFailed(REFUSED)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._one(url, origin)) for url in wanted]
        found = [task.result() for task in tasks]
        files: dict[str, Fetched] = {}
        for url, content in zip(wanted, found, strict=True):
            kind = None if content is None else media_type(content)
            if content is None or kind not in kinds:
                raise AttemptFailed(REFUSED)
            files[url] = Fetched(content=content, media_type=kind)
        return files

    async def _one(self, url: str, trusted: str | None) -> bytes | None:
        if url[:5].lower() == "data:":
            return read_data(url, limit=self._limit)
        link = read_link(url, schemes=_ANY)
        if link is None or (link.scheme not in self._schemes and link.origin != trusted):
            return None
        try:
            async with asyncio.timeout(self._within), self._places:
                return await self._get(link, link.host if link.origin == trusted else await self._address(link))
        except (AttemptFailed, OSError, TimeoutError, UnicodeError):
            return None

    async def _address(self, link: Link) -> str:
        """The address to connect to. Raises OSError unless all that the host has are public."""
        addresses = await self._resolve(link.host, link.port)
        if not 0 < len(addresses) <= MOST_ADDRESSES or not all(self._allows(address) for address in addresses):
            raise OSError("not a public host")
        return addresses[0]

    async def _get(self, link: Link, address: str) -> bytes | None:
        pool = DirectPool(link.origin, limit=1, address=address, context=self._tls)
        headers = {"User-Agent": f"g4f/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}
        reply = await pool.send(pool.prepare("GET", link.origin + link.target, headers), None, connect=self._within)
        try:
            return await reply.read(self._limit) if reply.status == 200 else None
        finally:
            reply.close()
            await pool.close()
