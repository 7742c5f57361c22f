"""What a request points at is fetched from public servers or not at all, and a refusal gives nothing away."""

import asyncio
import base64
import socket
import ssl
from pathlib import Path

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from g4f.exchange.failure import AttemptFailed
from g4f.providers.guard import MAX_FILE, MOST_FILES, REFUSED, Guard
from g4f.providers.links import read_link
from g4f.providers.magic import media_type
from g4f.providers.public import is_public
from tests.support.replies import Endless, Hang, Raw, Redirect
from tests.support.upstream import Upstream

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n%s" % (len(PNG), PNG)
CORPUS = [
    line
    for line in (Path(__file__).parents[1] / "corpus" / "ssrf.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("# ")
]
DATA_PNG = "data:image/png;base64," + base64.b64encode(PNG).decode()


class Names:
    """A resolver that a test owns: the answers for each name in turn, and what was asked."""

    def __init__(self, **answers: list[str]) -> None:
        self.asked: list[str] = []
        self._answers = answers

    async def __call__(self, host: str, _: int) -> list[str]:
        self.asked.append(host)
        answers = self._answers.get(host.replace(".", "_").replace("-", "_"))
        if answers is not None:
            return answers
        if ":" in host or host.replace(".", "").isdigit():
            return [host]
        raise OSError


async def everything_inside(host: str, port: int) -> list[str]:
    """Numbers are read as loosely as the system reads them, and every name is one of this machine."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        return [address[0] for *_, address in found]
    except (OSError, UnicodeError):
        return ["127.0.0.1"]


async def refusal(guard: Guard, *urls: str) -> None:
    with pytest.raises(AttemptFailed) as caught:
        async with asyncio.timeout(10):
            await guard.fetch(urls)
    assert caught.value.failure is REFUSED


def test_there_are_at_least_60_addresses() -> None:
    assert len(CORPUS) >= 60


@pytest.mark.parametrize("url", CORPUS)
async def test_no_connection_is_made_for(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether or not plain HTTP were allowed: the address alone decides."""

    async def connected(*_: object, **__: object) -> None:
        raise AssertionError("a connection was begun")

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", connected, raising=False)
    await refusal(Guard(schemes=("http", "https"), resolve=everything_inside), url.encode().decode("unicode_escape"))


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["93.184.215.14", "127.0.0.1"],
        ["93.184.215.14", "fd00::1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["2002:7f00:1::"],
        ["fe80::1%eth0"],
        ["93.184.215.14"] * 1000,
        [],
        ["nonsense"],
    ],
    ids=lambda answers: f"{answers[:2]}x{len(answers)}",
)
async def test_a_name_that_has_an_address_inside_is_refused_whatever_else_it_has(answers: list[str]) -> None:
    names = Names(good_example=answers)
    await refusal(Guard(resolve=names), "https://good.example/x.png")
    assert names.asked == ["good.example"]


async def test_a_name_is_resolved_once_and_that_address_is_connected_to() -> None:
    """Rebinding: a second answer is never asked for."""
    async with Upstream(Raw(OK)) as upstream:
        names = Names(good_example=["127.0.0.1"])
        guard = Guard(schemes=("http",), allows=lambda _: True, resolve=names)
        url = f"http://good.example:{upstream.port}/a/b.png?size=1"
        found = await guard.fetch([url, url])
        assert (found[url].content, found[url].media_type) == (PNG, "image/png")
        request = await upstream.received()
    assert names.asked == ["good.example"]
    assert (request.path, request.headers["host"]) == ("/a/b.png?size=1", f"good.example:{upstream.port}")
    assert {"authorization", "cookie", "x-api-key", "referer"}.isdisjoint(request.headers)


async def test_the_certificate_must_be_that_of_the_name() -> None:
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("good.example").configure_cert(server)
    authority.configure_trust(client)
    upstream = Upstream(Raw(OK))
    upstream.tls = server
    async with upstream:
        names = Names(good_example=["127.0.0.1"], other_example=["127.0.0.1"])
        guard = Guard(allows=lambda _: True, resolve=names, tls=client)
        url = f"https://good.example:{upstream.port}/"
        assert (await guard.fetch([url]))[url].content == PNG
        await refusal(guard, f"https://other.example:{upstream.port}/")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(status: int) -> None:
    async with Upstream(Raw(OK)) as inside, Upstream(Redirect(f"http://127.0.0.1:{inside.port}/", status)) as outside:
        guard = Guard(schemes=("http",), allows=lambda _: True, resolve=Names(a_example=["127.0.0.1"]))
        await refusal(guard, f"http://a.example:{outside.port}/")
        assert len(inside.requests) == 0


ENDLESS = Endless(b"HTTP/1.1 200 OK\r\n\r\n\x89PNG\r\n\x1a\n", bytes(1 << 16))
NOT_AN_IMAGE = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 13\r\n\r\n<svg></svg>\r\n"


@pytest.mark.parametrize(
    "reply",
    [
        ENDLESS,
        Hang(),
        Raw(NOT_AN_IMAGE),
        Raw(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
        Raw(b"nonsense\r\n\r\n"),
        Raw(OK[:-5]),
        Raw(b""),
    ],
    ids=["endless", "silent", "not an image", "404", "no HTTP", "cut", "closed"],
)
async def test_what_is_no_image_in_bounds_is_refused_with_the_same_words(reply) -> None:
    async with Upstream(reply) as upstream:
        names = Names(a_example=["127.0.0.1"])
        guard = Guard(schemes=("http",), allows=lambda _: True, resolve=names, within=0.3, limit=1 << 20)
        await refusal(guard, f"http://a.example:{upstream.port}/")
        await upstream.idle()


@pytest.mark.parametrize(
    "url",
    [
        "data:",
        "data:image/png;base64,",
        "data:image/png;base64,!!!!",
        "data:image/png;base64,iVBORw0KGg",
        "data:image/png," + "a" * 20,
        "data:text/html;base64," + base64.b64encode(b"<script>").decode(),
        "data:image/png;base64," + base64.b64encode(b"<svg>").decode(),
        "data:image/png;base64," + "A" * (MAX_FILE * 4 // 3 + 8),
        "data:image/png;base64,iVBOR w0KGgo=",
        "data:image/png;base64;base64;base64;base64,iVBORw0KGgo=",
        "data:image/png;base64,é",
    ],
    ids=lambda url: url[:40],
)
async def test_a_broken_data_url_is_refused(url: str) -> None:
    await refusal(Guard(), url)


@pytest.mark.parametrize("url", [DATA_PNG, DATA_PNG.replace("data:image/png", "DATA:image/jpeg;charset=utf-8")])
async def test_a_data_url_is_what_its_bytes_say(url: str) -> None:
    assert (await Guard().fetch([url]))[url].media_type == "image/png"


async def test_more_files_than_a_request_may_point_at_are_refused_unfetched() -> None:
    names = Names()
    await refusal(Guard(resolve=names), *(f"https://a.example/{n}.png" for n in range(MOST_FILES + 1)))
    assert names.asked == []


def test_public_addresses_are_public() -> None:
    for address in ("93.184.215.14", "1.1.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"):
        assert is_public(address), address


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_public_in_every_dress_or_in_none(address) -> None:
    number = int(address)
    dressed = [f"::ffff:{address}", f"64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}"]
    dressed.append(f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1")
    assert {is_public(text) for text in dressed} == {is_public(str(address))}
    if not address.is_global or address.is_multicast:
        assert not is_public(str(address))


@given(st.text(max_size=60) | st.from_regex(r"https?://[^/]{1,30}(:[0-9]{1,6})?/.{0,10}", fullmatch=True))
def test_whatever_is_read_as_a_link_has_one_plain_host(url: str) -> None:
    link = read_link(url)
    if link is not None:
        assert link.scheme == "https"
        assert 0 < link.port < 65536
        assert all(character.isascii() and (character.isalnum() or character in "._-:") for character in link.host)
        assert read_link(link.origin + link.target) == link


@given(st.binary(max_size=40))
def test_any_bytes_have_a_type_or_none(content: bytes) -> None:
    found = media_type(content)
    assert found is None or "/" in found
