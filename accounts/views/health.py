"""Answers for machines: is the web process able to work; may robots come."""

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis.exceptions import RedisError

from accounts.access import public_page


@public_page("A load balancer has no account; the answer says nothing about data.")
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while PostgreSQL and Redis answer, else 503 naming what does not."""
    parts = {"database": _database_answers(), "redis": _redis_answers()}
    healthy = all(parts.values())
    words = {name: "ok" if answers else "no answer" for name, answers in parts.items()}
    return JsonResponse({"ok": healthy, **words}, status=200 if healthy else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except DatabaseError:
        return False


def _redis_answers() -> bool:
    try:
        cache.get("healthz")
    except (RedisError, OSError):
        return False
    return True


@public_page("Robots do not sign in.")
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")
