from __future__ import annotations

import gzip

import pytest

from tests.support.snapshots import NOW
from warmstation_server.publish.documents import Document, document
from warmstation_server.web.conditional import accepts_gzip, answer, preflight


def made(body: bytes = b"warm " * 200) -> Document:
    return document(
        "/x", body, media_type="text/plain", changed_at=NOW, cache_control="public, max-age=10"
    )


def header(answered: list[tuple[bytes, bytes]], name: bytes) -> bytes | None:
    return dict(answered).get(name)


def test_plain_bytes_for_who_does_not_ask_for_gzip() -> None:
    status, headers, body = answer(made(), [], "GET")
    assert (status, body) == (200, made().body)
    assert header(headers, b"content-encoding") is None
    assert header(headers, b"content-length") == str(len(body)).encode()


def test_gzip_for_who_asks() -> None:
    _, headers, body = answer(made(), [(b"accept-encoding", b"gzip, br")], "GET")
    assert gzip.decompress(body) == made().body
    assert header(headers, b"content-encoding") == b"gzip"
    assert header(headers, b"vary") == b"accept-encoding"
    assert header(headers, b"content-length") == str(len(body)).encode()


def test_a_small_body_is_never_packed() -> None:
    _, headers, body = answer(made(b"ok"), [(b"accept-encoding", b"gzip")], "GET")
    assert body == b"ok"
    assert header(headers, b"content-encoding") is None


def test_the_two_encodings_have_different_strong_tags() -> None:
    plain = header(answer(made(), [], "GET").headers, b"etag")
    packed = header(answer(made(), [(b"accept-encoding", b"gzip")], "GET").headers, b"etag")
    assert plain is not None
    assert packed is not None
    assert plain != packed
    assert plain.startswith(b'"')


@pytest.mark.parametrize("shape", [b"%s", b"W/%s", b'"other", %s', b"*"])
@pytest.mark.parametrize("accept", [b"gzip", b""])
def test_who_has_the_tag_gets_304_with_the_same_tag(shape: bytes, accept: bytes) -> None:
    asked = [(b"accept-encoding", accept)]
    tag = header(answer(made(), asked, "GET").headers, b"etag") or b""
    known = shape.replace(b"%s", tag)
    status, headers, body = answer(made(), [*asked, (b"if-none-match", known)], "GET")
    assert (status, body) == (304, b"")
    assert header(headers, b"etag") == tag
    assert header(headers, b"cache-control") == b"public, max-age=10"
    assert header(headers, b"content-length") is None


def test_an_old_tag_gets_the_new_bytes() -> None:
    old = header(answer(made(b"old " * 200), [], "GET").headers, b"etag") or b""
    assert answer(made(), [(b"if-none-match", old)], "GET").status == 200


def test_head_has_the_headers_of_get_and_no_body() -> None:
    get, head = answer(made(), [], "GET"), answer(made(), [], "HEAD")
    assert head.headers == get.headers
    assert head.body == b""


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (b"gzip", True),
        (b"gzip, deflate, br, zstd", True),
        (b"br, GZIP;q=0.5", True),
        (b"*", True),
        (b"gzip;q=0", False),
        (b"gzip; q=0.000", False),
        (b"br", False),
        (b"identity", False),
        (b"", False),
    ],
)
def test_accept_encoding_is_read_as_it_is_meant(accept: bytes, expected: bool) -> None:
    assert accepts_gzip(accept) is expected


def test_only_what_is_open_to_all_may_be_asked_for_from_elsewhere() -> None:
    assert preflight(made()) is None
    everybody = ((b"access-control-allow-origin", b"*"),)
    open_feed = document(
        "/x", b"{}", media_type="a/b", changed_at=NOW, cache_control="no-cache", headers=everybody
    )
    answered = preflight(open_feed)
    assert answered is not None
    assert (answered.status, answered.body) == (204, b"")
    assert header(list(answered.headers), b"access-control-allow-headers") == b"if-none-match"
