"""The store in a directory: whole documents, private files, and nothing believed that others could have written."""

import multiprocessing
import os
import random
import stat
import threading
import time
from pathlib import Path

import pytest

from g4f.state.file import ABANDONED, MAX_BYTES, FileStore
from g4f.state.memory import MemoryStore
from g4f.state.open import open_store
from g4f.state.types import StateError

NAME = "cooldowns.json"


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "state")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_saved_is_loaded_by_the_next_process(store, tmp_path):
    assert store.load(NAME) is None
    store.save(NAME, b"one")
    store.save(NAME, b"two")
    assert FileStore(tmp_path / "state").load(NAME) == b"two"


def test_the_directory_and_its_files_are_private(store, tmp_path):
    old = os.umask(0)
    try:
        FileStore(tmp_path / "other").save(NAME, b"x")
    finally:
        os.umask(old)
    assert mode(tmp_path / "other") == 0o700
    assert mode(tmp_path / "other" / NAME) == 0o600


def test_nothing_is_left_beside_the_document(store, tmp_path):
    store.save(NAME, b"x")
    assert [path.name for path in (tmp_path / "state").iterdir()] == [NAME]


@pytest.mark.parametrize("bits", [0o020, 0o002])
def test_a_document_that_others_can_write_is_not_believed(store, tmp_path, bits):
    store.save(NAME, b"x")
    (tmp_path / "state" / NAME).chmod(0o600 | bits)
    with pytest.raises(StateError, match="written by others"):
        store.load(NAME)


@pytest.mark.parametrize("bits", [0o020, 0o002])
def test_a_directory_that_others_can_write_is_not_used(tmp_path, bits):
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o700 | bits)
    with pytest.raises(StateError, match="the directory can be written by others"):
        FileStore(tmp_path / "shared")


def test_another_user_s_document_is_not_believed(store, tmp_path, monkeypatch):
    store.save(NAME, b"x")
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(StateError, match="another user"):
        store.load(NAME)
    with pytest.raises(StateError, match="another user"):
        FileStore(tmp_path / "state")


def _link(path: Path) -> None:
    path.symlink_to("/etc/hostname")


@pytest.mark.parametrize("make", [_link, os.mkfifo, Path.mkdir], ids=["link", "fifo", "directory"])
def test_what_is_no_regular_file_is_refused_and_hangs_nobody(store, tmp_path, make):
    make(tmp_path / "state" / NAME)
    with pytest.raises(StateError):
        store.load(NAME)


def test_a_document_that_is_too_large_is_refused(store, tmp_path):
    store.save(NAME, b"x" * (MAX_BYTES + 1))
    with pytest.raises(StateError, match="larger than"):
        store.load(NAME)


def test_a_file_in_the_place_of_the_directory_is_refused(tmp_path):
    (tmp_path / "state").write_text("")
    with pytest.raises(StateError, match="file exists"):
        FileStore(tmp_path / "state")


def test_a_write_that_fails_leaves_the_old_document_and_nothing_else(store, tmp_path):
    store.save(NAME, b"old")
    (tmp_path / "state").chmod(0o500)
    try:
        if os.geteuid() == 0:  # root writes everywhere: take the rename's target away instead
            (tmp_path / "state").chmod(0o700)
            (tmp_path / "state" / "blocked").mkdir()
            with pytest.raises(StateError):
                store.save("blocked", b"new")
        else:
            with pytest.raises(StateError):
                store.save(NAME, b"new")
    finally:
        (tmp_path / "state").chmod(0o700)
    assert store.load(NAME) == b"old"
    assert not list((tmp_path / "state").glob(".*.tmp"))


def test_what_a_killed_process_was_writing_is_removed_later(store, tmp_path):
    left, fresh = tmp_path / "state" / ".a.1-aa.tmp", tmp_path / "state" / ".a.2-bb.tmp"
    for path in (left, fresh):
        path.write_bytes(b"half")
    long_ago = time.time() - ABANDONED - 1
    os.utime(left, (long_ago, long_ago))
    FileStore(tmp_path / "state")
    assert not left.exists()
    assert fresh.exists()


def _write_for_ever(directory: Path) -> None:
    store = FileStore(directory)
    for number in range(1_000_000):
        store.save(NAME, b"%d " % number * 20_000)


def test_kill_9_at_any_moment_leaves_the_old_document_or_the_new_one(tmp_path):
    dice = random.Random(1)
    spawn = multiprocessing.get_context("fork")
    for _ in range(40):
        writer = spawn.Process(target=_write_for_ever, args=(tmp_path / "state",))
        writer.start()
        _until(lambda: (tmp_path / "state" / NAME).exists())
        threading.Event().wait(dice.uniform(0, 0.02))  # the moment is what is random here
        writer.kill()
        writer.join()
        words = (FileStore(tmp_path / "state").load(NAME) or b"").split()
        assert len(words) == 20_000
        assert len(set(words)) == 1


def _until(true) -> None:
    while not true():
        threading.Event().wait(0.001)


def test_the_file_says_which_store(tmp_path):
    assert isinstance(open_store("memory", tmp_path), MemoryStore)
    open_store("file:here", tmp_path).save(NAME, b"x")
    assert (tmp_path / "here" / NAME).exists()
    open_store(f"file:{tmp_path}/there", Path("/nowhere")).save(NAME, b"x")
    assert (tmp_path / "there" / NAME).exists()


def test_memory_forgets_with_the_process_and_says_so():
    store = MemoryStore()
    store.save(NAME, b"x")
    assert store.load(NAME) == b"x"
    assert not store.lasting


@pytest.fixture(params=["memory", "file"])
def either(request, store):
    return store if request.param == "file" else MemoryStore()


def test_documents_are_listed_in_the_order_of_their_saves_and_can_be_removed(either, tmp_path):
    for number, name in enumerate(("a.1", "b.1", "a.2", "a.3")):
        either.save(name, b"x" * number)
        if either.lasting:
            os.utime(tmp_path / "state" / name, (number, number))
    assert [(document.name, document.size) for document in either.listed("a.")] == [("a.1", 0), ("a.2", 2), ("a.3", 3)]
    either.remove("a.2")
    either.remove("a.2")
    assert [document.name for document in either.listed("a.")] == ["a.1", "a.3"]
    assert either.load("a.2") is None
