"""Every component in every state, for those who build pages."""

from datetime import UTC, date, datetime, timedelta

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import SignedInRequest, system_admin_required
from accounts.charts import BarPart, FunnelStep
from accounts.stamps import STAMPS

PARTS = [BarPart(1, 41200, "New"), BarPart(3, 7900, "Updated"), BarPart(6, 500, "Unchanged")]


class SampleForm(forms.Form):
    """One field of each kind."""

    subject = forms.CharField(help_text="Up to 30 full-width characters are easy to read.")
    sender = forms.EmailField()
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    group = forms.ChoiceField(choices=[("all", "All readers"), ("some", "Clicked lately")])
    policy = forms.ChoiceField(
        choices=[
            ("fill", "Fill gaps\nKeeps what is there"),
            ("replace", "Replace\nTakes the file's values"),
        ],
        widget=forms.RadioSelect,
    )
    track = forms.BooleanField(
        label="Count clicks", required=False, help_text="Links are rewritten."
    )
    file = forms.FileField(help_text="CSV or Excel up to 200 MB", required=False)
    date = forms.DateField(required=False)
    time = forms.TimeField(required=False)


@system_admin_required
def gallery(request: SignedInRequest) -> HttpResponse:
    form = SampleForm(
        {"subject": "Winter blend", "sender": "not-an-address", "policy": "fill"}, prefix=None
    )
    steps = [
        {"label": "Recipients", "href": "#", "state": "done"},
        {"label": "Content", "href": "#", "state": "now"},
        {"label": "Review", "href": "", "state": "later"},
    ]
    return render(
        request,
        "ui_gallery/gallery.html",
        {
            "debug": settings.DEBUG,
            "form": form,
            "stamps": list(STAMPS),
            "steps": steps,
            "tabs": [
                {"label": "All", "href": "#", "count": 14180, "current": True},
                {"label": "Receiving", "href": "#", "count": 12480, "current": False},
                {"label": "Settings", "href": "#", "count": None, "current": False},
            ],
            "crumbs": [("Campaigns", "#"), ("Winter blend", "#"), ("Review", "")],
            "parts": PARTS,
            "funnel": [
                FunnelStep("Accepted", 12031, 12249),
                FunnelStep("Clicked", 1102, 12031, 2, "#"),
            ],
            "values": [10, 62, 88, 70, 54, 40, 33, 25],
            "before": [8, 50, 71, 62, 48, 37, 30, 24],
            "joined": [3 + day * 7 % 11 for day in range(30)],
            "stopped": [day * 5 % 4 for day in range(30)],
            "days": [date(2026, 10, 26) + timedelta(days=day) for day in range(30)],
            "marks": ["10:00", "15:00", "20:00"],
            "terms": [
                {"label": "Lines read", "value": 50000},
                {"label": "New", "value": 41200, "series": 1},
                {"label": "Updated", "value": 7900, "series": 3},
                {"label": "Errors", "value": 140, "series": 2, "kind": "danger"},
            ],
            "facts": [("From", "Tsukinowa Coffee"), ("Size", "38 KB"), ("Reply-To", "")],
            "widths": [("pc", "PC", "monitor"), ("phone", "Phone", "smartphone")],
            "panels": [("panel-pc", "PC"), ("panel-text", "Text")],
            "places": [("Yamagata", "611"), ("Yamaguchi", "92"), ("Yamanashi", "118")],
            "at": datetime(2026, 11, 27, 3, 41, tzinfo=UTC),
        },
    )
