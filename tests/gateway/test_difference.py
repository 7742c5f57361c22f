"""What a new file changes, told as an operator would."""

import pytest

from g4f.config.load import load_text
from g4f.gateway.difference import differences
from g4f.gateway.snapshot import plan

PROVIDERS = "providers: {" + ", ".join(f'{n}: {{base_url: "http://{n}.example.com/v1"}}' for n in "ABCD") + "}\n"


def told(old: str, new: str) -> list[str]:
    plans = [plan(load_text(text), {}) for text in (old, new)]
    return [str(change) for change in differences(*plans)]


def chain(text: str) -> str:
    return f"{PROVIDERS}models: {{x: {{chain: {text}}}}}\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[A, B]", "[B, A]", ["B moved before A"]),
        ("[A, B, C]", "[C, A, B]", ["C moved before A"]),
        ("[A, B, C]", "[B, C, A]", ["A moved at the end"]),
        ("[A, B]", "[A, C, B]", ["C added before B"]),
        ("[A, B]", "[A, B, C]", ["C added at the end"]),
        ("[A, B]", "[B]", ["A removed"]),
        ("[A/m, B]", "[A/n, B]", ["A/m removed", "A/n added before B"]),
        ("[[A, B]]", "[A, B]", ["tiers [A, B] -> A, B"]),
        ("[[A, B], C]", "[[A, B], C, D]", ["D added at the end"]),
        ("[A]", "[{provider: A, retries: 3}]", ["A: retries 1 -> 3"]),
        ("[A]", "[{provider: A, timeouts: {idle: 30s}}]", ["A: timeouts.idle 1m -> 30s"]),
        ("[A]", '[{provider: A, when: "hour > 8"}]', ["A: when none -> hour > 8"]),
        ("[A, B, C, D]", "[D, C, B, A]", ["D moved before C", "C moved before B", "B moved before A"]),
    ],
)
def test_a_chain_is_compared_target_by_target(old, new, expected):
    assert told(chain(old), chain(new)) == [f"model x: {text}" for text in expected]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("{}", "{}", []),
        ("{server: {max_body: 32MiB}}", "{}", []),
        ("{defaults: {timeouts: {idle: 60s}}}", "{defaults: {timeouts: {idle: 1m}}}", []),
        ("{}", "{defaults: {timeouts: {idle: 30s}}}", ["defaults: timeouts.idle 1m -> 30s"]),
        ("{}", '{server: {listen: "127.0.0.1:9"}}', ["server: listen 127.0.0.1:1337 -> 127.0.0.1:9 (needs a restart)"]),
        ("{}", "{state: file:x}", ["state: memory -> file:x (needs a restart)"]),
        ("{proxies: {p: http://u:one@h:1}}", "{proxies: {p: http://u:two@h:1}}", ["proxies: p has another value"]),
        ("{ignored_providers: [OpenAI]}", "{}", ["ignored_providers: [OpenAI] -> []"]),
        (
            "{}",
            "{models: {m: {chain: [Demo]}}}",
            ["provider Demo: added", "models: only the file's models are served now", "model m: added, Demo"],
        ),
    ],
)
def test_the_rest_is_compared_value_by_value(old, new, expected):
    assert told(old, new) == expected


def keys(*lines: str) -> str:
    return f"server: {{keys: [{', '.join(lines)}]}}\n{chain('[A]')}"


def test_keys_are_told_by_name_and_never_by_value():
    old = keys("{name: a, key: CANARY-0123456789}", "{name: b, key: CANARY-1123456789}")
    new = keys("{name: c, key: CANARY-1123456789}", "{name: a, key: CANARY-2123456789, rpm: 5}")
    found = told(old, new)
    assert found == [
        "server: keys.b removed",
        "server: keys.c added",
        "server: keys.a.key has another value",
        "server: keys.a.rpm none -> 5",
    ]


def test_a_provider_is_told_with_what_was_in_effect():
    new = chain("[A]").replace('A.example.com/v1"', 'A.example.com/v1", timeouts: {idle: 30s}, key: CANARY')
    found = told(chain("[A]"), new)
    assert "provider A: timeouts.idle 1m -> 30s" in found
    assert "provider A: keys.default added" in found
    assert "CANARY" not in "".join(found)


def test_models_and_aliases_come_and_go():
    old = f"{PROVIDERS}models: {{x: {{aliases: [one, two], chain: [A]}}, y: {{chain: [A]}}}}\n"
    x, z = "{aliases: [two, three], balance: latency, chain: [A]}", "{chain: [[A, B], C]}"
    new = f"{PROVIDERS}models: {{x: {x}, z: {z}}}\n"
    assert told(old, new) == [
        "model y: removed",
        "model x: alias one removed",
        "model x: alias three added",
        "model x: balance weight -> latency",
        "model z: added, [A, B], C",
    ]
