import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.envelope import PathError, read_path


def test_parameters_are_read() -> None:
    path = read_path("<a@b.example> SIZE=12 BODY=8BITMIME SMTPUTF8")

    assert (path.address, path.domain) == ("a@b.example", "b.example")
    assert path.parameters == {"SIZE": "12", "BODY": "8BITMIME", "SMTPUTF8": ""}


def test_a_quoted_local_part_is_the_mailbox_without_its_quotes() -> None:
    assert read_path(r'<"a..b"@docomo.ne.jp>').address == "a..b@docomo.ne.jp"
    assert read_path(r'<"a\"> b"@x.example>').address == 'a"> b@x.example'


def test_loose_dots_are_for_those_who_take_them() -> None:
    assert read_path("<a.@ezweb.ne.jp>", loose_dots=True).address == "a.@ezweb.ne.jp"
    with pytest.raises(PathError):
        read_path("<a.@ezweb.ne.jp>")


@pytest.mark.parametrize(
    "argument",
    ["a@b.example", "<a@b", "<>", "<a>", "<a b@c.example>", "<a@>", "<@c.example>", "", "<a@-b.example>",
     f"<{'x' * 70}@b.example>"],
)  # fmt: skip
def test_what_is_no_path_is_refused(argument: str) -> None:
    with pytest.raises(PathError):
        read_path(argument)


def test_only_a_return_path_may_be_empty() -> None:
    assert read_path("<>", may_be_empty=True).address == ""


@given(st.text(max_size=80))
def test_any_text_is_a_path_or_refused(text: str) -> None:
    try:
        path = read_path(text)
    except PathError:
        return
    assert path.address == "postmaster" or "@" in path.address or path.given.lower() == "postmaster"
