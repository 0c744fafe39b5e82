"""Forms as mailbox providers and browsers send them."""

import pytest

from tracking.http import form_fields
from tracking.pages import preferred_language

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
MULTIPART = b'--xYz\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--xYz--\r\n'


@pytest.mark.parametrize(
    ("content_type", "body", "fields"),
    [
        ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click", ONE_CLICK),
        (
            "application/x-www-form-urlencoded; charset=UTF-8",
            b"List-Unsubscribe=One-Click",
            ONE_CLICK,
        ),
        ("", b"List-Unsubscribe=One-Click", ONE_CLICK),
        ("multipart/form-data; boundary=xYz", MULTIPART, ONE_CLICK),
        ('Multipart/Form-Data; boundary="xYz"', MULTIPART, ONE_CLICK),
        ("multipart/form-data", MULTIPART, {}),
        ("multipart/form-data; boundary=other", MULTIPART, {}),
        ("", b"", {}),
        ("", b"a=1&" * 30, {}),
        ("text/plain", b"\xff\xfe", {"\ufffd\ufffd": ""}),
    ],
)
def test_form_is_read(content_type, body, fields):
    assert form_fields(content_type, body) == fields


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("ja,en-US;q=0.9", "ja"),
        ("en-GB,en;q=0.9,ja;q=0.8", "en"),
        ("de,en;q=0.4,ja;q=0.5", "ja"),
        ("fr", "en"),
        ("", "en"),
        ("ja;q=0", "en"),
        ("en;q=x", "en"),
    ],
)
def test_language_follows_the_browser_then_the_sender(accept, language):
    assert preferred_language(accept, "en") == language
