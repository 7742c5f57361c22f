"""The G4F_* variables."""

from pathlib import Path

import pytest

from g4f.config.settings import Settings, environment, from_environment
from g4f.errors import ConfigError


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"G4F_{name.upper()}", raising=False)


def test_without_variables_nothing_is_set() -> None:
    assert from_environment() == Settings()
    assert from_environment().config is None
    assert from_environment().debug is False


def test_variables_are_read_with_their_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("G4F_CONFIG", "/etc/g4f.yaml")
    monkeypatch.setenv("G4F_API_KEY", "secret")
    monkeypatch.setenv("G4F_PROXY", "socks5h://u:p@127.0.0.1:1080")
    monkeypatch.setenv("G4F_DEBUG", "1")
    monkeypatch.setenv("G4F_LOG_LEVEL", "WARNING")
    found = from_environment()
    assert found.config == Path("/etc/g4f.yaml")
    assert found.api_key is not None
    assert found.api_key.get_secret_value() == "secret"
    assert (found.debug, found.log_level) == (True, "warning")
    assert "secret" not in repr(found)


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("G4F_API_KEY", "")
    assert from_environment().api_key is None


def test_a_wrong_variable_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("G4F_PROXY", "gopher://u:CANARY@host")
    monkeypatch.setenv("G4F_LISTEN", "CANARY")
    with pytest.raises(ConfigError) as caught:
        from_environment()
    assert "settings: G4F_PROXY: a proxy's URL begins with" in str(caught.value)
    assert "settings: G4F_LISTEN: write host:port" in str(caught.value)
    assert "CANARY" not in str(caught.value)


def test_no_dotenv_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("G4F_API_KEY=from-a-file\n")
    monkeypatch.chdir(tmp_path)
    assert from_environment().api_key is None


def test_the_environment_is_seen_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", "x")
    assert environment()["SOME_KEY"] == "x"
