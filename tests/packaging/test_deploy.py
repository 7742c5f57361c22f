"""The files in deploy/: what they name exists, and what they start would be let in."""

import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml

from g4f.api.app import ROUTES
from g4f.config.load import load
from g4f.config.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
#: Where pip has put it, or where the system has it.
HADOLINT = shutil.which("hadolint", path=sysconfig.get_path("scripts")) or shutil.which("hadolint")


def read(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text())


def test_the_kubernetes_files_fit_together():
    deployment, service = read("kubernetes/deployment.yaml"), read("kubernetes/service.yaml")
    pod = deployment["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    assert service["spec"]["ports"][0]["targetPort"] == container["ports"][0]["name"]
    probes = {container[kind]["httpGet"]["path"] for kind in ("livenessProbe", "readinessProbe")}
    assert probes <= {route.path for route in ROUTES}
    mounts = {mount["name"] for mount in container["volumeMounts"]}
    assert mounts == {volume["name"] for volume in pod["spec"]["volumes"]}
    for name in read("kubernetes/kustomization.yaml")["resources"]:
        assert (DEPLOY / "kubernetes" / name).is_file()


def test_a_pod_is_not_killed_before_its_file_lets_it_go():
    settings = Settings(api_key="a-key-of-sixteen-characters")
    server = load(DEPLOY / "kubernetes/g4f.yaml", environ={}, settings=settings).config.server
    grace = read("kubernetes/deployment.yaml")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    assert grace > server.shutdown_delay + server.drain_timeout
    assert server.address[1] == 1337


def test_the_files_of_compose_are_there():
    services = read("compose.yaml")["services"]
    built = services["g4fd"]["build"]
    assert (DEPLOY / built["context"] / built["dockerfile"]).is_file()
    for volume in services["nginx"]["volumes"]:
        assert (DEPLOY / volume.split(":")[0]).is_file()
    assert "g4fd:1337" in (DEPLOY / "nginx.conf").read_text()


@pytest.mark.skipif(shutil.which("nginx") is None, reason="NGINX IS NOT INSTALLED: its file was not checked")
def test_nginx_takes_its_file():
    words = ["nginx", "-t", "-q", "-c", str(DEPLOY / "nginx.conf"), "-e", "stderr"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(HADOLINT is None, reason="HADOLINT IS NOT INSTALLED: the Dockerfile was not linted")
def test_hadolint_finds_nothing_in_the_dockerfile():
    done = subprocess.run([HADOLINT, str(DEPLOY / "Dockerfile")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
