"""Servers that exist for one fault each, so that a test can meet it by choosing a domain."""

from dataclasses import replace

from sandbox.profiles.plain import POSTFIX
from sandbox.profiles.profile import Ambient, Habits, Host, Profile

_NOBODY = Habits(opens=0.0, unsubscribes=0.0, complains=0.0)
_PLAIN = Profile(
    name="plain",
    title="Plain server",
    # No MX record leads here: the domain's own address does (RFC 5321 §5.1, implicit MX).
    domains=("implicit-mx.example",),
    hosts=(Host("implicit-mx.example", "127.10.8.1", 0),),
    banner="220 {host} ESMTP",
    replies=POSTFIX,
    starttls=False,
    ambient=Ambient(unknown=0.0, inactive=0.0, full=0.0, late=0.0),
    habits=_NOBODY,
)

PLAIN = _PLAIN
TLS_BROKEN = replace(
    _PLAIN,
    name="tls_broken",
    title="Server with broken TLS",
    domains=("tls-broken.example",),
    hosts=(Host("mx.tls-broken.example", "127.10.8.2", 10),),
    starttls=True,
    breaks_tls=True,
)
# Its first MX (127.10.9.9) has nobody listening: see geography.py.
SPARE = replace(
    _PLAIN,
    name="spare",
    title="Server whose first MX is dead",
    domains=("dead-first.example",),
    hosts=(Host("alive.dead-first.example", "127.10.8.3", 20),),
)
