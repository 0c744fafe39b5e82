"""A report's own words end where the returned message begins."""

import pytest

from bounces.parsers.report_text import cut_at_returned_message, plain_of_html, unquoted


@pytest.mark.parametrize(
    "marker",
    [
        "--- Below this line is a copy of the message.",
        "------ This is a copy of the message, including all the headers. ------",
        "----- Original message -----",
        "   ----- Original message follows -----",
        "   ----- Unsent message follows -----",
        "--- The header of the original message is following. ---",
        "Message headers follow.",
        "Original message follows.",
        "    Below is a copy of the original message:",
        "------- Returned Message --------",
        "--- Enclosed is a copy of the message.",
    ],
)
def test_words_end_at_the_marker(marker):
    words, returned = cut_at_returned_message(
        f"no such user\n{marker}\n\nFrom: a@example.net\nSubject: x\n"
    )
    assert words == "no such user\n"
    assert returned.strip().startswith("From: a@example.net")


def test_words_end_at_the_first_header_block():
    report = "no such user\n\nReceived: from a by b\n\twith SMTP\nFrom: a@example.net\n"
    words, returned = cut_at_returned_message(report)
    assert (words, returned[:9]) == ("no such user\n\n", "Received:")


@pytest.mark.parametrize(
    "line",
    [
        "    **      THIS IS A WARNING MESSAGE ONLY      **",
        "   ----- The following addresses had permanent fatal errors -----",
        "   ----- Transcript of session follows -----",
        "--------------------------------------------------",
        "The message that you sent was undeliverable",
    ],
)
def test_headings_of_the_report_itself_cut_nothing(line):
    assert cut_at_returned_message(f"{line}\nno such user") == (f"{line}\nno such user", "")


def test_html_becomes_lines():
    page = "<style>p{}</style><p>Your message to <b>a@example.org</b></p><td>wasn&#39;t delivered"
    assert [line.strip() for line in plain_of_html(page).split("\n") if line.strip()] == [
        "Your message to a@example.org",
        "wasn't delivered",
    ]


def test_address_in_angle_brackets_survives_html():
    assert "<a@example.org>" in plain_of_html("<p>to <a@example.org> failed</p>")


def test_forwarded_text_loses_its_quotation_marks():
    assert unquoted("> Action: failed\n>\n> Status: 5.1.1") == "Action: failed\n\nStatus: 5.1.1"
