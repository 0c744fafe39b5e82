"""Fields (項目): what an organisation knows about its readers beyond address and name."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation


class FieldKind(models.TextChoices):
    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    DATE = "date", _("Date")
    CHOICE = "choice", _("Choice")
    CHOICES = "choices", _("Several choices")
    BOOLEAN = "boolean", _("Yes or no")


class Field(models.Model):
    """One field. `key` is the merge word (`{{ company }}`) and the key in `Reader.fields`."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="fields")
    key = models.CharField(max_length=40)
    label = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=FieldKind, default=FieldKind.TEXT)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "key"], name="field_key_once")
        ]
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.label
