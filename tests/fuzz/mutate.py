"""New inputs from old ones: cut, repeat, swap, splice, and put in what parsers stumble over.

What is JSON is changed by its structure every other time: text that is broken is refused by the first who reads it, and
those behind would never see anything.
"""

import json
import random
from collections.abc import Sequence
from typing import Any

from tests.support.rich import ODD

#: Pieces with a meaning to some parser: framing, JSON, YAML, numbers at the edges, text that is not what it seems.
WORDS: Sequence[bytes] = (
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"\r\n\r\n",
        b"\n\n",
        b" ",
        b"\t",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xc0\x80",
        b"\xed\xa0\x80",
    ),
    *(
        b"data: ",
        b"event: ",
        b"event: error\n",
        b"[DONE]",
        b"data: [DONE]\n\n",
        b": ping\n\n",
        b"id: 1\n",
        b"retry: 9\n",
    ),
    *(b"{", b"}", b"[", b"]", b":", b",", b'"', b"\\", b"\\u0000", b"\\ud800", b"\\ud83d\\ude00", b"null", b"true"),
    *(
        b"-0",
        b"1e999",
        b"-1",
        b"0",
        b"1.5",
        b"9007199254740993",
        b"18446744073709551616",
        b"NaN",
        b"Infinity",
        b"1" * 400,
    ),
    *(
        b"{}",
        b"[]",
        b'""',
        b'{"a":1}',
        b"[[[[",
        b'{"a":' * 8,
        b'"error":{"message":"x"}',
        b'"choices":[]',
        b'"delta":{}',
    ),
    *(
        b'"role":"user"',
        b'"content":"x"',
        b'"type":"text"',
        b'"tool_calls":[{}]',
        b'"index":-1',
        b'"finish_reason":"stop"',
    ),
    *(b'"usage":{"prompt_tokens":-1}', b'"model":"m"', b'"stream":true', b'"messages":[]', b'"input":[]', b'"n":0'),
    *(
        b"HTTP/1.1",
        b"Host: a",
        b"Content-Length: ",
        b"Transfer-Encoding: chunked",
        b"0\r\n\r\n",
        b"5\r\nabcde\r\n",
        b"GET ",
        b"/",
    ),
    *(
        b"- ",
        b"  ",
        b"? ",
        b"&a ",
        b"*a",
        b"!!",
        b"<<: ",
        b"${A}",
        b"${",
        b"|\n",
        b">\n",
        b"---\n",
        b"...\n",
        b"#",
        b"'",
        b"%",
    ),
    *(
        b"keys:",
        b"models:",
        b"chain:",
        b"providers:",
        b"server:",
        b"base_url:",
        b"http://a/v1",
        b"5s",
        b"1MiB",
        b"file:x",
    ),
    *(
        b"errors(1h)",
        b"hour",
        b" and ",
        b" not ",
        b"(",
        b")",
        b"<",
        b"==",
        b"/ 0",
        b'"mon"',
        b"latency()",
        b"**",
        b"lambda:",
    ),
    *(
        b"; boundary=x",
        b"--x\r\n",
        b"--x--",
        b'Content-Disposition: form-data; name="f"; filename="../a"',
        b"GMT",
        b"6m0s",
    ),
    *(
        "é".encode(),
        "😀".encode(),
        "\u2028".encode(),
        "\u202e".encode(),
        "\ufeff".encode(),
        "①".encode(),
        b"\x85",
        b"\x7f",
    ),
)
LONGEST = 1 << 16


def mutated(seed: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """One to eight changes of `seed`; `others` are what is spliced in."""
    if rng.random() < 0.5:
        try:
            return json.dumps(_restructured(json.loads(seed), rng)).encode()[:LONGEST]
        except (ValueError, RecursionError):
            pass  # no JSON
    content = bytearray(seed)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        _change(content, others, rng)
    return bytes(content[:LONGEST])


def _restructured(document: Any, rng: random.Random) -> Any:
    """The document with one to four places that hold something else: what is odd, or what stood elsewhere in it."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        places = [(parent, key) for parent in _holders(document) for key in _keys(parent)]
        if not places:
            return rng.choice(ODD)
        (parent, key), (other, elsewhere) = rng.choice(places), rng.choice(places)
        value = json.loads(json.dumps(other[elsewhere] if rng.random() < 0.4 else rng.choice(ODD)))
        if isinstance(parent, list) and rng.random() < 0.3:
            parent[key:key] = [value] * rng.choice((1, 2, 50))
        else:
            parent[key] = value
    return document


def _holders(value: Any) -> list[Any]:
    found = [value] if isinstance(value, dict | list) else []
    for key in _keys(value):
        found += _holders(value[key])
    return found


def _keys(value: Any) -> list[Any]:
    return list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []


def _change(content: bytearray, others: Sequence[bytes], rng: random.Random) -> None:
    begin = rng.randrange(len(content) + 1)
    end = min(len(content), begin + rng.choice((0, 1, 1, 2, 4, 8, 32, 256)))
    match rng.randrange(9):
        case 0:
            del content[begin:end]
        case 1:
            content[begin:begin] = rng.choice(WORDS)
        case 2:
            content[begin:end] = rng.choice(WORDS)
        case 3:
            content[begin:end] = rng.randbytes(end - begin)
        case 4 if content:
            content[begin % len(content)] ^= 1 << rng.randrange(8)
        case 5:
            content[begin:begin] = content[begin:end] * rng.choice((1, 2, 16, 200))
        case 6:
            other = rng.choice(others)
            cut = rng.randrange(len(other) + 1)
            content[begin:end] = other[cut : cut + rng.choice((4, 16, 64, 1024))]
        case 7:
            piece = content[begin:end]
            del content[begin:end]
            place = rng.randrange(len(content) + 1)
            content[place:place] = piece
        case _:
            del content[begin:]
