"""The store of files for clients: names that nobody guesses, bounds that hold, and nothing but its own files."""

import os
import stat
from pathlib import Path

import pytest

from g4f.state.media import MediaStore, Rules
from g4f.state.types import StateError

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 92


class Bench:
    def __init__(self, directory, *, max_size=1000, max_age=60.0):
        self.directory = directory
        self.now = 1_700_000_000.0
        self.store = MediaStore(Rules(directory=directory, max_size=max_size, max_age=max_age), lambda: self.now)

    def put(self, content=PNG, kind="image/png"):
        """Keep a file, a second after the last one."""
        self.now += 1
        name = self.store.put(content, kind)
        os.utime(self.directory / name, (self.now, self.now))
        return name

    def read(self, name):
        stored = self.store.open(name)
        if stored is None:
            return None
        try:
            return stored.read(0, stored.size)
        finally:
            stored.close()


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path / "media")


def test_what_was_put_is_read_with_its_type(bench):
    name = bench.put()
    stored = bench.store.open(name)
    assert (stored.media_type, stored.size, stored.read(0, 8)) == ("image/png", 100, PNG[:8])
    assert stored.read(96, 100) == PNG[96:]
    assert stored.left == 60.0
    stored.close()
    assert name.endswith(".png")


@pytest.mark.parametrize("kind", ["image/svg+xml", "text/html", None, "application/pdf", "x/y; charset"])
def test_what_is_not_known_to_be_harmless_is_only_bytes(bench, kind):
    stored = bench.store.open(bench.put(b"<svg onload=alert(1)>", kind))
    assert stored.media_type == "application/octet-stream"
    stored.close()


def test_names_are_long_and_never_the_same(bench):
    names = {bench.store.put(b"", "image/png") for _ in range(50)}
    assert len(names) == 50
    assert all(len(name.partition(".")[0]) >= 22 for name in names)


def test_files_are_for_their_owner_only(bench):
    name = bench.put()
    assert stat.S_IMODE((bench.directory / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(bench.directory.stat().st_mode) == 0o700


def test_the_oldest_go_first_when_room_is_needed(bench):
    names = [bench.put() for _ in range(12)]
    assert [name for name in names if bench.read(name)] == names[2:]
    assert sum(file.stat().st_size for file in bench.directory.iterdir()) <= 1000


def test_what_is_larger_than_all_the_room_is_refused(bench):
    with pytest.raises(StateError, match=r"media\.max_size"):
        bench.put(b"\0" * 1001)
    assert not bench.directory.exists()


def test_a_file_whose_time_is_up_is_gone_at_once_and_removed_with_the_next_one(bench):
    old = bench.put()
    bench.now += 60
    assert bench.read(old) is None
    assert (bench.directory / old).exists()
    bench.put()
    assert not (bench.directory / old).exists()


def test_files_of_others_are_neither_given_out_nor_removed(bench):
    bench.put()
    (bench.directory / "notes.txt").write_text("mine")
    os.utime(bench.directory / "notes.txt", (0, 0))
    for _ in range(12):
        bench.put()
    assert (bench.directory / "notes.txt").read_text() == "mine"
    assert bench.read("notes.txt") is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../secret",
        "../secret-of-sixteen.png",
        "..%2fsecret-of-sixteen.png",
        "/etc/passwd",
        "a" * 15 + ".png",
        "a" * 65 + ".png",
        "a" * 20 + ".html",
        "a" * 20 + ".svg",
        "a" * 20 + ".PNG",
        "a" * 20 + ".png\n",
        "a" * 20 + ".png\0",
        "ä" * 20 + ".png",
        ".new-" + "a" * 20 + ".png",
    ],
)
def test_no_other_form_of_a_name_is_looked_at(bench, name):
    bench.put()
    (bench.directory.parent / "secret").write_text("secret")
    (bench.directory.parent / "secret-of-sixteen.png").write_text("secret")
    assert bench.store.open(name) is None


def test_no_link_directory_or_pipe_is_opened(bench, tmp_path):
    bench.put()
    (tmp_path / "secret").write_text("secret")
    link, folder, pipe = (bench.directory / (letter * 20 + ".png") for letter in "lfp")
    link.symlink_to(tmp_path / "secret")
    folder.mkdir()
    os.mkfifo(pipe)
    assert [bench.store.open(path.name) for path in (link, folder, pipe)] == [None] * 3


def test_without_a_directory_files_are_kept_in_a_private_one_that_goes_with_the_process():
    store = MediaStore(Rules(directory=None, max_size=1000, max_age=60))
    assert store.open("a" * 22 + ".png") is None
    stored = store.open(store.put(PNG, "image/png"))
    place = Path(f"/proc/self/fd/{stored.descriptor}").readlink().parent
    stored.close()
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    store.close()
    assert not place.exists()
    store.close()


def test_a_directory_that_cannot_be_used_is_an_error_with_its_reason(tmp_path):
    (tmp_path / "file").write_text("")
    store = MediaStore(Rules(directory=tmp_path / "file" / "media", max_size=1000, max_age=60))
    with pytest.raises(StateError, match="directory"):
        store.put(PNG, "image/png")


def test_other_rules_hold_from_the_next_file_on(bench):
    first, second = bench.put(), bench.put()
    bench.store.apply(Rules(directory=bench.directory, max_size=200, max_age=60))
    third = bench.put()
    assert [bench.read(name) is not None for name in (first, second, third)] == [False, True, True]
