"""All receivers of the practice internet. A new provider is a file here and a line below."""

from sandbox.profiles.au import AU
from sandbox.profiles.company import COMPANY
from sandbox.profiles.docomo import DOCOMO
from sandbox.profiles.gmail import GMAIL
from sandbox.profiles.icloud import ICLOUD
from sandbox.profiles.odd import PLAIN, SPARE, TLS_BROKEN
from sandbox.profiles.outlook import OUTLOOK
from sandbox.profiles.profile import Profile
from sandbox.profiles.softbank import SOFTBANK
from sandbox.profiles.yahoo_japan import YAHOO_JAPAN

PROFILES: tuple[Profile, ...] = (
    GMAIL,
    OUTLOOK,
    YAHOO_JAPAN,
    ICLOUD,
    DOCOMO,
    AU,
    SOFTBANK,
    COMPANY,
    PLAIN,
    TLS_BROKEN,
    SPARE,
)

__all__ = ["PROFILES", "Profile"]
