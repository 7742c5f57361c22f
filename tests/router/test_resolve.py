"""From a model's name to the chain that is walked, with a reason for everything left out."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.config.layers import layered_providers
from g4f.config.load import load_catalog, load_text
from g4f.errors import ModelNotFoundError, ProviderNotFoundError, ProviderNotWorkingError
from g4f.exchange.failure import Failure, FailureKind
from g4f.router.health import Health
from g4f.router.resolve import Resolver
from g4f.router.table import compile_table
from tests.support.clock import Clock

FILE = """
ignored_providers: [Out]
defaults: {timeouts: {first_token: 7s}}
providers:
  A: {dialect: openai, base_url: "http://127.0.0.1:1/v1", models: {small: a-small}}
  B: {dialect: openai, base_url: "http://127.0.0.1:2/v1", keys: [{name: k1, key: one}, {name: k2, key: two, weight: 3}]}
  C: {dialect: openai, base_url: "http://127.0.0.1:3/v1", timeouts: {total: 9s}}
  Out: {dialect: openai, base_url: "http://127.0.0.1:4/v1"}
  Blind: {dialect: openai, base_url: "http://127.0.0.1:5/v1", capabilities: [stream]}
models:
  small: {aliases: [tiny], chain: [A, B/b-small, Out, OpenAI]}
  tiers: {chain: [[A/x, C/x], B/x]}
  seeing: {chain: [Blind/x, A/x]}
  blind: {capabilities: [stream, tools], chain: [A/x, {provider: C, model: y, capabilities: [vision]}]}
  told: {chain: [Blind/x]}
  "claude-*": {chain: [C]}
  "claude-3-*": {chain: [A]}
  "lab/*": {chain: [A/*, "B/own-*", C, C/fixed]}
  "Small one (EU)": {chain: [A/x]}
"""


class Bench:
    def __init__(self, text=FILE, environ=None, random=lambda: 0.0):
        config = load_text(text).config
        catalog = load_catalog()
        self.clock = Clock()
        self.health = Health(self.clock, lambda: 0.0)
        self.table = compile_table(config, catalog, layered_providers(config, catalog, environ or {}))
        self.resolver = Resolver(self.table, self.health, random)

    def chain(self, model, **how):
        return [str(target) for target in self.resolver.resolve(model, **how).targets]

    def skipped(self, model, **how):
        return {skip.provider: skip.reason.value for skip in self.resolver.resolve(model, **how).skipped}


@pytest.fixture
def bench():
    return Bench()


def test_a_chain_is_tried_in_the_order_of_the_file_with_each_key_a_target(bench):
    assert bench.chain("small") == ["A/a-small", "B/b-small#k1", "B/b-small#k2"]


def test_an_alias_is_the_model_it_stands_for(bench):
    assert bench.chain("tiny")[1:] == bench.chain("small")[1:]
    assert bench.resolver.resolve("tiny").route == "small"


def test_an_alias_goes_upstream_as_the_model_s_name():
    bench = Bench("providers: {A: {base_url: 'http://h/v1'}}\nmodels: {real: {aliases: [short], chain: [A]}}")
    assert bench.chain("short") == ["A/real"]


def test_every_target_left_out_has_its_reason(bench):
    assert bench.skipped("small") == {"Out": "ignored", "OpenAI": "no_key"}


def test_a_key_in_the_environment_makes_a_catalog_provider_usable():
    assert Bench(environ={"OPENAI_API_KEY": "sk"}).chain("small")[-1] == "OpenAI/small#env"


def test_a_star_in_a_chain_stands_for_what_the_patterns_star_does(bench):
    assert bench.chain("lab/q/3") == ["A/q/3", "B/own-q/3#k1", "B/own-q/3#k2", "C/lab/q/3", "C/fixed"]
    assert bench.chain("lab/small")[0] == "A/a-small", "by the provider's own names, as without a pattern"
    assert bench.chain("lab/x", provider="A") == ["A/x"]
    assert bench.chain("lab/")[0] == "A/lab/", "an empty name is none"


def test_a_name_may_have_spaces_within(bench):
    assert bench.chain("Small one (EU)") == ["A/x"]


def test_the_longest_pattern_wins_and_the_asked_for_name_goes_upstream(bench):
    assert bench.chain("claude-3-opus") == ["A/claude-3-opus"]
    assert bench.chain("claude-4") == ["C/claude-4"]


def test_an_unknown_model_is_an_error_that_names_a_near_one(bench):
    with pytest.raises(ModelNotFoundError, match="'small'"):
        bench.chain("smal")


def test_a_tier_is_balanced_before_the_next_one_follows():
    assert Bench(random=lambda: 0.0).chain("tiers")[:2] == ["A/x", "C/x"]
    assert Bench(random=lambda: 0.99).chain("tiers")[:2] == ["C/x", "A/x"]
    assert Bench(random=lambda: 0.99).chain("tiers")[2].startswith("B/x")


def test_keys_are_drawn_by_weight():
    assert Bench(random=lambda: 0.2).chain("small")[1] == "B/b-small#k1"
    assert Bench(random=lambda: 0.3).chain("small")[1] == "B/b-small#k2"


def test_a_pinned_provider_is_the_only_one_and_keeps_its_name_for_the_model(bench):
    assert bench.chain("small", provider="A") == ["A/a-small"]


def test_a_pinned_provider_is_asked_for_its_own_models_too(bench):
    assert bench.chain("its-own", provider="C") == ["C/its-own"]


def test_only_providers_that_the_file_names_can_be_pinned(bench):
    with pytest.raises(ProviderNotFoundError):
        bench.chain("small", provider="Groq")
    with pytest.raises(ProviderNotFoundError, match="'Blind'"):
        bench.chain("small", provider="Blin")
    with pytest.raises(ProviderNotWorkingError):
        bench.chain("small", provider="Out")


def test_a_target_that_lacks_what_the_request_needs_is_skipped(bench):
    assert bench.chain("seeing", needs=frozenset({"vision"})) == ["A/x"]
    assert bench.skipped("seeing", needs=frozenset({"vision"})) == {"Blind": "lacks_capability"}
    assert bench.chain("seeing") == ["Blind/x", "A/x"]


def test_what_a_model_cannot_do_skips_its_targets_but_for_those_that_say_otherwise(bench):
    assert bench.chain("blind") == ["A/x", "C/y"]
    assert bench.chain("blind", needs=frozenset({"vision"})) == ["C/y"]
    (skip,) = bench.resolver.resolve("blind", needs=frozenset({"vision", "tools"})).skipped[:1]
    assert (skip.provider, skip.detail) == ("A", "no vision")


def test_a_pinned_provider_does_not_make_a_blind_model_see(bench):
    assert bench.chain("blind", provider="B", needs=frozenset({"vision"})) == []


def test_who_cannot_think_is_asked_where_nobody_who_can_is_left(bench):
    thinking = frozenset({"reasoning"})
    assert bench.chain("seeing", needs=thinking) == ["A/x"]
    assert bench.skipped("seeing", needs=thinking) == {"Blind": "lacks_capability"}
    assert bench.chain("told", needs=thinking) == ["Blind/x"]
    assert bench.chain("told", needs=thinking | {"vision"}) == []


def test_what_nobody_says_is_taken_to_be_possible(bench):
    assert bench.chain("small", needs=frozenset({"video", "files"})) == ["A/a-small", "B/b-small#k1", "B/b-small#k2"]


def test_models_that_could_are_named_where_none_of_the_chain_can(bench):
    found = bench.resolver.resolve("told", needs=frozenset({"vision"}))
    assert found.targets == ()
    assert found.able == ("small", "tiers", "seeing")
    assert bench.resolver.resolve("told", needs=frozenset({"tools"})).able == ("small", "tiers", "seeing")
    assert bench.resolver.resolve("told").able == ()


def test_the_catalogs_word_on_a_model_holds_under_its_providers_names_too():
    bench = Bench("{catalog: true}", {"OPENROUTER_API_KEY": "x", "OPENAI_API_KEY": "y"})
    needs = frozenset({"vision"})
    assert bench.chain("gpt-4.1", needs=needs) == ["OpenAI/gpt-4.1#env", "OpenRouter/openai/gpt-4.1#env"]
    assert bench.chain("gpt-4", needs=needs) == []
    assert bench.chain("openai/gpt-4", provider="OpenRouter", needs=needs) == []
    assert bench.chain("openai/gpt-4", provider="OpenRouter") == ["OpenRouter/openai/gpt-4#env"]


def test_a_server_of_ones_own_may_serve_anything_under_a_well_known_name():
    bench = Bench("""
        providers:
          Lab: {base_url: "http://127.0.0.1:1/v1", capabilities: [stream, vision]}
          OpenAI: {base_url: "http://127.0.0.1:2/v1", keyless: true}
        models: {gpt-4: {chain: [Lab, OpenAI, Lab/o3-mini, Ollama/llava]}}
    """)
    needs = frozenset({"vision"})
    assert bench.chain("gpt-4", needs=needs) == ["Lab/gpt-4", "OpenAI/gpt-4", "Lab/o3-mini", "Ollama/llava"]


def test_emulated_tools_are_tools_of_a_model_that_has_none():
    bench = Bench("""
        providers: {A: {base_url: "http://127.0.0.1:1/v1", capabilities: [stream], tools: emulated}}
        models: {m: {capabilities: [stream], chain: [A]}}
    """)
    assert bench.chain("m", needs=frozenset({"tools"})) == ["A/m"]


def test_a_cooling_target_is_skipped_and_the_reason_says_until_when(bench):
    bench.health.failed("A", None, "a-small", Failure(kind=FailureKind.RATE_LIMITED, message="", retry_after=20))
    resolution = bench.resolver.resolve("small")
    assert resolution.targets[0].provider == "B"
    skip = next(skip for skip in resolution.skipped if skip.provider == "A")
    assert (skip.reason.value, skip.until) == ("cooldown", bench.clock.now + 20)


def test_with_all_cooling_the_one_that_recovers_first_is_waited_for_if_it_is_near(bench):
    bench.health.failed("C", None, "claude-4", Failure(kind=FailureKind.RATE_LIMITED, message="", retry_after=1.5))
    (target,) = bench.resolver.resolve("claude-4").targets
    assert target.wait == pytest.approx(1.5)


def test_with_all_cooling_for_long_nothing_is_tried(bench):
    bench.health.failed("C", None, "claude-4", Failure(kind=FailureKind.RATE_LIMITED, message="", retry_after=30))
    assert bench.resolver.resolve("claude-4").targets == ()


def test_timeouts_come_from_the_nearest_level_that_says_one(bench):
    first, second = bench.resolver.resolve("tiers").targets[:2]
    assert (first.timeouts.first_token, first.timeouts.answer, first.timeouts.total) == (7, 70, 600)
    assert (second.provider, second.timeouts.total) == ("C", 9)


def test_without_a_models_section_the_catalog_is_served_through_usable_providers():
    bench = Bench("{}", environ={"OPENAI_API_KEY": "sk"})
    assert "OpenAI/gpt-4o-mini#env" in bench.chain("gpt-4o-mini")
    with pytest.raises(ModelNotFoundError):
        Bench("models: {x: {chain: [Demo]}}", environ={"OPENAI_API_KEY": "sk"}).chain("gpt-4o-mini")


def test_a_changed_base_url_does_not_get_the_catalog_s_key():
    text = "providers: {OpenAI: {base_url: 'http://127.0.0.1:1/v1'}}\nmodels: {m: {chain: [OpenAI]}}"
    assert Bench(text, environ={"OPENAI_API_KEY": "sk"}).chain("m") == ["OpenAI/m"]


HOURS = """
providers:
  A: {base_url: "http://127.0.0.1:1/v1"}
  B: {base_url: "http://127.0.0.1:2/v1"}
  P: {base_url: "http://127.0.0.1:3/v1", proxy: corporate}
  Q: {base_url: "http://127.0.0.1:4/v1", proxy: corporate}
proxies: {corporate: "http://u:secret@proxy.example.com:8080"}
models:
  day: {chain: [{provider: A, when: "hour >= 8 and hour < 20"}, B]}
  few: {chain: [{provider: A, model: x, when: "errors(1h) < 2"}, B/x]}
  fast: {balance: latency, chain: [[A/x, B/x]]}
  out: {chain: [P/x, Q/x, A/x]}
"""


def at(hour):
    return lambda: time.struct_time((2026, 1, 5, hour, 0, 0, 0, 5, 0))


def test_a_target_is_used_only_while_its_condition_holds():
    bench = Bench(HOURS)
    chains = []
    for hour in (7, 8, 20):
        bench.resolver = Resolver(bench.table, bench.health, lambda: 0.0, at(hour))
        chains.append(bench.chain("day"))
    assert chains == [["B/day"], ["A/day", "B/day"], ["B/day"]]
    (skip,) = bench.resolver.resolve("day").skipped
    assert (skip.reason.value, skip.detail) == ("when", "when: hour >= 8 and hour < 20")


def test_a_condition_on_errors_sees_them_for_as_long_as_it_says():
    bench = Bench(HOURS)
    assert bench.chain("few")[0] == "A/x"
    for _ in range(2):
        bench.health.failed("A", None, "x", Failure(kind=FailureKind.SERVER_ERROR, message=""))
    bench.health.succeeded("A", None, "x")
    assert bench.chain("few") == ["B/x"]
    bench.clock.advance(3700)
    assert bench.chain("few")[0] == "A/x"


def test_by_latency_the_quickest_goes_first_and_one_that_is_not_known_before_it():
    bench = Bench(HOURS, random=lambda: 0.5)
    bench.chain("fast")
    bench.health.waited("A", None, "x", 2.0, stream=True)
    assert bench.chain("fast") == ["B/x", "A/x"]
    bench.health.waited("B", None, "x", 3.0, stream=True)
    assert bench.chain("fast") == ["A/x", "B/x"]
    bench.health.waited("B", None, "x", 0.1, stream=True)
    for _ in range(20):
        bench.health.waited("B", None, "x", 0.1, stream=True)
    assert bench.chain("fast") == ["B/x", "A/x"]


def test_by_latency_some_requests_go_by_weight_all_the_same():
    bench = Bench(HOURS, random=lambda: 0.99)
    bench.chain("fast")
    bench.health.waited("A", None, "x", 0.1, stream=False)
    bench.health.waited("B", None, "x", 3.0, stream=False)
    assert bench.chain("fast") == ["A/x", "B/x"]
    bench.resolver = Resolver(bench.table, bench.health, iter([0.99, 0.0, 0.01]).__next__)
    assert bench.chain("fast") == ["B/x", "A/x"]


def test_a_broken_proxy_is_the_reason_for_all_that_go_through_it():
    bench = Bench(HOURS)
    bench.health.failed("P", None, "x", Failure(kind=FailureKind.PROXY, message=""), "corporate")
    resolution = bench.resolver.resolve("out")
    assert [str(target) for target in resolution.targets] == ["A/x"]
    assert {(s.provider, s.reason.value, s.detail) for s in resolution.skipped} == {
        ("P", "cooldown", "proxy corporate"),
        ("Q", "cooldown", "proxy corporate"),
    }


@given(
    failures=st.lists(st.tuples(st.sampled_from("ABPQ"), st.sampled_from(list(FailureKind)), st.floats(0, 20))),
    jumps=st.lists(st.integers(0, 23), min_size=1),
)
def test_every_place_of_a_chain_is_either_tried_or_skipped_and_the_wall_clock_changes_nothing(failures, jumps):
    bench = Bench(HOURS)
    proxies = {"P": "corporate", "Q": "corporate"}
    for provider, kind, pause in failures:
        bench.health.failed(provider, None, "x", Failure(kind=kind, message=""), proxies.get(provider))
        bench.clock.advance(pause)
    seen = set()
    for hour in jumps:
        resolver = Resolver(bench.table, bench.health, lambda: 0.0, at(hour))
        for model, places in (("few", "AB"), ("fast", "AB"), ("out", "PQA")):
            resolution = resolver.resolve(model)
            named = [p.provider for p in (*resolution.targets, *resolution.skipped)]
            assert sorted(named) == sorted(places)
            seen.add((model, resolution))
    assert len(seen) == 3
