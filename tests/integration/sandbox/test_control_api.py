import httpx
import pytest

from tests.integration.sandbox.conftest import Connect, letter
from tests.sandbox_client import SandboxClient

PATHS = [
    ("GET", "/messages"), ("GET", "/messages/1/raw"), ("GET", "/transactions"), ("GET", "/counts"),
    ("GET", "/log"), ("GET", "/records"), ("PUT", "/records/x"), ("DELETE", "/records/x"),
    ("GET", "/receivers"), ("PATCH", "/receivers/gmail"), ("PATCH", "/world"), ("POST", "/readers"),
    ("POST", "/reset"), ("GET", "/nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "é"}])
def test_strangers_see_nothing(
    sandbox: SandboxClient, method: str, path: str, header: dict[str, str]
) -> None:
    url = f"http://127.0.0.1:{sandbox.ports.http}{path}"
    encoded = {name.encode(): value.encode() for name, value in header.items()}

    response = httpx.request(method, url, headers=encoded, json={}, trust_env=False)

    assert response.status_code == 401
    assert response.json() == {"error": "the control token is missing or wrong"}


def test_health_is_open(sandbox: SandboxClient) -> None:
    response = httpx.get(f"http://127.0.0.1:{sandbox.ports.http}/healthz", trust_env=False)

    assert response.json() == {"status": "ok"}


def test_pages_continue_where_the_last_one_ended(sandbox: SandboxClient, connect: Connect) -> None:
    with connect("127.10.2.1") as client:
        for number in range(5):
            recipient = f"r{number}@kaisha.example"
            client.sendmail("b@shop.example", [recipient], letter(recipient))

    first = sandbox.http.get("/messages", params={"limit": 3}).json()
    second = sandbox.http.get("/messages", params={"limit": 3, "after": first["next"]}).json()
    third = sandbox.http.get("/messages", params={"after": second["next"]}).json()

    seen = [row["rcpt_to"][0] for row in first["messages"] + second["messages"]]
    assert seen == [f"r{number}@kaisha.example" for number in range(5)]
    assert third == {"messages": [], "next": None}
    assert [row["rcpt_to"] for row in sandbox.messages(recipient="R3@kaisha.example")] == [
        ["r3@kaisha.example"]
    ]
    assert sandbox.messages(receiver="gmail") == []


def test_a_sender_finds_its_own_messages_newest_first(
    sandbox: SandboxClient, connect: Connect
) -> None:
    with connect("127.10.2.1") as client:
        for host in ("bounce.Shop.example", "bounce.other.example", "bounce.shop.example"):
            client.sendmail(f"b-1@{host}", ["Taro@kaisha.example"], letter("taro@kaisha.example"))
    first, _other, third = sandbox.messages()

    def ids(**query: str | int) -> list[int]:
        rows = sandbox.http.get("/messages", params=query).json()["messages"]
        return [row["id"] for row in rows]

    own = "bounce.shop.example bounce.unknown.example"
    assert ids(return_hosts=own, before=third["id"] + 1) == [third["id"], first["id"]]
    assert ids(return_hosts=own, before=third["id"]) == [first["id"]]
    assert ids(return_hosts="shop.example") == []
    assert ids(recipient_part="RO@kai", return_hosts=own) == [first["id"], third["id"]]
    assert ids(recipient_part="hanako") == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("GET", "/messages?limit=many", None, 400, "limit=many: expected a whole number"),
        ("GET", "/messages/999999", None, 404, "message 999999: not here"),
        ("POST", "/messages", None, 405, "POST /messages: no such thing here"),
        ("PATCH", "/receivers/aol", {}, 404, "aol: no such receiver; there are gmail"),
        ("PATCH", "/receivers/gmail", {"colour": 1}, 422, "colour: no such knob"),
        ("PATCH", "/receivers/gmail", {"connections": -1}, 422, "connections -1: expected a whole"),
        ("PATCH", "/receivers/gmail", {"connections": True}, 422, "connections True"),
        ("PATCH", "/world", {"speed": 0}, 422, "speed 0: wrong type or range"),
        ("PATCH", "/world", {"ambient": 1}, 422, "ambient 1: wrong type or range"),
        ("PATCH", "/world", {"weather": "fine"}, 422, "weather: no such switch"),
        ("POST", "/readers", {"enabled": "yes"}, 422, "enabled: expected true or false"),
        ("PUT", "/records/shop", {}, 400, "expected a list of records"),
        ("PUT", "/records/shop", [{"name": "x"}], 422, "name, type and value are texts"),
        ("DELETE", "/records/nobody", None, 404, "nobody: has published nothing"),
    ],
)
def test_mistakes_are_named(
    sandbox: SandboxClient, method: str, path: str, body: object, status: int, words: str
) -> None:
    response = sandbox.http.request(method, path, json=body)

    assert response.status_code == status
    assert words in response.json()["error"]


def test_a_wrong_record_leaves_the_published_ones_alone(sandbox: SandboxClient) -> None:
    sandbox.publish("shop", ("a.shop.example", "A", "127.0.0.1"))
    wrong = [{"name": "b.shop.example", "type": "A", "value": "nowhere"}]

    assert sandbox.http.put("/records/shop", json=wrong).status_code == 422
    records = sandbox.http.get("/records").json()["records"]["shop"]
    assert [(entry["name"], entry["value"]) for entry in records] == [
        ("a.shop.example", "127.0.0.1")
    ]
