"""Who else may read or change the file, and what is said of it."""

import os
from pathlib import Path

import pytest

from g4f.config.load import load
from g4f.config.settings import Settings
from g4f.errors import ConfigError

PLAIN = "models: {demo: {chain: [Demo]}}\n"
SECRET = 'providers: {OpenAI: {key: "sk-a-secret-in-the-file"}}\n' + PLAIN
PROXY = "proxies: {p: http://user:password@proxy.example:8080}\n" + PLAIN
VARIABLE = 'providers: {OpenAI: {key: "${KEY}"}}\n' + PLAIN
HASHED = f'server: {{keys: [{{name: k, key: "sha256:{"0" * 64}"}}]}}\n' + PLAIN


def told(path: Path, text: str, mode: int, settings: Settings | None = None) -> list[str]:
    path.write_text(text)
    path.chmod(mode)
    loaded = load(path, environ={"KEY": "k" * 20}, settings=settings)
    assert "sk-a-secret" not in str(loaded.warnings)
    return [str(warning).removeprefix(str(path)) for warning in loaded.warnings]


@pytest.mark.parametrize("text", [PLAIN, SECRET])
@pytest.mark.parametrize("mode", [0o666, 0o602, 0o777])
def test_a_file_that_everybody_may_write_is_refused(tmp_path: Path, text: str, mode: int) -> None:
    with pytest.raises(ConfigError, match="everybody may change this file: chmod o-w"):
        told(tmp_path / "g4f.yaml", text, mode)


def test_it_is_served_where_the_environment_says_so(tmp_path: Path) -> None:
    told(tmp_path / "g4f.yaml", PLAIN, 0o666, Settings(allow_writable_config=True))


def test_a_file_that_a_group_of_several_may_write_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "g4f.yaml"
    path.touch()
    owner = path.stat().st_uid
    assert told(path, SECRET, 0o660) == [], "a group of the owner's own"
    try:
        os.chown(path, owner, owner + 12345)
    except PermissionError:
        pytest.skip("only root gives files to other groups")
    assert told(path, SECRET, 0o660) == [": its group may change this file: chmod g-w g4f.yaml"]


@pytest.mark.parametrize(("text", "place"), [(SECRET, ":1:27: providers.OpenAI.key"), (PROXY, ":1:14: proxies.p")])
def test_a_secret_that_everybody_may_read_is_warned_of_at_its_place(tmp_path: Path, text: str, place: str) -> None:
    (warning,) = told(tmp_path / "g4f.yaml", text, 0o644)
    assert warning.startswith(f"{place}: a secret stands in a file that everybody may read")


@pytest.mark.parametrize(
    ("text", "mode"), [(SECRET, 0o600), (SECRET, 0o640), (PLAIN, 0o644), (VARIABLE, 0o644), (HASHED, 0o644)]
)
def test_what_gives_nothing_away_is_not_warned_of(tmp_path: Path, text: str, mode: int) -> None:
    assert told(tmp_path / "g4f.yaml", text, mode) == []


def test_a_file_that_holds_a_key_is_looked_at_too(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("k" * 20)
    text = "providers: {OpenAI: {keys: [{name: a, file: key}]}}\n"
    key.chmod(0o600)
    assert told(tmp_path / "g4f.yaml", text, 0o644) == []
    key.chmod(0o604)
    (warning,) = told(tmp_path / "g4f.yaml", text, 0o644)
    assert "everybody may read this key" in warning
    key.chmod(0o606)
    with pytest.raises(ConfigError, match="everybody may change this key"):
        told(tmp_path / "g4f.yaml", text, 0o644)


def test_a_link_is_as_exposed_as_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text(PLAIN)
    (tmp_path / "real.yaml").chmod(0o666)
    (tmp_path / "g4f.yaml").symlink_to("real.yaml")
    with pytest.raises(ConfigError, match="everybody may change this file"):
        load(tmp_path / "g4f.yaml", environ={})
