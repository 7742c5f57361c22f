"""What the fuzzed inputs are made of: one good example of each kind, and what the tests have on disk."""

import json
from pathlib import Path

from g4f.exchange.request import Dialect
from tests.support.rich import REQUESTS as RICH
from tests.support.rich import plain

TESTS = Path(__file__).parents[1]


def files(*places: str) -> tuple[bytes, ...]:
    """The content of small files, by patterns below `tests/`."""
    return tuple(
        path.read_bytes() for place in places for path in sorted(TESTS.glob(place)) if path.stat().st_size < 9999
    )


def rich(dialect: Dialect) -> tuple[bytes, ...]:
    """A request with nearly everything that a dialect has words for, with and without files."""
    return tuple(json.dumps(form).encode() for form in (RICH[dialect], plain(RICH[dialect])))


CHAT = (
    b'{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"x"}]}],"stream":true,"n":1,"tools":[]}'
)
TOOL = (
    b'{"model":"m","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":'
    b'{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"1"}],"max_tokens":5,"stop":["a"]}'
)
RESPONSE = (
    b'{"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":"x"}]}],"stream":true,"tools":[]}'
)
MESSAGE = (
    b'{"model":"m","max_tokens":9,"system":"s","messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":'
    b'"t","content":[{"type":"text","text":"x"}]}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}]}'
)
WHOLE = (
    b'{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant",'
    b'"content":"x","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},'
    b'"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}'
)
ERROR = b'{"error":{"message":"bad key SECRET","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}'
POST = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"
CHUNKS = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\nX: y\r\n\r\n"
HAR = (
    b'{"log":{"entries":[{"request":{"url":"https://a.example/","headers":[{"name":"Cookie","value":"a=b"}],"cookies":'
    b'[{"name":"a","value":"b","domain":".a.example","expires":"2030-01-01T00:00:00Z"}]}}]}}'
)
DOCUMENT = (
    b'{"version":1,"salt":"00112233445566778899aabbccddeeff","written":1e9,"cooldowns":[{"provider":"P","key":"main",'
    b'"model":"m","kind":"timeout","strikes":1,"openings":1,"until":1000000100,"identity":"0011223344556677"}]}'
)
FORM = (
    b'--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nm\r\n--x\r\nContent-Disposition: form-data; '
    b'name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\nRIFF\r\n--x--\r\n'
)
OPERATIONS = (
    b'{"model":"m","input":["a","b"],"encoding_format":"float","dimensions":2}',
    b'{"model":"m","prompt":"a cat","n":1,"size":"1024x1024","response_format":"b64_json"}',
    b'{"model":"m","input":"x","voice":"alloy","response_format":"mp3","speed":1.5}',
    b'{"model":"m","query":"x","documents":["a",{"text":"b"}],"top_n":1}',
    b'{"model":"m","prompt":["a",[1,2]],"suffix":"b","logprobs":1,"stream":true}',
)
RESULTS = (
    b'{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,0.2]}],"usage":{"prompt_tokens":1}}',
    b'{"created":1,"data":[{"b64_json":"aGk=","url":"https://a.example/b.png","revised_prompt":"x"}]}',
    b'{"text":"x","segments":[{"start":0.0,"end":1.0,"text":"x"}],"duration":1.0}',
    b'{"id":"1","results":[{"index":0,"relevance_score":0.5,"document":{"text":"a"}}]}',
    b'{"id":"1","results":[{"flagged":true,"categories":{"hate":false},"category_scores":{"hate":0.1}}]}',
)
REQUESTS = (CHAT, TOOL, RESPONSE, MESSAGE, b'{"model":"m","messages":[{"role":"user","content":"x"}]}')
STREAMS = files("dialects/golden/*.sse", "dialects/golden/*/*")
