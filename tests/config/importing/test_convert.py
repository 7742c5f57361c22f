"""Other programs' files become a g4f.yaml that loads and routes as they did, and a note for what has no equivalent."""

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.config.assumed import AssumedEnvironment
from g4f.config.importing.convert import convert
from g4f.config.importing.litellm_upstreams import ROWS
from g4f.config.load import load_catalog, load_text
from g4f.config.parse import parse
from g4f.config.problem import Report
from g4f.config.writing import scalar
from g4f.errors import ConfigError
from g4f.gateway.gateway import Gateway
from g4f.gateway.snapshot import plan


class Result:
    """What became of a file: the new one's routes and the notes by path."""

    def __init__(self, file: Path) -> None:
        self.imported = convert(file)
        self.text = self.imported.text
        self.notes = {note.path: str(note) for note in self.imported.notes}
        environ = AssumedEnvironment({}, ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GROQ_API_KEY", "OPENROUTER_API_KEY"])
        self.plan = plan(load_text(self.text, environ=environ), environ)
        self.config = self.plan.config

    def chain(self, model: str) -> list[list[str]]:
        """The tiers of a model."""
        return [[e.provider + (f"/{e.model}" if e.model else "") for e in t] for t in self.config.models[model].chain]


@pytest.fixture
def imported(tmp_path):
    def run(text: str) -> Result:
        file = tmp_path / "config.yaml"
        file.write_text(dedent(text))
        return Result(file)

    return run


LITELLM = """\
    x-defaults: &defaults {timeout: 300, stream_timeout: 60}
    model_list:
      - model_name: gpt-4o
        litellm_params:
          <<: *defaults
          model: azure/gpt-4o-eu
          api_base: https://my-eu.openai.azure.com/
          api_key: os.environ/AZURE_EU
          api_version: "2024-02-01"
          rpm: 6
      - model_name: gpt-4o
        litellm_params: {model: openai/gpt-4o, api_key: os.environ/OPENAI_API_KEY, rpm: 60}
      - model_name: mini
        litellm_params: {model: gpt-4o-mini, max_retries: 2}
      - model_name: claude
        litellm_params: {model: claude-3-5-sonnet-20240620, api_key: sk-CANARY, temperature: 0.2}
      - model_name: local
        litellm_params: {model: ollama/llama3.1, api_base: "http://localhost:11434"}
      - {model_name: bed, litellm_params: {model: bedrock/anthropic.claude-v2}}
    litellm_settings:
      num_retries: 3
      request_timeout: 600
      drop_params: True
      success_callback: ["langfuse"]
      fallbacks: [{"gpt-4o": ["mini", "claude", "nowhere"]}]
      context_window_fallbacks: [{mini: [claude]}]
    router_settings:
      routing_strategy: latency-based-routing
      model_group_alias: {gpt-4: gpt-4o, lost: nowhere}
      redis_host: localhost
    general_settings: {master_key: sk-CANARY-master, database_url: "postgresql://CANARY"}
    environment_variables: {LANGFUSE_KEY: CANARY}
    """


def test_a_litellm_config_becomes_tiers_and_fallbacks(imported):
    found = imported(LITELLM)
    eu = "azure-my-eu.openai.azure.com"
    assert found.chain("gpt-4o") == [
        [f"{eu}/gpt-4o-eu", "OpenAI"],
        ["OpenAI/gpt-4o-mini"],
        ["Anthropic/claude-3-5-sonnet-20240620"],
    ]
    assert found.chain("local") == [["ollama-localhost/llama3.1"]]
    models, providers = found.config.models, found.config.providers
    assert (models["gpt-4o"].aliases, models["gpt-4o"].balance) == (("gpt-4",), "latency")
    assert [entry.weight for entry in models["gpt-4o"].chain[0]] == [6, 60]
    assert models["gpt-4o"].chain[0][0].timeouts.model_dump(exclude_none=True) == {"answer": 300, "first_token": 60}
    assert models["mini"].fallback_on == ("context_length",)
    assert models["mini"].chain[0][0].retries == 2
    assert (found.config.defaults.retries, found.config.defaults.timeouts.total) == (3, 600)
    assert providers[eu].base_url == "https://my-eu.openai.azure.com/openai/v1"
    assert providers[eu].headers["api-key"].get_secret_value() == "assumed-value-of-AZURE_EU"
    assert providers["ollama-localhost"].base_url == "http://localhost:11434/v1"
    assert [key.name for key in found.config.server.keys] == ["master"]


def test_what_has_no_equivalent_is_noted_line_by_line(imported):
    found = imported(LITELLM)
    assert set(found.notes) == {
        "x-defaults",
        "model_list[0].litellm_params.api_version",
        "model_list[0].litellm_params.rpm",
        "model_list[1].litellm_params.rpm",
        "model_list[3].litellm_params.api_key",
        "model_list[3].litellm_params.temperature",
        "model_list[5]",
        "litellm_settings.drop_params",
        "litellm_settings.success_callback",
        "litellm_settings.fallbacks[0].gpt-4o[2]",
        "router_settings.model_group_alias.lost",
        "router_settings.redis_host",
        "general_settings.master_key",
        "general_settings.database_url",
        "environment_variables.LANGFUSE_KEY",
    }
    assert (
        "config.yaml:23:3: litellm_settings.drop_params: has no equivalent"
        in found.notes["litellm_settings.drop_params"]
    )


def test_no_secret_is_copied_or_told(imported):
    found = imported(LITELLM)
    assert "CANARY" not in found.text + "".join(found.notes.values())
    assert found.imported.variables == ("AZURE_EU", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "LITELLM_MASTER_KEY")


def test_a_key_that_is_written_out_never_takes_the_place_of_a_named_one(imported):
    found = imported("""\
        model_list:
          - {model_name: a, litellm_params: {model: openai/x, api_key: os.environ/OPENAI_API_KEY}}
          - {model_name: b, litellm_params: {model: openai/y, api_key: sk-one}}
          - {model_name: c, litellm_params: {model: openai/z, api_key: sk-two, api_base: "http://10.0.0.1:8000/v1"}}
          - {model_name: d, litellm_params: {model: openai/z, api_key: sk-two, api_base: "http://10.0.0.1:8000/v1"}}
          - {model_name: e, litellm_params: {model: openai/z, api_key: none, api_base: "http://10.0.0.2:8000/v1"}}
        """)
    assert found.imported.variables == ("OPENAI_API_KEY", "OPENAI_API_KEY_2", "OPENAI_10_0_0_1_API_KEY")
    providers = found.config.providers
    assert providers["OpenAI-2"].base_url == "https://api.openai.com/v1"
    assert providers["OpenAI-2"].keys[0].key.get_secret_value() == "assumed-value-of-OPENAI_API_KEY_2"
    assert found.chain("c") == [["openai-10.0.0.1/z"]]
    assert len(providers["openai-10.0.0.1"].keys) == 1
    assert providers["openai-10.0.0.2"].keys == ()


def test_keys_that_every_model_shares_are_balanced(imported):
    found = imported("""\
        model_list:
          - {model_name: a, litellm_params: {model: groq/x, api_key: os.environ/ONE}}
          - {model_name: a, litellm_params: {model: groq/x, api_key: os.environ/TWO}}
        """)
    assert found.chain("a") == [["Groq/x"]]
    assert [key.name for key in found.config.providers["Groq"].keys] == ["key-1", "key-2"]


@pytest.mark.parametrize(
    ("name", "model", "chain"),
    [
        ("claude-*", "anthropic/claude-*", [["Anthropic"]]),
        ("*", "*", [["OpenAI"]]),
        ("*", "openai/*", [["OpenAI"]]),
        ("openai/*", "openai/*", [["OpenAI/*"]]),
        ("team-*", "openai/gpt-*", [["OpenAI/gpt-*"]]),
        ("any/*", "groq/llama-3.1-8b-instant", [["Groq/llama-3.1-8b-instant"]]),
        ("GPT 4o (EU)", "openai/gpt-4o", [["OpenAI/gpt-4o"]]),
    ],
)
def test_a_name_and_a_pattern_are_taken_over_with_what_goes_upstream(imported, name, model, chain):
    assert (
        imported(f"model_list: [{{model_name: '{name}', litellm_params: {{model: '{model}'}}}}]").chain(name) == chain
    )


def test_orders_are_tiers(imported):
    found = imported("""\
        model_list:
          - {model_name: a, litellm_params: {model: groq/x, order: 2}}
          - {model_name: a, litellm_params: {model: openai/x, order: 1}}
          - {model_name: a, litellm_params: {model: openrouter/o/x, order: 1, weight: 3}}
        """)
    assert found.chain("a") == [["OpenAI/x", "OpenRouter/o/x"], ["Groq/x"]]


def test_a_fallback_may_be_a_name_that_a_pattern_has(imported):
    found = imported("""\
        model_list:
          - {model_name: a, litellm_params: {model: groq/x}}
          - {model_name: "openai/*", litellm_params: {model: "openai/*"}}
          - {model_name: "eu-*", litellm_params: {model: "mistral/mistral-*"}}
        litellm_settings: {fallbacks: [{a: [openai/gpt-4o, eu-large]}, {"openai/*": [eu-small]}]}
        """)
    assert found.chain("a") == [["Groq/x"], ["OpenAI/gpt-4o"], ["Mistral/mistral-large"]]
    assert found.chain("openai/*") == [["OpenAI/*"], ["Mistral/mistral-small"]]


def test_credentials_that_are_shared_by_name_are_those_of_each_deployment(imported):
    found = imported("""\
        model_list:
          - {model_name: a, litellm_params: {model: hosted_vllm/x, litellm_credential_name: lab}}
        credential_list:
          - {credential_name: lab, credential_values: {api_base: "http://10.0.0.1:8000/v1", api_key: os.environ/LAB}}
        """)
    assert found.chain("a") == [["hosted_vllm-10.0.0.1/x"]]
    assert found.config.providers["hosted_vllm-10.0.0.1"].base_url == "http://10.0.0.1:8000/v1"
    assert [key.name for key in found.config.providers["hosted_vllm-10.0.0.1"].keys] == ["key-1"]
    assert found.notes == {}


def test_default_fallbacks_are_everybodys(imported):
    found = imported("""\
        model_list:
          - {model_name: a, litellm_params: {model: groq/x}}
          - {model_name: b, litellm_params: {model: openai/b}}
        litellm_settings: {default_fallbacks: [b], fallbacks: [{"*": [a]}]}
        """)
    assert found.chain("a") == [["Groq/x"], ["OpenAI/b"]]
    assert found.chain("b") == [["OpenAI"], ["Groq/x"]]


G4F = """\
    models:
      - name: gpt-4o
        providers:
          - {provider: OpenaiAPI, condition: "error_count < 3 and error_count >= 0"}
          - {provider: OpenRouter, model: openai/gpt-4o, condition: "quota.credits > 0"}
          - {provider: SomeWebsite}
          - {provider: PollinationsAI, model: openai}
      - {name: nobody, providers: [{provider: SomeWebsite}]}
      - {name: gpt-4o, providers: [{provider: Groq}]}
      - {providers: [{provider: Groq}]}
    """


def test_the_routes_of_g4f_become_chains(imported):
    found = imported(G4F)
    assert found.chain("gpt-4o") == [["OpenAI"], ["OpenRouter/openai/gpt-4o"], ["PollinationsAI/openai"]]
    assert found.config.models["gpt-4o"].chain[0][0].when == "errors(1h) < 3 and errors(1h) >= 0"
    assert set(found.config.models) == {"gpt-4o"}
    assert set(found.notes) == {
        "models[0].providers[1].condition",
        "models[0].providers[2]",
        "models[1]",
        "models[1].providers[0]",
        "models[2]",
        "models[3]",
    }


def test_what_is_imported_is_served(imported):
    gateway = Gateway(imported(LITELLM).plan, dice=lambda: 0.0)
    assert [target.provider for target in gateway.resolve("gpt-4").targets][1:] == ["OpenAI", "OpenAI", "Anthropic"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is neither"),
        ("[]", "is neither"),
        ("nonsense", "is neither"),
        ("models: {m: {chain: [Demo]}}", "is a g4f.yaml already"),
        ("model_list: []", "no model of this file"),
        ("model_list: nothing", "no model of this file"),
        ("model_list: [{model_name: a, litellm_params: {model: bedrock/x}}]", "no equivalent"),
        ("models: []", "no model of this file"),
        ("models: [1, [], {name: 1}, {name: a, providers: x}]", "no model of this file"),
        ("a: [", "YAML syntax"),
        ("a: *b", "YAML syntax"),
        ("a: &a [*a]", "more than|YAML"),
        ("[" * 5000, "YAML"),
        ("a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n"
         "d: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]", "more than"),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_is_refused(tmp_path, text, told):
    file = tmp_path / "config.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=told):
        convert(file)


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        convert(tmp_path / "nowhere")
    (tmp_path / "odd").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        convert(tmp_path / "odd")


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=40))
def test_a_scalar_is_read_as_what_was_written(text):
    report = Report("x")
    node = parse(f"- {scalar(text)}", report)
    assert report.problems == []
    assert node.items[0].value == text


def test_addresses_of_the_environment_stay_there_and_every_dialect_is_kept(imported):
    found = imported("""\
        model_list:
          - {model_name: a, litellm_params: {model: anthropic/c, api_base: os.environ/C_BASE, api_key: os.environ/K}}
          - {model_name: b, litellm_params: {model: gemini/g, api_base: "http://10.0.0.1", api_key: os.environ/K}}
          - {model_name: c, litellm_params: {model: azure/g, api_base: os.environ/AZURE_API_BASE}}
        """)
    assert found.imported.variables == ("K", "C_BASE", "AZURE_API_BASE")
    assert "# It takes from the environment: K, C_BASE, AZURE_API_BASE\n" in found.text
    rows = found.config.providers
    assert {name: rows[name].dialect for name in rows} == {
        "anthropic-C_BASE": "anthropic",
        "gemini-10.0.0.1": "gemini",
        "azure-AZURE_API_BASE": None,
    }


def test_every_row_that_a_name_of_litellm_stands_for_is_in_the_catalog():
    assert set(ROWS.values()) <= load_catalog().providers.keys()


def test_services_with_words_of_their_own_are_rows_too(imported):
    found = imported("""\
        model_list:
          - {model_name: a, litellm_params: {model: replicate/meta/meta-llama-3-70b-instruct, api_key: os.environ/R}}
          - {model_name: b, litellm_params: {model: elevenlabs/eleven_v3, api_key: os.environ/E}}
        """)
    assert found.chain("a") == [["Replicate/meta/meta-llama-3-70b-instruct"]]
    assert found.chain("b") == [["ElevenLabs/eleven_v3"]]
