from sandbox.letter import read_letter

HEADERS = (
    b"From: Shop <news@shop.example>\r\nTo: taro@gmail.com\r\nSubject: New\r\nMIME-Version: 1.0\r\n"
    b"List-Unsubscribe: <mailto:u@shop.example>, <http://127.0.0.1:8010/u/t1>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
)
HTML = (
    '<p><img src="http://127.0.0.1:8010/o/t1.gif"><a href="http://127.0.0.1:8010/c/1">本日</a>'
    '<a href="http://127.0.0.1:8010/c/2">お店</a><a href="http://127.0.0.1:8010/c/1">もう一度</a>'
    '<a href="http://127.0.0.1:8010/u/t1">ここ</a><a href="http://127.0.0.1:8010/x">配信停止</a>'
    '<a href="mailto:a@shop.example">mail</a><img src="cid:logo">'
)
SIGNED = [{"valid": True, "headers": ["from", "list-unsubscribe", "list-unsubscribe-post"]}]


def message(kind: str, body: str) -> bytes:
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return HEADERS + head.encode() + body.encode()


def test_links_leave_out_the_way_out() -> None:
    letter = read_letter(message("html", HTML), SIGNED)

    assert letter.images == ("http://127.0.0.1:8010/o/t1.gif",)
    assert letter.links == ("http://127.0.0.1:8010/c/1", "http://127.0.0.1:8010/c/2")
    assert letter.all_links == (
        *letter.links,
        "http://127.0.0.1:8010/u/t1",
        "http://127.0.0.1:8010/x",
    )


def test_a_text_letter_has_links_too() -> None:
    letter = read_letter(message("plain", "本日（http://127.0.0.1:8010/c/9）まで"), SIGNED)

    assert letter.links == ("http://127.0.0.1:8010/c/9",)


def test_one_click_needs_both_headers_under_a_valid_signature() -> None:
    raw = message("html", HTML)
    unsigned = [{"valid": True, "headers": ["from", "list-unsubscribe"]}]
    broken = [{**SIGNED[0], "valid": False}]
    without_post = raw.replace(b"List-Unsubscribe-Post", b"X-Nothing")

    assert read_letter(raw, SIGNED).one_click_url == "http://127.0.0.1:8010/u/t1"
    assert read_letter(raw, unsigned).one_click_url == ""
    assert read_letter(raw, broken).one_click_url == ""
    assert read_letter(raw, []).one_click_url == ""
    assert read_letter(without_post, SIGNED).one_click_url == ""


def test_a_body_that_cannot_be_decoded_is_an_empty_letter() -> None:
    raw = (
        HEADERS
        + b"Content-Type: text/html; charset=no-such-charset\r\n\r\n<a href='http://x'>x</a>"
    )

    assert read_letter(raw, SIGNED).links == ()
