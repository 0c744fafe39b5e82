"""Names of suppression scopes. Opaque to the engine, which only compares them."""

INSTALLATION = "installation"


def organisation_scope(organisation_id: int) -> str:
    return f"org:{organisation_id}"


def list_scope(list_id: int) -> str:
    return f"list:{list_id}"
