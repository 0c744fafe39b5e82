"""What is checked before a campaign may be scheduled, and again at the moment it starts.

Each check looks at one thing and returns what it found; nothing is changed. The words stand in `check_words`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from accounts.models import SenderProfile
from accounts.selectors import sender_profile_of
from campaigns.content.campaign_content import compose_campaign
from campaigns.content.compose import Composition
from campaigns.content.law_footer import says_refusal_is_possible
from campaigns.content.merge_gaps import always_offers_unsubscribe, unguarded_fields
from campaigns.content.text_lines import columns
from campaigns.content.text_part import visible_text
from campaigns.models import Campaign, Timing
from campaigns.selectors.audience import audience_of, empty_counts, field_keys
from mailer.engine.content import Filled, LinkUrls, OutputTooLarge, TemplateProblem, load

Level = Literal["block", "warn", "pass"]

MAX_SUBJECT_COLUMNS: Final = 60  # 30 full-width characters; phones show about 20 (japan.md §4.8)
MAX_HTML_BYTES: Final = 90 * 1024  # Gmail cuts at about 102 KB, and tracking links add some
QUIET_FROM_HOUR, QUIET_UNTIL_HOUR = 21, 8
# "Now" may have passed by the time somebody has read the page and pressed the button.
PAST_TOLERANCE: Final = timedelta(minutes=10)

_PLACEHOLDER: Final = re.compile(
    r"○○|〇〇|◯◯|●●|××|lorem ipsum|\[ *\]|［ *］|\[[^\]\n]{0,20}(?:ここ|here)[^\]\n]{0,20}\]",
    re.IGNORECASE,
)
_HREF: Final = re.compile(
    r"""<a\b[^>]*\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*))""", re.IGNORECASE
)
_IMAGE: Final = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_ALT: Final = re.compile(r"\balt\s*=", re.IGNORECASE)
_GOOD_SCHEMES: Final = ("https://", "mailto:", "tel:", "#", "{{", "{%")


@dataclass(frozen=True)
class Check:
    """`code` and `level` choose the words; `fix` is the name of the page where it is put right."""

    code: str
    level: Level
    params: dict[str, Any] = field(default_factory=dict)
    fix: str = ""

    @property
    def blocks(self) -> bool:
        return self.level == "block"


@dataclass(frozen=True)
class Preflight:
    """All findings, and the figures the review page shows beside them."""

    checks: tuple[Check, ...]
    recipients: int
    size_bytes: int

    def of(self, level: Level) -> list[Check]:
        return [check for check in self.checks if check.level == level]

    @property
    def may_go(self) -> bool:
        return not any(check.blocks for check in self.checks)


def preflight(campaign: Campaign, *, now: datetime) -> Preflight:
    """Look at everything. Blocking findings come first."""
    view = _View(campaign, now)
    found = [check for look in _CHECKS for check in look(view)]
    order = {"block": 0, "warn": 1, "pass": 2}
    return Preflight(
        tuple(sorted(found, key=lambda check: order[check.level])),
        view.recipients,
        view.size_bytes,
    )


class _View:
    """The campaign and what has to be worked out only once."""

    def __init__(self, campaign: Campaign, now: datetime) -> None:
        self.campaign = campaign
        self.now = now
        self.composition: Composition | None = None
        self.problem: TemplateProblem | None = None
        try:
            self.composition = compose_campaign(campaign)
        except TemplateProblem as problem:
            self.problem = problem

    @cached_property
    def recipients(self) -> int:
        return audience_of(self.campaign).recipients

    @cached_property
    def profile(self) -> SenderProfile:
        return sender_profile_of(self.campaign.organisation)

    @cached_property
    def filled(self) -> Filled | None:
        """The mail of a reader of whom nothing is known: nothing the law asks for may hang on a field."""
        if self.composition is None:
            return None
        urls = LinkUrls(
            click=lambda index: f"https://link.invalid/{index}", unsubscribe=_UNSUBSCRIBE
        )
        try:
            return load(self.composition.content.to_json()).fill({}, urls)
        except OutputTooLarge:
            return None

    @property
    def size_bytes(self) -> int:
        return len(self.composition.source.html.encode()) if self.composition else 0

    @property
    def has_body(self) -> bool:
        return bool(self.campaign.html.strip() or self.campaign.text.strip())

    @property
    def starts_at(self) -> datetime:
        at_time = self.campaign.timing == Timing.AT and self.campaign.scheduled_at
        return self.campaign.scheduled_at or self.now if at_time else self.now


_UNSUBSCRIBE: Final = "https://unsubscribe.invalid/"
_Found = Iterator[Check]


def _recipients(view: _View) -> _Found:
    if view.campaign.list is None:
        yield Check("no-list", "block", fix="recipients")
    elif view.recipients == 0:
        yield Check("no-recipients", "block", {"list": view.campaign.list.name}, "recipients")
    else:
        params = {"list": view.campaign.list.name, "number": view.recipients}
        yield Check("recipients", "pass", params)


def _sender(view: _View) -> _Found:
    campaign = view.campaign
    domain = campaign.sending_domain
    if domain is None or not campaign.from_local:
        yield Check("no-sender", "block", fix="sender")
    elif domain.organisation_id != campaign.organisation_id:
        yield Check("foreign-domain", "block", fix="sender")
    elif not domain.is_verified:
        yield Check("domain-not-verified", "block", {"domain": domain.name}, "domains")
    else:
        yield Check("sender", "pass", {"address": campaign.from_address, "domain": domain.name})
    if not campaign.from_name.strip():
        yield Check("no-sender-name", "warn", fix="sender")


def _profile(view: _View) -> _Found:
    if not view.profile.is_complete:
        yield Check("no-profile", "block", fix="profile")


def _subject(view: _View) -> _Found:
    subject = view.campaign.subject.strip()
    if not subject:
        yield Check("no-subject", "block", fix="sender")
    elif columns(subject) > MAX_SUBJECT_COLUMNS:
        yield Check("long-subject", "warn", {"number": (columns(subject) + 1) // 2}, "sender")


def _template(view: _View) -> _Found:
    if not view.has_body:
        yield Check("no-body", "block", fix="content")
    if view.problem is not None:
        fix = "sender" if view.problem.part in ("subject", "preheader") else "content"
        fields = field_keys(view.campaign.organisation)
        params = {"problem": view.problem, "fields": fields}
        yield Check("template-problem", "block", params, fix)
    elif view.filled is None:
        yield Check("too-large-filled", "block", fix="content")
    elif view.composition is not None and view.composition.css_problem:
        yield Check("css-not-inlined", "warn", {"detail": view.composition.css_problem}, "content")


def _merge(view: _View) -> _Found:
    if view.composition is None:
        return
    used = view.composition.content.used_fields
    empty = empty_counts(view.campaign, unguarded_fields(view.composition.content))
    for name, number in empty.items():
        yield Check("empty-field", "block", {"field": name, "number": number}, "content")
    if used and not empty:
        yield Check("merge", "pass", {"fields": ", ".join(used)})


def _law(view: _View) -> _Found:
    """Look at the mail as filled, both parts (特定電子メール法 §4; 規則 §§7–9)."""
    if view.composition is None or view.filled is None or not view.has_body:
        return
    content, filled, source = view.composition.content, view.filled, view.composition.source
    if not (always_offers_unsubscribe(content.html) and always_offers_unsubscribe(content.text)):
        yield Check("unsubscribe-conditional", "block", fix="content")
        return
    if not (says_refusal_is_possible(source.html) and says_refusal_is_possible(source.text)):
        yield Check("unsubscribe-unexplained", "block", fix="content")
        return
    if not view.profile.is_complete:
        return
    parts = {"html": visible_text(filled.html), "text": filled.text}
    missing = [part for part, shown in parts.items() if not _shows_sender(view.profile, shown)]
    if missing:
        yield Check("sender-not-shown", "block", {"part": missing[0]}, "content")
    else:
        yield Check("law", "pass", {"name": view.profile.legal_name})


def _shows_sender(profile: SenderProfile, shown: str) -> bool:
    words = "".join(shown.split())
    return all("".join(str(getattr(profile, name)).split()) in words for name in profile.REQUIRED)


def _body(view: _View) -> _Found:
    campaign = view.campaign
    if not view.has_body:
        return
    shown = f"{campaign.subject} {campaign.preheader} {visible_text(campaign.html)} {campaign.text}"
    placeholder = _PLACEHOLDER.search(shown)
    if placeholder:
        yield Check("placeholder", "warn", {"found": placeholder[0]}, "content")
    if campaign.html.strip() and not visible_text(_IMAGE.sub("", campaign.html)):
        yield Check("only-images", "warn", fix="content")
    without_alt = sum(1 for tag in _IMAGE.findall(campaign.html) if not _ALT.search(tag))
    if without_alt:
        yield Check("no-alt", "warn", {"number": without_alt}, "content")
    if view.size_bytes > MAX_HTML_BYTES:
        yield Check("large", "warn", {"number": view.size_bytes // 1024}, "content")
    elif view.composition is not None:
        yield Check("size", "pass", {"number": max(1, view.size_bytes // 1024)})


def _links(view: _View) -> _Found:
    targets = ["".join(match).strip() for match in _HREF.findall(view.campaign.html)]
    bad = [url for url in targets if not url.lower().startswith((*_GOOD_SCHEMES, "http://"))]
    plain = [url for url in targets if url.lower().startswith("http://")]
    if bad:
        params = {"url": bad[0] or 'href=""', "number": len(bad)}
        yield Check("bad-link", "block" if _is_dangerous(bad) else "warn", params, "content")
    if plain:
        yield Check("http-link", "warn", {"url": plain[0], "number": len(plain)}, "content")
    if targets and not bad and not plain:
        yield Check("links", "pass", {"number": len(targets)})


def _is_dangerous(urls: list[str]) -> bool:
    return any(
        url.lower().startswith(("javascript:", "data:", "file:", "vbscript:")) for url in urls
    )


def _time(view: _View) -> _Found:
    campaign = view.campaign
    if not campaign.timing:
        yield Check("no-time", "block", fix="when")
        return
    starts_at = view.starts_at
    local = starts_at.astimezone(ZoneInfo(campaign.organisation.time_zone))
    if starts_at < view.now - PAST_TOLERANCE:
        yield Check("past", "block", {"at": starts_at}, "when")
    elif local.hour >= QUIET_FROM_HOUR or local.hour < QUIET_UNTIL_HOUR:
        yield Check("night", "warn", {"at": starts_at}, "when")
    else:
        yield Check(
            "time-now" if campaign.timing == Timing.NOW else "time", "pass", {"at": starts_at}
        )


def _test(view: _View) -> _Found:
    if not view.has_body or view.problem is not None:
        return
    if view.campaign.tested_at is None:
        yield Check("not-tested", "warn", fix="preview")
    elif not view.campaign.test_is_current:
        yield Check("changed-since-test", "warn", {"at": view.campaign.tested_at}, "preview")
    else:
        yield Check("tested", "pass", {"at": view.campaign.tested_at})


_CHECKS: Final[tuple[Callable[[_View], _Found], ...]] = (
    _recipients,
    _sender,
    _profile,
    _subject,
    _template,
    _merge,
    _law,
    _body,
    _links,
    _time,
    _test,
)
