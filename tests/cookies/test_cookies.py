"""The sessions of the user: who may read them, who gets them, and what a file of them may be."""

import json
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f import cookies
from g4f.cookies import CookieFileError, get_cookies, get_headers, set_cookies, store_cookie_file
from g4f.cookies.formats import decode, encode


@pytest.fixture(autouse=True)
def directory(tmp_path):
    before = cookies.get_cookies_dir()
    cookies.set_cookies_dir(tmp_path / "jar")
    yield tmp_path / "jar"
    cookies.set_cookies_dir(before)


def cookie(domain, name="a", value="1", **more):
    return {"domain": domain, "name": name, "value": value, **more}


def har(*requests):
    return json.dumps({"log": {"entries": [{"request": request} for request in requests]}}).encode()


def test_what_is_set_is_found_again_and_forgotten_when_it_is_set_to_none(directory):
    set_cookies(".Example.com", {"session": "s3cret"})
    assert get_cookies("example.com") == {"session": "s3cret"}
    cookies.set_cookies_dir(directory)  # as a program does that starts again
    assert get_cookies(".example.com") == {"session": "s3cret"}
    set_cookies("example.com")
    assert get_cookies("example.com") == {}


def test_only_the_owner_can_read_them(directory):
    set_cookies("example.com", {"session": "s3cret"})
    (file,) = directory.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_a_cookie_goes_to_its_domain_and_below_and_nowhere_else():
    store_cookie_file(json.dumps([cookie(".example.com"), cookie("example.com", "mine", "2", hostOnly=True)]).encode())
    assert get_cookies("example.com") == {"a": "1", "mine": "2"}
    assert get_cookies("www.example.com") == {"a": "1"}
    for stranger in ("ample.com", "badexample.com", "example.com.evil.net", "com"):
        assert get_cookies(stranger) == {}


def test_a_cookie_for_a_whole_top_level_domain_goes_to_nobody_below_it():
    store_cookie_file(json.dumps([cookie("com")]).encode())
    assert get_cookies("example.com") == {}


def test_the_nearest_domain_wins():
    store_cookie_file(json.dumps([cookie("a.example.com", value="near"), cookie("example.com", value="far")]).encode())
    assert get_cookies("a.example.com") == {"a": "near"}


def test_what_has_expired_is_not_sent():
    content = [cookie("example.com", "old", expirationDate=1.5), cookie("example.com", "new", expires=4e9)]
    store_cookie_file(json.dumps([*content, cookie("example.com", "session", expires=-1)]).encode())
    assert get_cookies("example.com") == {"new": "1", "session": "1"}


def test_a_later_file_wins_and_one_for_the_same_domains_replaces_the_first(directory):
    store_cookie_file(json.dumps([cookie("example.com", "a", "1"), cookie("example.com", "b", "1")]).encode())
    store_cookie_file(json.dumps([cookie("example.com", "a", "2")]).encode())
    assert get_cookies("example.com") == {"a": "2"}
    assert len(list(directory.iterdir())) == 1


def test_a_file_that_is_put_into_the_directory_is_seen(directory):
    assert get_cookies("example.com") == {}
    directory.mkdir()
    (directory / "export.json").write_text(json.dumps([cookie(".example.com")]))
    assert get_cookies("example.com") == {"a": "1"}
    (directory / "broken.json").write_text("{")
    (directory / "notes.txt").write_text("[]")
    assert get_cookies("example.com") == {"a": "1"}
    assert cookies.read_cookie_files() == {"example.com": {"a": "1"}}
    assert cookies.read_cookie_files(domains_filter=["other.com"]) == {}


def test_links_in_the_directory_are_not_followed(directory, tmp_path):
    directory.mkdir()
    (tmp_path / "elsewhere.json").write_text(json.dumps([cookie("example.com")]))
    (directory / "link.json").symlink_to(tmp_path / "elsewhere.json")
    assert get_cookies("example.com") == {}


def test_a_har_file_gives_what_the_browser_sent_and_the_login_it_sent_it_with():
    sent = {
        "url": "https://chat.example.com/c/api?x=1",
        "cookies": [{"name": "s", "value": "1"}, {"name": "bad name", "value": "2"}],
        "headers": [{"name": "Authorization", "value": "Bearer t0ken"}, {"name": "User-Agent", "value": "x"}],
    }
    other = {"url": "https://tracker.net/", "cookies": [{"name": "t", "value": "1"}], "headers": []}
    assert store_cookie_file(har(sent, other, {"url": "data:,x"}), allowed=["example.com"]) == {"chat.example.com"}
    assert get_cookies("chat.example.com") == {"s": "1"}
    assert get_headers("chat.example.com") == {"authorization": "Bearer t0ken"}
    assert get_cookies("tracker.net") == {}


def test_a_playwright_state_is_understood():
    store_cookie_file(json.dumps({"cookies": [cookie("example.com")], "origins": []}).encode())
    assert get_cookies("example.com") == {"a": "1"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"{}",
        b"[]",
        b"null",
        b'"x"',
        b"[" * 100_000,
        b"[1]",
        b'{"log": {}}',
        b'{"log": {"entries": [7]}}',
        json.dumps([cookie("../../etc/passwd")]).encode(),
        json.dumps([cookie("exa mple.com")]).encode(),
        json.dumps([cookie("")]).encode(),
        json.dumps([cookie("example.com", "a=b")]).encode(),
        json.dumps([cookie("example.com", value="s3cret\r\nHost: evil")]).encode(),
        json.dumps([cookie("example.com", value="s3cret" * 1000)]).encode(),
        json.dumps([cookie("example.com", value=7)]).encode(),
        json.dumps([cookie("example.com", f"n{n}") for n in range(3001)]).encode(),
    ],
    ids=range(18),
)
def test_what_is_no_file_of_cookies_is_refused_and_leaves_nothing(content, directory):
    with pytest.raises(CookieFileError) as caught:
        store_cookie_file(content)
    assert "s3cret" not in str(caught.value)
    assert not directory.exists()


def test_a_name_cannot_leave_the_directory():
    for name in ("../x", "a/b", "a\0b", "", ".", "x" * 300):
        with pytest.raises(CookieFileError):
            set_cookies(name, {"a": "1"})


def test_values_are_in_no_repr():
    session = decode(json.dumps([cookie("example.com", value="s3cret")]).encode())
    assert "s3cret" not in repr(session) + repr(session.cookies)


def objects(inner):
    keys = st.sampled_from(["log", "entries", "request", "cookies", "headers", "url", "name", "value", "domain"])
    return st.dictionaries(keys | st.text(max_size=3), inner)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(), lambda inner: st.lists(inner) | objects(inner)
)


@given(json_values)
def test_any_json_is_a_session_or_a_refusal_and_a_session_survives_its_own_file(written):
    try:
        session = decode(json.dumps(written).encode())
    except CookieFileError:
        return
    assert decode(encode(session)) == session
