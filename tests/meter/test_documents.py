"""Every metric is documented, and every dashboard and alert is about metrics that exist."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from g4f.meter.families import FAMILIES, Kind

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/metrics.md").read_text()
RULES = ROOT / "deploy/prometheus/g4fd.rules.yaml"
DASHBOARD = ROOT / "deploy/grafana/g4fd.json"
SAMPLES = {
    name + suffix
    for name, family in FAMILIES.items()
    for suffix in (("_bucket", "_sum", "_count") if family.kind is Kind.HISTOGRAM else ("",))
}


def rows():
    """The metrics that the tables name, with their type and labels."""
    for line in DOCUMENT.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            for name in re.findall(r"`([a-z0-9_]+)`", cells[0]):
                yield name, cells[1], tuple(re.findall(r"`([a-z]+)`", cells[2]))


def test_the_tables_list_exactly_the_metrics_that_exist():
    assert {(name, kind, labels) for name, kind, labels in rows()} == {
        (family.name, family.kind.value, family.labels) for family in FAMILIES.values()
    }


def expressions():
    for group in yaml.safe_load(RULES.read_text())["groups"]:
        for rule in group["rules"]:
            yield rule["expr"]
    board = json.loads(DASHBOARD.read_text())
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"]
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["query"]["query"]


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_an_expression_names_metrics_and_labels_that_exist(expression):
    names = re.findall(r"\b(?:g4fd|process)_[a-z_]+", expression)
    assert names or "up{" in expression
    assert set(names) <= SAMPLES
    for name, selector in re.findall(r"\b((?:g4fd|process)_[a-z_]+)\{([^}]*)\}", expression):
        family = FAMILIES[name] if name in FAMILIES else FAMILIES[re.sub(r"_(bucket|sum|count)$", "", name)]
        used = set(re.findall(r"([a-z]+)=~?\"", selector))
        assert used <= {*family.labels, "instance", "job"}


def test_every_metric_of_interest_is_on_the_dashboard():
    shown = " ".join(expressions())
    for family in FAMILIES.values():
        if family.name.startswith("g4fd_") and "info" not in family.name:
            known = family.name in shown or family.name in HIDDEN
            assert known, family.name


#: What a dashboard need not draw.
HIDDEN = {
    "g4fd_trace_spans_total",
    "g4fd_draining",
    "g4fd_config_leases",
    "g4fd_config_last_reload_success_timestamp_seconds",
    "g4fd_config_last_reload_duration_seconds",
}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="PROMTOOL IS ABSENT: the alert rules are not parsed")
def test_promtool_takes_the_rules():
    done = subprocess.run(["promtool", "check", "rules", str(RULES)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
