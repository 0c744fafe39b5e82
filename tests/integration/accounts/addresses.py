"""All addresses of the web process, read from the resolver, so that new ones are walked too."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

# Values for the parameters of addresses. An address with a parameter that is missing here fails
# the walk: add the parameter, with a value of its converter's type.
PARAMETERS: dict[str, Any] = {"pk": 1, "key": "MQ", "token": "no-token", "kind": "accepted"}


@dataclass(frozen=True)
class Address:
    name: str
    parameters: frozenset[str]
    view: Any

    @property
    def access(self) -> Any:
        return getattr(self.view, "access", None)

    def path(self, organisation: str) -> str:
        return self.path_with(PARAMETERS | {"organisation": organisation})

    def path_with(self, values: Mapping[str, Any]) -> str:
        """Return the path with those of the values that it takes."""
        return reverse(self.name, kwargs={name: values[name] for name in self.parameters})


def all_addresses() -> list[Address]:
    return list(_walk(get_resolver().url_patterns, (), frozenset()))


def _walk(
    patterns: list[URLPattern | URLResolver], namespaces: tuple[str, ...], above: frozenset[str]
) -> Iterator[Address]:
    for pattern in patterns:
        parameters = above | frozenset(pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            deeper = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _walk(pattern.url_patterns, deeper, parameters)
        else:
            name = ":".join((*namespaces, pattern.name or ""))
            yield Address(name, parameters, pattern.callback)
