import pytest

from sandbox.geography import practice_zone
from sandbox.zone import Answer, RecordError, Zone, record


@pytest.fixture
def zone() -> Zone:
    return practice_zone()


def values(zone: Zone, name: str, kind: str) -> list[str]:
    return [entry.value for entry in zone.find(name, kind).records]


def test_names_are_found_in_any_case(zone: Zone) -> None:
    assert values(zone, "GMail.COM.", "MX") == values(zone, "gmail.com", "MX") != []


def test_a_name_above_another_exists_without_data(zone: Zone) -> None:
    zone.publish("shop", [record("s1._domainkey.shop.example", "TXT", "v=DKIM1; p=AA")])

    assert zone.find("_domainkey.shop.example", "TXT").answer is Answer.NO_DATA
    assert zone.find("s2._domainkey.shop.example", "TXT").answer is Answer.NO_NAME


def test_an_alias_is_followed(zone: Zone) -> None:
    zone.publish(
        "shop",
        [
            record("td1._domainkey.shop.example", "CNAME", "td1.keys.example."),
            record("td1.keys.example", "TXT", "v=DKIM1; p=AA"),
        ],
    )

    found = zone.find("td1._domainkey.shop.example", "TXT")

    assert [entry.type for entry in found.records] == ["CNAME", "TXT"]


def test_an_alias_of_itself_is_a_server_failure(zone: Zone) -> None:
    zone.publish("shop", [record("a.example", "CNAME", "a.example.")])

    assert zone.find("a.example", "A").answer is Answer.SERVER_FAILURE


def test_a_long_text_is_cut_into_pieces_that_join_again() -> None:
    text = 'v=DKIM1; p="' + "あ\\" * 200

    data = record("x.example", "TXT", text).data

    assert b"".join(data.strings).decode() == text  # type: ignore[attr-defined]  # a TXT record
    assert max(len(piece) for piece in data.strings) == 255  # type: ignore[attr-defined]  # a TXT record


def test_publishing_replaces_only_what_the_owner_published(zone: Zone) -> None:
    zone.publish(
        "a", [record("a.example", "A", "127.0.0.1"), record("b.example", "A", "127.0.0.1")]
    )
    zone.publish("other", [record("c.example", "A", "127.0.0.1")])

    zone.publish("a", [record("a.example", "A", "127.0.0.2")])

    assert values(zone, "a.example", "A") == ["127.0.0.2"]
    assert zone.find("b.example", "A").answer is Answer.NO_NAME
    assert values(zone, "c.example", "A") == ["127.0.0.1"]


def test_names_of_the_practice_world_cannot_be_taken(zone: Zone) -> None:
    with pytest.raises(RecordError, match=r"gmail\.com: this name belongs"):
        zone.publish("thief", [record("Gmail.com", "MX", "0 mx.thief.example.")])

    assert "mx.thief.example." not in str(values(zone, "gmail.com", "MX"))


def test_what_stands_in_the_practice_world_may_be_repeated(zone: Zone) -> None:
    for owner in ("a", "b"):
        zone.publish(
            owner,
            [
                record("inbound.todoku.example", "A", "127.0.0.1"),
                record("mx.shop.example", "A", "127.0.0.1"),
            ],
        )

    assert values(zone, "inbound.todoku.example", "A") == ["127.0.0.1"]
    assert values(zone, "mx.shop.example", "A") == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("kind", "value"), [("A", "not an address"), ("MX", "mail"), ("SOA", "."), ("CNAME", "a..b")]
)
def test_a_record_that_is_none_is_refused(kind: str, value: str) -> None:
    with pytest.raises(RecordError, match=r"^shop\.example"):
        record("shop.example", kind, value)


def test_senders_have_matching_forward_and_reverse_names(zone: Zone) -> None:
    (name,) = values(zone, "7.0.20.127.in-addr.arpa", "PTR")

    assert values(zone, name, "A") == ["127.20.0.7"]
    assert zone.find("out-0-256.practice.example", "A").answer is Answer.NO_NAME


def test_mail_hosts_are_sorted_by_preference(zone: Zone) -> None:
    assert zone.mail_hosts("aozora-shoji.example") == ["mx1.kaisha.example", "mx2.kaisha.example"]
    assert zone.mail_hosts("implicit-mx.example") == ["implicit-mx.example"]
