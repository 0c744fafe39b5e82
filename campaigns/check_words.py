"""The words of the review: a title and a sentence for every finding of `preflight`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from campaigns.preflight import Check
from campaigns.template_words import PART_NAMES, problem_sentence

Words = str | Promise


@dataclass(frozen=True)
class CheckWords:
    """`sentence` takes the parameters of the check. `fix` is the text of the button."""

    title: Words
    sentence: Words
    fix: Words = ""


_TO_RECIPIENTS: Final = gettext_lazy("Choose recipients")
_TO_SENDER: Final = gettext_lazy("Change sender and subject")
_TO_CONTENT: Final = gettext_lazy("Change the body")
_TO_TIME: Final = gettext_lazy("Choose the time")
_TO_TEST: Final = gettext_lazy("Send a test")
_SENDER_AND_LAW: Final = gettext_lazy("Sender information and unsubscribing")
_RECIPIENTS: Final = pgettext_lazy("campaign", "Recipients")
_MERGE: Final = gettext_lazy("Merge fields")
_TEST: Final = gettext_lazy("Test")
_TIME: Final = gettext_lazy("Time")

CHECK_WORDS: Final[dict[str, CheckWords]] = {
    "no-list": CheckWords(
        gettext_lazy("No recipients are chosen"),
        gettext_lazy("Choose the list of readers that the campaign goes to."),
        _TO_RECIPIENTS,
    ),
    "no-recipients": CheckWords(
        gettext_lazy("Nobody would get this campaign"),
        gettext_lazy(
            "“%(list)s” has no reader who may be mailed now: those who left, who were stopped after an"
            " error or whose consent is not recorded are left out."
        ),
        _TO_RECIPIENTS,
    ),
    "recipients": CheckWords(
        _RECIPIENTS,
        gettext_lazy(
            "“%(list)s”: %(number)s readers. Those who left or were stopped are not among them."
        ),
    ),
    "no-sender": CheckWords(
        gettext_lazy("The sender is not complete"),
        gettext_lazy("Choose a sending domain and write the part before the @."),
        _TO_SENDER,
    ),
    "foreign-domain": CheckWords(
        gettext_lazy("The sending domain does not belong to this organisation"),
        gettext_lazy("Choose one of your own domains."),
        _TO_SENDER,
    ),
    "domain-not-verified": CheckWords(
        gettext_lazy("The sending domain is not verified"),
        gettext_lazy(
            "Without its DNS records, receivers cannot tell that mail from %(domain)s is really yours"
            " and refuse it."
        ),
        gettext_lazy("Open the domain"),
    ),
    "sender": CheckWords(
        pgettext_lazy("campaign", "Sender"),
        gettext_lazy("%(address)s. The domain %(domain)s is verified."),
    ),
    "no-sender-name": CheckWords(
        gettext_lazy("The sender has no name"),
        gettext_lazy("In the inbox people then see only the address."),
        _TO_SENDER,
    ),
    "no-profile": CheckWords(
        gettext_lazy("The sender information is missing"),
        gettext_lazy(
            "The law on commercial e-mail (特定電子メール法 §4) asks every mail to show the sender's"
            " name, postal address and where complaints go. Write them once; every mail carries them."
        ),
        gettext_lazy("Write the sender information"),
    ),
    "no-subject": CheckWords(
        gettext_lazy("The subject is empty"),
        gettext_lazy("It is the first thing that people see in the inbox."),
        _TO_SENDER,
    ),
    "long-subject": CheckWords(
        gettext_lazy("The subject is long"),
        gettext_lazy(
            "It has the width of %(number)s full-width characters. Phones show about the first 20."
        ),
        _TO_SENDER,
    ),
    "no-body": CheckWords(
        gettext_lazy("The body is empty"),
        gettext_lazy("Write the HTML or the text of the mail."),
        _TO_CONTENT,
    ),
    "template-problem": CheckWords(
        gettext_lazy("A merge field cannot be filled in"),
        "%(sentence)s",
        gettext_lazy("Correct it"),
    ),
    "too-large-filled": CheckWords(
        gettext_lazy("The mail is too large"),
        gettext_lazy("Make the subject or the body shorter."),
        _TO_CONTENT,
    ),
    "css-not-inlined": CheckWords(
        gettext_lazy("The CSS could not be written into the elements"),
        gettext_lazy("Some mail programs will show the mail without its colours (%(detail)s)."),
        _TO_CONTENT,
    ),
    "empty-field": CheckWords(
        gettext_lazy("“%(field)s” is empty for some readers"),
        gettext_lazy(
            "%(number)s recipients have nothing in this field, so a gap would stand there. Write what"
            ' to use instead: {{ %(field)s|default("…") }}.'
        ),
        _TO_CONTENT,
    ),
    "merge": CheckWords(
        _MERGE, gettext_lazy("%(fields)s: filled, or with a fallback, for every recipient.")
    ),
    "unsubscribe-conditional": CheckWords(
        gettext_lazy("Some readers would not see the unsubscribe link"),
        gettext_lazy("It stands inside a condition. Every reader must be able to leave."),
        _TO_CONTENT,
    ),
    "unsubscribe-unexplained": CheckWords(
        gettext_lazy("The unsubscribe link does not say what it is"),
        gettext_lazy("Right beside it must stand that the mails can be stopped."),
        _TO_CONTENT,
    ),
    "sender-not-shown": CheckWords(
        gettext_lazy("The sender information is not visible to every reader"),
        gettext_lazy(
            "%(part)s: name, postal address and contact must be shown, also when fields are empty."
        ),
        _TO_CONTENT,
    ),
    "law": CheckWords(
        _SENDER_AND_LAW,
        gettext_lazy("%(name)s, postal address, contact and the unsubscribe link are shown."),
    ),
    "placeholder": CheckWords(
        gettext_lazy("A placeholder is left in the text"),
        gettext_lazy("“%(found)s” looks like something that was still to be written."),
        _TO_CONTENT,
    ),
    "only-images": CheckWords(
        gettext_lazy("The mail consists of pictures only"),
        gettext_lazy("Who does not load pictures sees nothing, and filters mistrust such mails."),
        _TO_CONTENT,
    ),
    "no-alt": CheckWords(
        gettext_lazy("Pictures without a description"),
        gettext_lazy(
            "%(number)s pictures have no description. Who does not see them does not know what they show."
        ),
        _TO_CONTENT,
    ),
    "large": CheckWords(
        gettext_lazy("The mail is large"),
        gettext_lazy("%(number)s KB. Gmail cuts mails off at about 102 KB."),
        _TO_CONTENT,
    ),
    "size": CheckWords(gettext_lazy("Size"), gettext_lazy("%(number)s KB.")),
    "bad-link": CheckWords(
        gettext_lazy("A link cannot be opened from a mail"),
        gettext_lazy("“%(url)s” does not begin with https://. Links concerned: %(number)s."),
        _TO_CONTENT,
    ),
    "http-link": CheckWords(
        gettext_lazy("A link is not encrypted"),
        gettext_lazy("%(url)s begins with http://. Use https:// if the page has it."),
        _TO_CONTENT,
    ),
    "links": CheckWords(gettext_lazy("Links"), gettext_lazy("%(number)s links look right.")),
    "no-time": CheckWords(
        gettext_lazy("The time is not chosen"),
        gettext_lazy("Choose whether the campaign starts right away or at a certain time."),
        _TO_TIME,
    ),
    "past": CheckWords(
        gettext_lazy("The time has passed"), gettext_lazy("%(at)s is in the past."), _TO_TIME
    ),
    "night": CheckWords(
        gettext_lazy("The campaign would arrive at night"),
        gettext_lazy("%(at)s. Phones make a sound between 21:00 and 8:00, too."),
        _TO_TIME,
    ),
    "time": CheckWords(_TIME, gettext_lazy("Starts at %(at)s.")),
    "time-now": CheckWords(_TIME, gettext_lazy("Starts as soon as you confirm.")),
    "too-late": CheckWords(
        gettext_lazy("The time has passed"),
        gettext_lazy(
            "The system could not start the campaign at %(at)s and did not want to send it much later"
            " without asking you. Choose a new time."
        ),
        _TO_TIME,
    ),
    "no-source": CheckWords(
        gettext_lazy("There is no address to send from"),
        gettext_lazy("The system has no sending IP for this organisation. Ask your administrator."),
    ),
    "not-tested": CheckWords(
        gettext_lazy("No test has been sent"),
        gettext_lazy("Nobody has seen this mail in an inbox yet."),
        _TO_TEST,
    ),
    "changed-since-test": CheckWords(
        gettext_lazy("The mail was changed after the test"),
        gettext_lazy(
            "The last test was at %(at)s. Nobody has seen the mail in an inbox as it is now."
        ),
        _TO_TEST,
    ),
    "tested": CheckWords(_TEST, gettext_lazy("Last test: %(at)s.")),
}


def check_title(check: Check) -> str:
    return str(CHECK_WORDS[check.code].title) % _shown(check.params)


def check_sentence(check: Check) -> str:
    if check.code == "template-problem":
        return problem_sentence(check.params["problem"], check.params["fields"])
    return str(CHECK_WORDS[check.code].sentence) % _shown(check.params)


def check_fix(check: Check) -> str:
    return str(CHECK_WORDS[check.code].fix)


def _shown(params: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(name, value) for name, value in params.items()}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return format_date(timezone.localtime(value), _("j M Y, H:i"))
    if name == "part":
        return str(PART_NAMES.get(value, value))
    if isinstance(value, int):
        return f"{value:,}"
    return value
