"""`g4fd usage`: the books on the terminal."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from g4f.cli import daemon
from g4f.meter.booking import Account, Amounts
from g4f.meter.ledger import Ledger

TODAY = datetime.now(UTC).date()


@pytest.fixture
def books(tmp_path, monkeypatch):
    for name in ("G4F_CONFIG", "G4F_API_KEY", "G4F_LISTEN"):
        monkeypatch.delenv(name, raising=False)
    ledger = Ledger(tmp_path / "state" / "usage.sqlite3")
    for days, caller, usd in ((0, "alice", 2), (1, "alice", 1), (60, "bob", 4)):
        about = Account((TODAY - timedelta(days=days)).isoformat(), caller, "m", "A", "up", "answered")
        ledger.book([(about, Amounts(calls=3, input_tokens=1200, output_tokens=30, nano_usd=usd * 10**9))])
    ledger.close()
    path = tmp_path / "g4f.yaml"
    path.write_text("{state: 'file:state', models: {m: {chain: [Demo]}}}")
    return path


def test_a_table_of_the_last_days_comes_from_the_file_that_the_configuration_names(books, capsys):
    assert daemon.main(["usage", "--config", str(books)]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split()[:2] == ["day", "calls"]
    assert [row.split()[0] for row in rows] == [(TODAY - timedelta(days=1)).isoformat(), TODAY.isoformat()]
    assert "1,200" in rows[0]
    assert "2.0000" in rows[1]


def test_csv_and_json_say_the_same(books, capsys):
    asked = ["usage", "--config", str(books), "--by", "key", "--since", "90d"]
    assert daemon.main([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert daemon.main([*asked, "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["key"], float(row["usd"])) for row in rows] == [("alice", 3.0), ("bob", 4.0)]
    assert [(row["key"], row["usd"]) for row in told] == [("alice", 3.0), ("bob", 4.0)]


def test_a_chart_has_the_longest_bar_for_the_most(books, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    assert daemon.main(["usage", "--config", str(books), "--format", "chart"]) == 0
    unit, first, second = capsys.readouterr().out.splitlines()
    assert unit.strip() == "US dollars"
    assert second.count("█") // 2 == first.count("█") > 10
    assert len(second) <= 60


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--since", "yesterday"], 2, "is no day"),
        (["--file", "/nowhere/usage.sqlite3"], 1, "does not exist"),
        (["--url", "http://127.0.0.1:9"], 2, "No daemon answers"),
    ],
)
def test_what_cannot_be_shown_is_said(books, capsys, words, code, said, monkeypatch):
    monkeypatch.chdir(books.parent)
    assert daemon.main(["usage", *words]) == code
    assert said in capsys.readouterr().err


def test_books_in_memory_are_with_the_daemon(tmp_path, capsys):
    path = tmp_path / "g4f.yaml"
    path.write_text("{server: {listen: '127.0.0.1:9'}, models: {m: {chain: [Demo]}}}")
    assert daemon.main(["usage", "--config", str(path)]) == 2
    assert "No daemon answers at http://127.0.0.1:9" in capsys.readouterr().err


def test_a_wrong_column_is_a_wrong_usage(capsys):
    with pytest.raises(SystemExit) as left:
        daemon.main(["usage", "--by", "colour"])
    assert left.value.code == 2
    assert "write some of day, key" in capsys.readouterr().err
