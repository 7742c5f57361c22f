"""What a loaded configuration holds, and where it says that it comes from."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from g4f.config.load import Loaded, load, load_text
from g4f.config.problem import Place
from g4f.config.schema import ChainEntry, Config, Provider
from g4f.config.section import Section
from g4f.config.server import Server
from g4f.config.settings import Settings
from g4f.errors import ConfigError

GOOD = Path(__file__).parent / "good"
ENVIRON = {
    "G4F_API_KEY": "inbound-0123456789",
    "OPENAI_API_KEY": "sk-outbound",
    "PROXY_PASSWORD": "p%40ss",
    "DIGITS": "0123456789012345",
    "RPM": "60",
    "YES": "true",
    "EMPTY": "",
}


def good(name: str) -> Loaded:
    return load(GOOD / f"{name}.yaml", environ=ENVIRON)


def refusal(content: str | bytes, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_text(content, environ=environ)
    return str(caught.value)


@pytest.mark.parametrize("path", sorted(GOOD.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_good_file_is_accepted(path: Path) -> None:
    load(path, environ=ENVIRON)


def test_the_example_of_the_design_means_what_it_says() -> None:
    loaded = good("design")
    config = loaded.config
    assert config.server.address == ("127.0.0.1", 1337)
    assert config.server.keys[0].key.get_secret_value() == "inbound-0123456789"
    assert config.defaults.timeouts.model_dump() == {
        "connect": 5.0,
        "first_token": 30.0,
        "answer": None,
        "idle": 60.0,
        "total": 600.0,
    }
    assert config.defaults.proxy is None
    assert config.proxies["corporate"].get_secret_value() == "http://user:p%40ss@proxy.example.com:8080"
    keys = config.providers["OpenAI"].keys
    assert [(key.name, key.key.get_secret_value(), key.weight) for key in keys] == [
        ("main", "sk-outbound", 1),
        ("spare", "CANARY-of-the-file", 2),
    ]
    assert config.models is not None
    chain = config.models["gpt-4o-mini"].chain
    assert [[(entry.provider, entry.model) for entry in tier] for tier in chain] == [
        [("OpenAI", None)],
        [("PollinationsAI", "openai")],
        [("Lab", "qwen3"), ("Ollama", "qwen3")],
        [("Ollama", "llama3.1")],
    ]
    assert chain[3][0].timeouts.first_token == 120.0
    told = [str(warning) for warning in loaded.warnings if "everybody may read" not in warning.message]
    assert told == [f"{GOOD / 'design.yaml'}:10:21: ignored_providers[0]: no provider of this name"]


def test_an_empty_mapping_is_a_configuration_without_models() -> None:
    config = good("nothing").config
    assert config.models is None
    assert config.catalog is False
    assert config.server.listen == "127.0.0.1:1337"
    assert config.server.max_body == 32 * 1024 * 1024


def test_short_forms_mean_the_long_ones() -> None:
    config = good("short-forms").config
    assert [key.name for key in config.server.keys] == ["key-1"]
    assert [key.name for key in config.providers["OpenAI"].keys] == ["default"]
    assert [key.name for key in config.providers["Groq"].keys] == ["key-1", "key-2"]
    assert config.providers["Mine"].base_url == "https://example.com/v1"
    assert config.models is not None
    tiers = config.models["a"].chain
    assert [[(entry.provider, entry.model, entry.weight) for entry in tier] for tier in tiers] == [
        [("OpenAI", None, 1)],
        [("Mine", "x/y/z", 1)],
        [("Groq", None, 3), ("Ollama", "llama3.1:8b", 1)],
    ]


def test_an_empty_section_counts_as_not_written() -> None:
    config = good("empty-sections").config
    assert config.defaults.timeouts.connect == 5.0
    assert config.providers["OpenAI"].keys == ()
    assert config.providers["OpenAI"].model_fields_set == set()
    assert config.catalog is True


def test_quoted_names_stay_text() -> None:
    models = good("quoted-traps").config.models
    assert models is not None
    assert list(models) == ["no", "null", "y"]
    assert models["no"].aliases == ("1.5", "2024-01-01", "014")
    assert models["no"].chain[0][0].model == "3.10"


def test_units_become_seconds_and_bytes() -> None:
    config = good("units").config
    assert config.server.max_body == 65536
    assert config.server.drain_timeout == 5400.0
    assert config.server.shutdown_delay == 0.0
    assert config.server.keepalive is None
    assert config.defaults.timeouts.connect == 0.3
    assert config.defaults.timeouts.total == 86400.0


def test_a_variable_has_no_type_of_its_own() -> None:
    config = good("variables").config
    assert config.server.keys[0].key.get_secret_value() == "0123456789012345"
    assert config.server.keys[0].rpm == 60
    assert config.catalog is True
    assert config.log.level == "warning"
    assert config.providers["OpenAI"].keys[0].key.get_secret_value() == "a${b}"
    assert config.providers["OpenAI"].proxy is None


def test_a_variable_cannot_add_structure() -> None:
    loaded = load_text('providers: {OpenAI: {key: "${X}"}}', environ={"X": "a}, evil: {b"})
    assert loaded.config.providers["OpenAI"].keys[0].key.get_secret_value() == "a}, evil: {b"


def test_a_byte_order_mark_and_crlf_are_accepted_and_do_not_shift_places() -> None:
    assert good("bom-and-crlf").origins["models.a.chain"] == Place(4, 5)


def test_origins_name_written_and_expanded_paths() -> None:
    origins = good("design").origins
    assert origins["server.listen"] == Place(3, 3)
    assert origins["models.gpt-4o-mini"] == Place(23, 3)
    assert origins["models.gpt-4o-mini.chain[2][1]"] == Place(28, 21)
    assert origins["models.gpt-4o-mini.chain[0]"] == origins["models.gpt-4o-mini.chain[0][0]"] == Place(26, 9)


def test_defaults_that_are_not_written_stay_built_in() -> None:
    timeouts = load_text("defaults: {timeouts: {connect: 1s}}").config.defaults.timeouts
    assert (timeouts.connect, timeouts.first_token, timeouts.total) == (1.0, 30.0, 600.0)


def test_the_digest_covers_the_file_and_the_files_of_keys(tmp_path: Path) -> None:
    file = tmp_path / "g4f.yaml"
    secret = tmp_path / "secret"
    file.write_text("providers: {OpenAI: {keys: [{name: a, file: secret}]}}")
    secret.write_text("one\n")
    first = load(file, environ={})
    assert first.files == (file, secret)
    assert load(file, environ={}).digest == first.digest
    secret.write_text("two\n")
    second = load(file, environ={})
    assert second.digest != first.digest
    assert second.config.providers["OpenAI"].keys[0].key.get_secret_value() == "two"
    assert first.digest != hashlib.sha256(file.read_bytes()).hexdigest()


def test_secrets_are_not_shown_by_repr() -> None:
    loaded = good("design")
    shown = f"{loaded!r} {loaded.config} {loaded.config.model_dump()}"
    for secret in ("inbound-0123456789", "sk-outbound", "p%40ss", "CANARY"):
        assert secret not in shown


def test_a_proxy_with_a_password_is_not_shown_by_repr() -> None:
    loaded = load_text("defaults: {proxy: 'http://u:hidden@host:1'}\nproviders: {Groq: {proxy: 'http://u:hidden@h'}}")
    assert loaded.config.defaults.proxy == "http://u:hidden@host:1"
    assert "hidden" not in repr(loaded)


def test_a_short_inbound_key_is_a_warning() -> None:
    warning = good("public-with-keys").warnings[0]
    assert warning.path == "server.keys[0].key"
    assert "16 characters" in warning.message


def test_a_key_from_the_environment_opens_a_public_address(tmp_path: Path) -> None:
    settings = Settings.model_validate({"api_key": "0123456789abcdef"})
    loaded = load_text("server: {listen: '0.0.0.0:80'}", settings=settings)
    assert loaded.config.server.listen == "0.0.0.0:80"


def test_a_public_address_from_the_environment_needs_keys_too() -> None:
    with pytest.raises(ConfigError, match=r"G4F_LISTEN: listen 0\.0\.0\.0:80 without keys"):
        load_text("{}", settings=Settings.model_validate({"listen": "0.0.0.0:80"}))


@pytest.mark.parametrize("listen", ["localhost:1", "127.8.8.8:1", '"[::1]:1"', "LOCALHOST.:1"])
def test_a_loopback_address_needs_no_keys(listen: str) -> None:
    load_text(f"server:\n  listen: {listen}\n")


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        load(Path("/nowhere/g4f.yaml"), environ={})
    assert str(caught.value) == "/nowhere/g4f.yaml: cannot be read: No such file or directory"


def test_a_directory_a_fifo_and_a_device_are_refused_without_waiting(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for path, why in ((tmp_path, "is a directory"), (fifo, "not a regular"), (Path("/dev/zero"), "not a regular")):
        with pytest.raises(ConfigError, match=why):
            load(path, environ={})


def test_a_dangling_link_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "g4f.yaml"
    link.symlink_to(tmp_path / "gone")
    with pytest.raises(ConfigError, match="No such file"):
        load(link, environ={})


def test_a_file_of_one_mebibyte_is_the_largest(tmp_path: Path) -> None:
    file = tmp_path / "g4f.yaml"
    file.write_bytes(b"{}\n" + b"#" * (1024 * 1024 - 3))
    load(file, environ={})
    file.write_bytes(b"{}\n" + b"#" * (1024 * 1024 - 2))
    with pytest.raises(ConfigError, match="larger than"):
        load(file, environ={})
    assert "larger than" in refusal(b"{}\n" + b"#" * (1024 * 1024 - 2))


def test_a_key_cannot_forge_a_second_line() -> None:
    assert "\n" not in refusal('"a\\nerror: b": 1')


def test_thousands_of_models_load_or_meet_a_clear_limit() -> None:
    rows = "".join(f"  m{number}: {{chain: [OpenAI]}}\n" for number in range(5000))
    models = load_text("models:\n" + rows).config.models
    assert models is not None
    assert len(models) == 5000


def test_loading_does_not_import_the_settings() -> None:
    code = "import sys, g4f.config.load; sys.exit('g4f.config.settings' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


DEFAULTS = [
    field.default
    for kind in (Config, Server, Provider, ChainEntry)
    for field in kind.model_fields.values()
    if isinstance(field.default, Section)
]


@pytest.mark.parametrize("unwritten", DEFAULTS, ids=lambda section: type(section).__name__)
def test_a_section_of_which_nothing_is_written_is_an_empty_one(unwritten):
    empty = type(unwritten).model_validate({})
    assert (unwritten, unwritten.model_fields_set) == (empty, empty.model_fields_set)
    assert unwritten.model_dump() == empty.model_dump()
