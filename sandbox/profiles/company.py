"""Company servers: an ordinary Postfix with a spare MX, greylisting and a link-checking gateway.

Replies: Postfix and Postgrey (see plain.py).
"""

from sandbox.profiles.plain import POSTFIX
from sandbox.profiles.profile import Ambient, Check, Habits, Host, Limits, Profile

_SCANNER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/119.0.0.0 Safari/537.36"
)
_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17928; Pro)",
)

COMPANY = Profile(
    name="company",
    title="Company server",
    domains=("aozora-shoji.example", "kaisha.example"),
    hosts=(
        Host("mx1.kaisha.example", "127.10.2.1", 10),
        Host("mx2.kaisha.example", "127.10.2.2", 20),
    ),
    banner="220 {host} ESMTP Postfix",
    extensions=("PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN"),
    smtputf8=True,
    checks=frozenset({Check.SENDER_DOMAIN}),
    # Postfix: smtpd_client_connection_count_limit 50, message_size_limit 10240000.
    limits=Limits(connections=50, messages_per_minute=600, size_bytes=10_240_000),
    ambient=Ambient(unknown=0.02, grey=0.15, late=0.01, full=0.005),
    habits=Habits(
        opens=0.42,
        clicks=0.20,
        open_after_s=5400.0,
        agents=_AGENTS,
        scanner_agent=_SCANNER,
        scans=0.5,
    ),
    replies=POSTFIX,
)
