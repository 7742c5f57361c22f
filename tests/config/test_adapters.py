"""A provider written in Python is named in a file by the entry point that a package declares, and not otherwise."""

import importlib
import sys
from pathlib import Path

import pytest

from g4f import AsyncClient
from g4f.config import adapters
from g4f.config.load import load_text
from g4f.config.schema import Config, Provider
from g4f.errors import ConfigError
from g4f.exchange.request import Operation
from g4f.gateway.snapshot import plan
from g4f.providers.registry import bind
from g4f.providers.transport import Pools

CODE = """
class Shout:
    @staticmethod
    async def create_async(model, messages, api_key=None):
        return f"{messages[-1]['content'].upper()} {api_key}"

class Nothing:
    pass
"""
FILE = """
providers:
  Own: {adapter: %s, keys: [{name: main, key: k-123}]}
models:
  loud: {chain: [Own]}
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch):
    """A package that is installed for the test, with one provider and two mistakes."""
    site = tmp_path / "site"
    (site / "shouting-1.0.dist-info").mkdir(parents=True)
    (site / "shouting.py").write_text(CODE)
    (site / "shouting-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: shouting\nVersion: 1.0\n")
    (site / "shouting-1.0.dist-info" / "entry_points.txt").write_text(
        "[g4f.providers]\nshout = shouting:Shout\nnothing = shouting:Nothing\nlost = shouting_lost:X\n"
    )
    monkeypatch.syspath_prepend(str(site))
    importlib.invalidate_caches()
    yield site
    sys.modules.pop("shouting", None)


async def test_an_installed_provider_answers_under_the_name_of_its_row(package, tmp_path):
    path = tmp_path / "g4f.yaml"
    path.write_text(FILE % "shout")
    assert "shouting" not in sys.modules
    async with AsyncClient(config=path) as client:
        answer = await client.chat.completions.create("hello", "loud")
    assert (answer.choices[0].message.content, answer.provider) == ("HELLO k-123", "Own")


@pytest.mark.parametrize("name", ["shouting:Shout", "os.system", "shuot"])
def test_what_no_package_declares_is_refused_with_its_place(package, name):
    with pytest.raises(ConfigError, match=r"g4f.yaml:3:18: providers\.Own\.adapter"):
        load_text(FILE % f"'{name}'")


def test_a_name_that_is_nearly_right_is_suggested(package):
    with pytest.raises(ConfigError, match="did you mean shout"):
        load_text(FILE % "shuot")


@pytest.mark.parametrize(("name", "why"), [("nothing", "create_async_generator"), ("lost", "ModuleNotFoundError")])
def test_a_provider_that_cannot_be_used_refuses_the_file(package, tmp_path, name, why):
    path = tmp_path / "g4f.yaml"
    path.write_text(FILE % name)
    with pytest.raises(ConfigError, match=why):
        AsyncClient(config=path)


@pytest.mark.parametrize("written", ["{adapter: elevenlabs}", "{adapter: azure, key: k-0123456789}"])
def test_an_adapter_of_a_service_needs_an_address(written):
    with pytest.raises(ConfigError, match=r"providers\.Own\.adapter: .*needs a base_url"):
        load_text(f"providers: {{Own: {written}}}")


def layered(written):
    return plan(load_text(f"providers: {{{written}}}"), {"ELEVENLABS_API_KEY": "from-the-environment"}).providers


def test_another_address_keeps_what_an_adapter_can_do_and_not_the_key_of_the_environment():
    assert [key.name for key in layered("ElevenLabs: {retries: 0}")["ElevenLabs"].keys] == ["env"]
    moved = layered('ElevenLabs: {base_url: "http://127.0.0.1:9"}')["ElevenLabs"]
    assert (moved.adapter, moved.keys, moved.keyless) == ("elevenlabs", (), True)
    assert moved.operations == {Operation.SPEECH, Operation.TRANSCRIPTION}


def test_a_dialect_takes_the_place_of_a_rows_adapter_and_of_its_names_for_models():
    own = layered('Replicate: {dialect: openai, base_url: "http://127.0.0.1:9/v1", models: {a: b}}')["Replicate"]
    assert (own.adapter, own.dialect, own.models, own.operations) == (None, "openai", {"a": "b"}, None)


def test_every_adapter_of_a_service_can_be_bound():
    pools = Pools()
    for name in adapters.REMOTE:
        row = Provider(adapter=name, base_url="https://example.com", operations=frozenset({Operation.CHAT}))
        bound = bind("Own", row, Config(), pools)
        assert bound.name == "Own"
