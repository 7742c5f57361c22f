"""Bodies up to 1 MiB that no client sends in earnest: broken, deep, wide, long, and full of what JSON almost is."""

import json
from collections.abc import Mapping

_MIB = 1 << 20
_MESSAGES = b'"messages":[{"role":"user","content":"x"}]'


def _chat(more: bytes, model: bytes = b'"m"') -> bytes:
    return b'{"model":%s,%s,%s}' % (model, _MESSAGES, more)


def _repeated(piece: bytes, size: int = _MIB - 200) -> bytes:
    return piece * (size // len(piece))


def _nested(opening: bytes, closing: bytes, depth: int, inside: bytes = b"1") -> bytes:
    return opening * depth + inside + closing * depth


#: What is no JSON object: 400 `invalid_json`.
BROKEN: Mapping[str, bytes] = {
    "nothing": b"",
    "white space": b" " * _MIB,
    "NUL": b"\0",
    "a byte order mark": b"\xef\xbb\xbf" + _chat(b'"a":1'),
    "UTF-16": _chat(b'"a":1').decode().encode("utf-16"),
    "bad UTF-8": _chat(b'"a":"\xff"'),
    "overlong UTF-8": _chat(b'"a":"\xc0\x80"'),
    "a surrogate in UTF-8": _chat(b'"a":"\xed\xa0\x80"'),
    "a lone surrogate": _chat(b'"a":"\\ud800"'),
    "a lone low surrogate": _chat(b'"a":"\\udc00"'),
    "two high surrogates": _chat(b'"a":"\\ud800\\ud800"'),
    "a lone surrogate as a key": _chat(b'"\\ud800":1'),
    "NaN": _chat(b'"temperature":NaN'),
    "Infinity": _chat(b'"temperature":Infinity'),
    "-Infinity": _chat(b'"temperature":-Infinity'),
    "a number without end": _chat(b'"temperature":1e999'),
    "5000 digits": _chat(b'"seed":' + b"1" * 5000),
    "a million digits": _chat(b'"seed":' + b"1" * (_MIB - 200)),
    "a leading zero": _chat(b'"seed":01'),
    "a leading plus": _chat(b'"seed":+1'),
    "hexadecimal": _chat(b'"seed":0x1'),
    "a comment": _chat(b'/* x */"seed":1'),
    "single quotes": b"{'model':'m'}",
    "a trailing comma": b'{"model":"m",}',
    "no colon": b'{"model" "m"}',
    "two values": b'{"model":"m"}{"model":"n"}',
    "a control character": _chat(b'"a":"\n"'),
    "a bad escape": _chat(b'"a":"\\x41"'),
    "cut": _chat(b'"a":1')[:-1],
    "a list": b"[]",
    "a string": b'"model"',
    "null": b"null",
    "a form": b"model=m&messages=x",
    "1025 lists": _chat(b'"a":' + _nested(b"[", b"]", 1025)),
    "a million quotes": b'"' * _MIB,
    "a million backslashes": b'{"a":"' + b"\\" * (_MIB - 20),
}
#: JSON that no request can be: 4xx, of which one and with which words is told by other tests.
IMPOSSIBLE: Mapping[str, bytes] = {
    "100,000 lists": _chat(b'"a":' + _nested(b"[", b"]", 100_000)),
    "a million openings": b"[" * _MIB,
    "200,000 openings of objects": b'{"a":' * 200_000,
    "half a million commas": b'{"a":[' + b"1," * (_MIB // 2 - 10),
    "300 lists": _chat(b'"a":' + _nested(b"[", b"]", 300)),
    "300 objects": _chat(b'"a":' + _nested(b'{"a":', b"}", 300)),
    "an integer of 30 digits": _chat(b'"seed":' + b"1" * 30),
    "an integer of 300 digits": _chat(b'"n":' + b"1" * 300),
    "a model of 1 MiB": _chat(b'"a":1', model=b'"' + b"m" * (_MIB - 200) + b'"'),
    "a model of slashes": _chat(b'"a":1', model=b'"' + b"a/" * (_MIB // 2 - 100) + b'"'),
    "a model of stars": _chat(b'"a":1', model=b'"' + b"*" * (_MIB - 200) + b'"'),
    "a provider of 1 MiB": _chat(b'"provider":"' + b"P" * (_MIB - 200) + b'"'),
    "a model that is a path": _chat(b'"a":1', model=b'"../../etc/passwd"'),
    "a model with a line break": _chat(b'"a":1', model=b'"m\\r\\nX: y"'),
    "a model with a NUL": _chat(b'"a":1', model=b'"m\\u0000"'),
    "80,000 messages that are none": b'{"model":"m","messages":[' + _repeated(b"{},", 900_000) + b"{}]}",
    "500,000 messages that are numbers": b'{"model":"m","messages":[' + _repeated(b"1,") + b"1]}",
    "a role that is a list": b'{"model":"m","messages":[{"role":[],"content":"x"}]}',
    "a content that is a number": b'{"model":"m","messages":[{"role":"user","content":1}]}',
    "no messages": b'{"model":"m","messages":[]}',
    "messages that are an object": b'{"model":"m","messages":{}}',
    "stop of 300,000 numbers": _chat(b'"stop":[' + _repeated(b"11,", 900_000) + b"1]"),
    "n is zero": _chat(b'"n":0'),
    "stream is text": _chat(b'"stream":"true"'),
    "tools are text": _chat(b'"tools":"all"'),
    "a proxy": _chat(b'"proxy":"http://127.0.0.1:1"'),
    "a proxy of 1 MiB": _chat(b'"proxy":"' + b"p" * (_MIB - 200) + b'"'),
}
#: Odd, and yet JSON: the upstream is the judge, so they are answered.
ODD: Mapping[str, bytes] = {
    "100 lists": _chat(b'"a":' + _nested(b"[", b"]", 100)),
    "a model twice": b'{"model":"other","model":"m",%s}' % _MESSAGES,
    "a key twice": _chat(b'"a":1,"a":2'),
    "NUL in a text": _chat(b'"a":"\\u0000"'),
    "every plane": _chat(json.dumps({"a": "\U0010ffff\u2028\u2029\x7f"}, ensure_ascii=False)[1:-1].encode()),
    "an empty key": _chat(b'"":1'),
    "__proto__": _chat(b'"__proto__":{"a":1},"constructor":1,"__class__":2'),
    "60,000 keys": _chat(b",".join(b'"k%d":1' % n for n in range(60_000))),
    "15,000 parts": b'{"model":"m","messages":[{"role":"user","content":['
    + _repeated(b'{"type":"x"},', 195_000)
    + b"{}]}]}",
    "15,000 messages": b'{"model":"m","messages":[' + _repeated(b'{"role":"u"},', 195_000) + b'{"role":"u"}]}',
    "a text of 1 MiB": _chat(b'"a":"' + b"x" * (_MIB - 300) + b'"'),
    "100,000 escapes": _chat(b'"a":"' + b"\\u00e9" * 100_000 + b'"'),
}


def _many(piece: bytes, most: int = _MIB) -> bytes:
    """A list of as many pieces as there is room for in a body of 1 MiB, or of `most`."""
    return b"[" + (piece + b",") * (min((_MIB - 500) // (len(piece) + 1), most) - 1) + piece + b"]"


#: As many as there is room for, in a chat and where tokens may be.
_ALL: Mapping[str, bytes] = {"objects": _many(b"{}"), "texts": _many(b'"a"'), "ones": _many(b"1")}
#: Nearly as many as are still taken.
_SOME: Mapping[str, bytes] = {
    "some texts": _many(b'"a"', 19_000),
    "some ones": _many(b"1", 79_000),
    "keys": b"{" + b",".join(b'"%x":1' % n for n in range(79_000)) + b"}",
}
_CHAT, _MESSAGE = b'{"model":"m","messages":%b', b'[{"role":"user","content":"x"}]'
_SAID = b'[{"role":"user","content":%b}]'
_CALL = b'{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}'
#: Where the words of each dialect take them: a path, a body with a hole, and what fits into that.
_HOLES: Mapping[str, tuple[str, bytes, bytes]] = {
    "messages": ("/v1/chat/completions", _CHAT + b"}", _many(b'{"role":"user","content":"a"}', 19_000)),
    "content": (
        "/v1/chat/completions",
        _CHAT % _SAID + b"}",
        _many(b'{"type":"text","text":"a"}', 19_000),
    ),
    "calls": ("/v1/chat/completions", _CHAT % b'[{"role":"assistant","tool_calls":%b}]' + b"}", _many(_CALL, 9_000)),
    "tools": ("/v1/chat/completions", _CHAT % _MESSAGE + b',"tools":%b}', _many(_CALL, 9_000)),
    "input": ("/v1/responses", b'{"model":"m","input":%b}', _many(b'{"role":"user","content":"a"}', 19_000)),
    "Anthropic's messages": (
        "/v1/messages",
        _CHAT + b',"max_tokens":9}',
        _many(b'{"role":"user","content":"a"}', 19_000),
    ),
    "Anthropic's content": (
        "/v1/messages",
        _CHAT % _SAID + b',"max_tokens":9}',
        _many(b'{"type":"tool_result","tool_use_id":"c1","content":"1"}', 19_000),
    ),
    "Anthropic's tools": (
        "/v1/messages",
        _CHAT % _MESSAGE + b',"max_tokens":9,"tools":%b}',
        _many(b'{"name":"f"}', 19_000),
    ),
    "contents": ("/v1beta/models/m:generateContent", b'{"contents":%b}', _many(b'{"parts":"a"}', 19_000)),
    "Gemini's parts": (
        "/v1beta/models/m:generateContent",
        b'{"contents":[{"parts":%b}]}',
        _many(b'{"text":"a"}', 19_000),
    ),
    "Gemini's tools": (
        "/v1beta/models/m:generateContent",
        b'{"contents":"x","tools":%b}',
        _many(b'{"functionDeclarations":[{"name":"f"}]}', 6_000),
    ),
    "Ollama's messages": ("/api/chat", _CHAT + b"}", _many(b'{"role":"user","content":"a"}', 19_000)),
    "Ollama's images": (
        "/api/chat",
        _CHAT % b'[{"role":"user","content":"x","images":%b}]' + b"}",
        _many(b'"AA=="', 19_000),
    ),
    "texts to embed": ("/v1/embeddings", b'{"model":"m","input":%b}', _many(b'"a"', 19_000)),
    "Ollama's texts to embed": ("/api/embed", b'{"model":"m","input":%b}', _many(b'"a"', 19_000)),
    "Gemini's texts to embed": (
        "/v1beta/models/m:batchEmbedContents",
        b'{"requests":%b}',
        _many(b'{"content":{"parts":{"text":"a"}}}', 6_000),
    ),
    "documents": ("/v1/rerank", b'{"model":"m","query":"x","documents":%b}', _many(b'{"text":"a"}', 19_000)),
    "pictures": ("/v1/images/edits", b'{"model":"m","prompt":"x","images":%b}', _many(b'"data:image/png;base64,aGk="')),
}
_IN_FULL = ("messages", "texts to embed")
#: What each hole is filled with: the path and the body.
CROWDED: Mapping[str, tuple[str, bytes]] = {
    f"{crowd} as {hole}": (path, body % content)
    for hole, (path, body, fitting) in _HOLES.items()
    for crowd, content in {**_SOME, "what fits": fitting, **(_ALL if hole in _IN_FULL else {})}.items()
}
