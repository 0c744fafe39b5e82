"""Whatever is pasted: cleaning is stable and lets nothing dangerous through."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from mailer.engine.address import AddressError, clean_address, smtp_path

pasted = st.one_of(
    st.text(max_size=60),
    st.builds(
        "{}{}@{}{}".format,
        st.text("<('\"{ ", max_size=2),
        st.text("abcXY019.+-_'{}!#\"＠．é", min_size=1, max_size=12),
        st.sampled_from(["example.jp", "GMAIL.com", "docomo.ne.jp", "a,co,jp", "日本.jp", "x..y"]),
        st.text(">)'\"。.,; \r\n\0", max_size=3),
    ),
)


def cleaned(text):
    try:
        return clean_address(text)
    except AddressError:
        return None


@given(pasted)
@example('"\'a"@example.jp')
def test_cleaning_twice_changes_nothing(text):
    found = cleaned(text)
    if found is not None:
        again = clean_address(found.address)
        assert (again.address, again.normalised, again.is_legacy) == (
            found.address,
            found.normalised,
            found.is_legacy,
        )
        assert clean_address(found.normalised).normalised == found.normalised
        assert clean_address(smtp_path(found.address)).address == found.address


@given(pasted)
def test_nothing_dangerous_comes_out(text):
    found = cleaned(text)
    if found is not None:
        assert re.fullmatch(r"[!-;=?-~]{3,254}", found.address)
        assert found.address == f"{found.local}@{found.domain}"
        assert found.address.count("@") == 1
        assert not re.search(r"[\r\n\0]", found.name)
