"""Addresses under /o/<organisation>/campaigns/."""

from django.urls import path

from campaigns.views import campaigns, parts, preview, report, review, sending

app_name = "campaigns"

urlpatterns = [
    path("", campaigns.campaign_list, name="list"),
    path("new/", campaigns.new, name="new"),
    path("reports/", campaigns.reports, name="reports"),
    path("<int:pk>/", parts.hub, name="hub"),
    path("<int:pk>/name/", campaigns.rename, name="rename"),
    path("<int:pk>/duplicate/", campaigns.duplicate, name="duplicate"),
    path("<int:pk>/delete/", campaigns.delete, name="delete"),
    path("<int:pk>/recipients/", parts.recipients, name="recipients"),
    path("<int:pk>/sender/", parts.sender, name="sender"),
    path("<int:pk>/content/", parts.content, name="content"),
    path("<int:pk>/when/", parts.when, name="when"),
    path("<int:pk>/preview/", preview.preview, name="preview"),
    path("<int:pk>/preview/frame/", preview.preview_frame, name="preview_frame"),
    path("<int:pk>/test/", preview.test, name="test"),
    path("<int:pk>/review/", review.review, name="review"),
    path("<int:pk>/schedule/", review.schedule_it, name="schedule"),
    path("<int:pk>/unschedule/", review.unschedule, name="unschedule"),
    path("<int:pk>/sending/", sending.sending, name="sending"),
    path("<int:pk>/progress/", sending.progress, name="progress"),
    path("<int:pk>/pause/", sending.pause, name="pause"),
    path("<int:pk>/resume/", sending.resume, name="resume"),
    path("<int:pk>/cancel/", sending.cancel, name="cancel"),
    path("<int:pk>/report/", report.report, name="report"),
    path("<int:pk>/people/<slug:kind>/", report.people, name="people"),
]
