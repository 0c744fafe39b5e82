"""One search over campaigns, readers and pages, for what the person may open."""

import pytest

from accounts.models import Role
from accounts.search import clean_query
from tests.factories.campaigns import (
    client_of,
    make_campaign,
    make_colleague,
    make_sender_organisation,
    make_subscriber,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation():
    organisation = make_sender_organisation()
    make_campaign(organisation, name="Winter letter", subject="冬ブレンドができました")
    make_subscriber(organisation, "hanako@gmail.com", name="佐藤 花子")
    return organisation


def search(organisation, query: str, role: Role = Role.OWNER, *, htmx: bool = False) -> str:
    client = client_of(make_colleague(organisation, role, language="en"))
    headers = {"hx-request": "true"} if htmx else {}
    answer = client.get(f"/o/{organisation.slug}/search/", {"q": query}, headers=headers)
    return answer.content.decode()


@pytest.mark.parametrize("query", ["winter", "ブレンド", "ｗｉｎｔｅｒ"])
def test_campaigns_are_found_by_a_part_of_name_or_subject(organisation, query):
    html = search(organisation, query)
    assert "Winter letter" in html
    assert "1 result" in html


@pytest.mark.parametrize("query", ["Hana", "佐藤", "hanako@gmail.com"])
def test_readers_are_found_by_the_beginning_of_address_or_name(organisation, query):
    assert "hanako@gmail.com</span>" in search(organisation, query)
    assert "hanako@gmail.com</span>" not in search(organisation, "anako")


def test_pages_are_those_of_the_role(organisation):
    assert 'class="search-hit" href="/o/' in search(organisation, "setti")
    assert "Nothing found for “setti”" in search(organisation, "setti", Role.VIEWER)
    assert "Nothing found for “warmup”" in search(organisation, "warmup")


def test_a_full_list_is_offered_when_there_is_more(organisation):
    for number in range(6):
        make_subscriber(organisation, f"many{number}@gmail.com", name="")
    html = search(organisation, "many")
    assert f'href="/o/{organisation.slug}/readers/?q=many"' in html
    assert html.count('class="search-hit"') == 5


def test_the_dialog_gets_only_the_piece(organisation):
    html = search(organisation, "winter", htmx=True)
    assert "Winter letter" in html
    assert "<html" not in html


def test_nothing_of_another_organisation_is_found(organisation):
    other = make_sender_organisation()
    assert "Nothing found" in search(other, "winter")
    assert "Nothing found" in search(other, "hanako")


def test_an_empty_query_asks_for_one(organisation):
    assert "Type a name" in search(organisation, " \0 ")


@pytest.mark.parametrize("query", ["100%", "a_b", "'; DROP", "<script>x</script>", "\\"])
def test_signs_are_only_letters(organisation, query):
    html = search(organisation, query)
    assert "Nothing found" in html
    assert "<script>x" not in html


def test_a_query_is_cleaned():
    assert clean_query("  Ａ\u3000b\0 ") == "A b"
    assert len(clean_query("x" * 1000)) == 100
