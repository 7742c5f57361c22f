"""Forms with files are read as they were written, whatever is in them, and refused where they break off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.dialects.multipart import MAX_PARTS, read_form, write_form
from g4f.errors import RequestError
from g4f.exchange.request import File

NAMES = st.text(st.characters(codec="utf-8", exclude_characters='\r\n"\\\0%'), min_size=1, max_size=40)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)
FILES = st.builds(File, field=NAMES, content=st.binary(max_size=200), name=NAMES, media_type=st.just("audio/mpeg"))


@given(st.lists(st.tuples(NAMES, TEXTS), max_size=6), st.lists(FILES, max_size=4))
def test_what_was_written_is_read(fields, files):
    content_type, body = write_form(fields, files)
    form = read_form(body, content_type=content_type)
    assert list(form.fields) == fields
    assert [(f.field, bytes(f.content), f.name, f.media_type) for f in form.files] == [
        (f.field, f.content, f.name, f.media_type) for f in files
    ]


@given(st.lists(st.tuples(NAMES, TEXTS), min_size=1, max_size=3), FILES, st.data())
def test_a_form_that_breaks_off_is_refused_and_never_read_in_part(fields, file, data):
    content_type, body = write_form(fields, [file])
    cut = data.draw(st.integers(0, len(body) - len(b"--\r\n") - 1))
    with pytest.raises(RequestError) as refused:
        read_form(body[:cut], content_type=content_type)
    assert (refused.value.status, refused.value.code) == (400, "invalid_form")


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(body):
    for content in (body, b"--b" + body, b"--b\r\n" + body + b"\r\n--b--"):
        try:
            read_form(content, content_type="multipart/form-data; boundary=b")
        except RequestError as refused:
            assert refused.code == "invalid_form"


def test_what_curl_browsers_and_sdks_write_is_read():
    body = (
        b'a preamble\r\n--x y\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n'
        b'--x y  \r\ncontent-disposition: Form-Data; name="file"; filename="a \\"b\\".mp3"\r\n'
        b"Content-Type: audio/mpeg\r\nX-More: 1\r\n\r\nID3\r\n--x \r\n"
        b"\r\n--x y\r\nContent-Disposition: form-data; filename*=UTF-8''%e2; name=empty\r\n\r\n\r\n--x y--\r\nepilogue"
    )
    form = read_form(body, content_type='multipart/form-data; charset=utf-8; boundary="x y"')
    assert form.fields == (("model", "whisper-1"),)
    first, second = form.files
    assert (first.field, first.name, first.media_type) == ("file", 'a "b".mp3', "audio/mpeg")
    assert bytes(first.content) == b"ID3\r\n--x \r\n"
    assert (second.field, second.name, bytes(second.content)) == ("empty", "file", b"")


def test_a_name_cannot_add_a_header_or_a_part_to_what_goes_out():
    evil = 'a"\r\nX-Evil: 1\r\n\r\nboo'
    content_type, body = write_form([(evil, "1")], [File(field=evil, content=b"", name=evil)])
    assert b"\r\nX-Evil" not in body
    form = read_form(body, content_type=content_type)
    assert len(form.fields) == len(form.files) == 1


def test_a_media_type_that_could_not_stand_in_a_header_again_is_forgotten():
    body = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\nContent-Type: a\tb\x01\r\n\r\n1\r\n--b--'
    (file,) = read_form(body, content_type="multipart/form-data; boundary=b").files
    assert file.media_type == "application/octet-stream"


@pytest.mark.parametrize(
    ("content_type", "body", "why"),
    [
        ("multipart/form-data", b"", "boundary"),
        ("multipart/form-data; boundary=b", b"", "nowhere"),
        ("multipart/form-data; boundary=b", b"--b\r\n\r\n1\r\n--b--", "form-data"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--", "name"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--b--',
            "UTF-8",
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="a"\r\nX: ' + b"x" * 9000 + b"\r\n\r\n1\r\n--b--",
            "headers",
        ),
    ],
)
def test_a_form_that_is_none_is_refused_with_the_reason(content_type, body, why):
    with pytest.raises(RequestError, match=why):
        read_form(body, content_type=content_type)


def test_too_many_parts_are_refused():
    content_type, body = write_form([("a", "1")] * MAX_PARTS, [])
    assert len(read_form(body, content_type=content_type).fields) == MAX_PARTS
    content_type, body = write_form([("a", "1")] * (MAX_PARTS + 1), [])
    with pytest.raises(RequestError, match="parts"):
        read_form(body, content_type=content_type)


def test_a_file_is_a_view_of_the_body_and_no_copy():
    content_type, body = write_form([], [File(field="f", content=b"x" * 1000)])
    (file,) = read_form(body, content_type=content_type).files
    assert isinstance(file.content, memoryview)
    assert file.content.obj is body
