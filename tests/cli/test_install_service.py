"""`g4fd install-service`: units that systemd accepts, and that give nothing away."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from g4f.cli import daemon, exits

DEPLOY = Path(__file__).parents[2] / "deploy"

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="SYSTEMD IS NOT INSTALLED: the units were not verified"
)


def install(tmp_path: Path, *words: str) -> int:
    return daemon.main(["install-service", "--directory", str(tmp_path), *words])


@pytest.fixture
def program(tmp_path):
    """A g4fd at a path with what systemd gives a meaning to."""
    place = tmp_path / "a 50% b"
    place.mkdir()
    path = place / "g4fd"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_units_in_the_repository_are_those_it_writes(tmp_path, capsys):
    assert install(tmp_path, "--program", "/opt/g4f/bin/g4fd") == exits.WELL
    written = sorted(tmp_path.iterdir())
    assert [path.name for path in written] == ["g4fd.service", "g4fd.socket", "g4fd.sysusers.conf"]
    for path in written:
        assert path.read_text() == (DEPLOY / path.name).read_text(), "make deploy"
    assert "systemctl enable --now g4fd.service" in capsys.readouterr().out


@needs_systemd
@pytest.mark.parametrize("manager", ["--system", "--user"])
def test_systemd_accepts_the_units(tmp_path, program, manager):
    place = tmp_path / "units"
    words = ["--user"] if manager == "--user" else []
    assert install(place, "--program", str(program), "--config", str(tmp_path / "a $b%'.yaml"), *words) == exits.WELL
    found = [str(place / name) for name in ("g4fd.service", "g4fd.socket")]
    words = ["systemd-analyze", manager, "verify", *found]
    environ = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
def test_the_service_is_exposed_to_at_most_1_5_of_10(tmp_path):
    unit = str(DEPLOY / "g4fd.service")
    words = ["systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", unit]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_unit_that_was_changed_by_hand_is_kept_unless_it_is_forced(tmp_path, capsys):
    unit = tmp_path / "g4fd.service"
    unit.write_text("mine")
    assert install(tmp_path, "--program", "/opt/g4f/bin/g4fd") == exits.NO
    assert "--force" in capsys.readouterr().err
    assert (unit.read_text(), (tmp_path / "g4fd.socket").exists()) == ("mine", False)
    assert install(tmp_path, "--program", "/opt/g4f/bin/g4fd", "--force") == exits.WELL
    assert "[Service]" in unit.read_text()


def test_a_dry_run_prints_and_writes_nothing(tmp_path, capsys):
    place = tmp_path / "units"
    assert install(place, "--program", "/opt/g4f/bin/g4fd", "--dry-run") == exits.WELL
    assert "ExecStart=/opt/g4f/bin/g4fd run --config /etc/g4f/g4f.yaml" in capsys.readouterr().out
    assert not place.exists()


def test_it_speaks_json(tmp_path, capsys):
    assert install(tmp_path, "--user", "--dry-run", "--json") == exits.WELL
    told = json.loads(capsys.readouterr().out)
    assert sorted(Path(path).name for path in told["files"]) == ["g4fd.service", "g4fd.socket"]
    assert "systemctl --user daemon-reload" in told["next"]


def test_the_units_of_a_user_go_where_their_manager_looks(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert daemon.main(["install-service", "--user"]) == exits.WELL
    text = (tmp_path / "systemd/user/g4fd.service").read_text()
    assert f"run --config {tmp_path}/g4f/g4f.yaml" in text
    assert "User=" not in text


def test_a_program_that_the_service_could_not_see_is_refused(tmp_path, capsys):
    assert install(tmp_path, "--program", "/home/me/.venv/bin/g4fd") == exits.NO
    assert "--user" in capsys.readouterr().err
    assert install(tmp_path, "--program", "bin/g4fd") == exits.NO
    assert "absolute" in capsys.readouterr().err
    assert install(tmp_path, "--program", "/opt/$x/g4fd") == exits.NO
    assert "dollars" in capsys.readouterr().err


def test_the_socket_listens_where_the_file_says(tmp_path, capsys):
    config = tmp_path / "g4f.yaml"
    config.write_text("server: {listen: '[::1]:8080'}\n")
    assert install(tmp_path, "--program", "/opt/g4f/bin/g4fd", "--config", str(config)) == exits.WELL
    assert "ListenStream=[::1]:8080\n" in (tmp_path / "g4fd.socket").read_text()


def test_a_place_that_cannot_be_written_is_named(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert install(tmp_path / "file", "--program", "/opt/g4f/bin/g4fd") == exits.NO
    assert "cannot be written" in capsys.readouterr().err
