"""Sender nodes and the incarnations of their slots."""

from django.db import models


class Node(models.Model):
    """A machine that runs sender slots. Beat asks each of them for slices of work."""

    name = models.CharField(max_length=60, primary_key=True)
    slots = models.PositiveSmallIntegerField(default=1)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Slot(models.Model):
    """One life of one slot process. Leases carry its id, so that a dead life is recognised."""

    node = models.CharField(max_length=60)
    pid = models.IntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.node}/{self.pid}/{self.pk}"
