"""The one place where ports declared low are given their implementations from above."""

from django.apps import AppConfig


class WiringConfig(AppConfig):
    name = "config"
    label = "wiring"

    def ready(self) -> None:
        # Importing registers the checks.
        from config import checks  # noqa: F401
