"""The short form of the walk still shows each page in both colours, widths and languages."""

import pytest

from tests.e2e.looks import ALL_LOOKS, LOOKS, looks_for


@pytest.mark.skipif(ALL_LOOKS, reason="every page is seen in every look")
@pytest.mark.parametrize("number", range(8))
def test_two_looks_share_nothing(number):
    one, other = looks_for(number)
    assert one.colours != other.colours
    assert one.width != other.width
    assert one.language != other.language


@pytest.mark.parametrize("first", range(4))
def test_four_pages_bring_up_every_look(first):
    seen = {look for number in range(first, first + 4) for look in looks_for(number)}
    assert seen == set(LOOKS)
