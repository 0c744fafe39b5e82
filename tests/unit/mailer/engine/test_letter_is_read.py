"""A received message is read as a mail program reads it, whatever is wrong with it."""

from hypothesis import given
from hypothesis import strategies as st

from mailer.engine.letter import plain_header, read_letter, without_remote_pictures

MAIL = """From: shop@t.example\r
Subject: =?utf-8?B?5Yas?=\r
Content-Type: multipart/alternative; boundary=x\r
\r
--x\r
Content-Type: text/plain; charset=iso-2022-jp\r
Content-Transfer-Encoding: base64\r
\r
GyRCRV8bKEIK\r
--x\r
Content-Type: text/html; charset=utf-8\r
Content-Transfer-Encoding: quoted-printable\r
\r
<p>=E5=86=AC <a href=3D"https://t.example/c/1"><b>豆</b> を見る</a>\r
<a href=3D"javascript:x">no</a> <a href=3D"https://t.example/c/2"><img alt=3D"店"></a></p>\r
--x--\r
""".encode()


def test_both_parts_and_the_headers_are_there():
    letter = read_letter(MAIL)
    assert letter.text == "冬\n"
    assert letter.html.startswith("<p>冬 <a")
    assert letter.headers.splitlines()[0] == "From: shop@t.example"
    assert "multipart/alternative" in letter.headers
    assert "--x" not in letter.headers


def test_links_are_those_that_lead_to_the_web_with_their_words():
    assert read_letter(MAIL).links == (
        ("https://t.example/c/1", "豆 を見る"),
        ("https://t.example/c/2", "店"),
    )


def test_an_unknown_charset_is_read_as_utf_8():
    raw = b"Content-Type: text/plain; charset=klingon\r\n\r\n" + "冬".encode()
    assert read_letter(raw).text == "冬"


def test_an_encoded_subject_is_decoded_and_a_broken_one_is_left():
    assert plain_header("=?utf-8?B?5Yas?= 2026") == "冬 2026"
    assert plain_header("=?klingon?B?5Yas?=") == "=?klingon?B?5Yas?="


def test_pictures_of_the_web_lose_their_address_and_enclosed_ones_keep_it():
    html = '<img alt="a" SRC="https://t.example/o/1"><img src=//x/y><img src="data:image/gif;x"><a src="http://x">'
    assert without_remote_pictures(html) == (
        '<img alt="a" data-remote="https://t.example/o/1"><img data-remote=//x/y>'
        '<img src="data:image/gif;x"><a src="http://x">'
    )


@given(st.binary(max_size=400))
def test_no_bytes_stop_the_reading(body):
    letter = read_letter(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + body)
    assert isinstance(letter.html, str)
    read_letter(body)
