"""Who was it: a person, an image proxy, a security scanner or a privacy relay? Facts in, verdict and rule out.

The raw facts are kept whatever the verdict. A `human` open is one where somebody looked: an image proxy fetches when
its user opens the mail, so `human` and `proxy` count as a person's open. A scanner and a privacy relay fetch without
anybody reading.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tracking.raw_event import CLICK, OPEN, RawEvent

HUMAN, PROXY, SCANNER, PRIVACY_RELAY = "human", "proxy", "scanner", "privacy_relay"

# Nobody reads a mail and presses a link this soon after the receiving server took it.
TOO_FAST: Final = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the ledger knew when the event was judged. `accepted_at` is None unless the delivery is accepted."""

    accepted_at: datetime | None = None
    is_under_way: bool = False  # the receiving server had not answered yet


@dataclass(frozen=True, slots=True)
class Judgement:
    verdict: str
    rule: str


@dataclass(frozen=True, slots=True)
class AgentRule:
    """A user agent that gives itself away. `kinds` are the events that the rule speaks about."""

    name: str
    verdict: str
    kinds: frozenset[int]
    agent: re.Pattern[str]


def _agents(name: str, verdict: str, kinds: set[int], pattern: str) -> AgentRule:
    return AgentRule(name, verdict, frozenset(kinds), re.compile(pattern, re.IGNORECASE))


AGENT_RULES: Final[tuple[AgentRule, ...]] = (
    # Gmail says: Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)
    _agents("google-image-proxy", PROXY, {OPEN}, r"GoogleImageProxy|ggpht\.com"),
    # Yahoo says: YahooMailProxy and the address of its help page.
    _agents("yahoo-mail-proxy", PROXY, {OPEN}, r"YahooMailProxy|YahooCacheSystem"),
    # Apple Mail Privacy Protection loads everything in advance and calls itself this and nothing more.
    _agents("apple-mail-privacy", PRIVACY_RELAY, {OPEN}, r"\AMozilla/5\.0\Z"),
    _agents("bare-mozilla", SCANNER, {CLICK}, r"\AMozilla/5\.0\Z"),
    # Mail security gateways that say who they are.
    _agents(
        "security-gateway",
        SCANNER,
        {OPEN, CLICK},
        r"barracuda|proofpoint|mimecast|messagelabs|symantec|trend ?micro|fireeye|trustwave|sophos"
        r"|forcepoint|cisco-?ironport|google-safety|google-read-aloud|virustotal|urlscan|zscaler|netcraft",
    ),
    # Previews in chats, search engines and monitors.
    _agents(
        "robot",
        SCANNER,
        {OPEN, CLICK},
        r"(?:google|bing|slack|twitter|discord|telegram|linkedin|yandex|apple|semrush|ahrefs|dot|mj12|petal|line-?)bot"
        r"|bingpreview|skypeuripreview|facebookexternalhit|whatsapp/|crawler|spider|bytespider|hatena",
    ),
    # Program libraries and headless browsers are not mail clients.
    _agents(
        "program",
        SCANNER,
        {OPEN, CLICK},
        r"\A(?:curl|wget|python|go-http-client|java|okhttp|libwww|ruby|php|axios|node|perl|guzzle|apache-httpclient)\b"
        r"|headlesschrome|phantomjs|puppeteer|playwright|selenium",
    ),
    _agents("no-user-agent", SCANNER, {CLICK}, r"\A\Z"),
)


def judge(event: RawEvent, sighting: Sighting) -> Judgement:
    """Return the verdict about an open or a click; whatever else a person did is a person's act."""
    if event.kind not in (OPEN, CLICK):
        return Judgement(HUMAN, "")
    if event.is_head:
        return Judgement(SCANNER, "head-request")
    for rule in AGENT_RULES:
        if event.kind in rule.kinds and rule.agent.search(event.user_agent):
            return Judgement(rule.verdict, rule.name)
    if sighting.is_under_way:
        return Judgement(SCANNER, "before-acceptance")
    accepted_at = sighting.accepted_at if event.kind == CLICK else None
    if accepted_at is not None and event.at < accepted_at + TOO_FAST:
        return Judgement(SCANNER, "too-soon-after-acceptance")
    return Judgement(HUMAN, "")
