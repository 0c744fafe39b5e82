"""Addresses of the delivery screens: an organisation's domains, the installation's source IPs."""

from django.urls import path

from mailer.views import domains, mailbox, sources

app_name = "mailer"

urlpatterns = [
    path("o/<slug:organisation>/domains/", domains.domain_list, name="domains"),
    path("o/<slug:organisation>/domains/<int:pk>/", domains.domain_detail, name="domain"),
    path(
        "o/<slug:organisation>/domains/<int:pk>/check/", domains.domain_check, name="domain_check"
    ),
    path(
        "o/<slug:organisation>/domains/<int:pk>/publish/",
        domains.domain_publish,
        name="domain_publish",
    ),
    path("o/<slug:organisation>/mailbox/", mailbox.mailbox, name="mailbox"),
    path(
        "o/<slug:organisation>/mailbox/<int:pk>/", mailbox.mailbox_message, name="mailbox_message"
    ),
    path(
        "o/<slug:organisation>/mailbox/<int:pk>/frame/", mailbox.mailbox_frame, name="mailbox_frame"
    ),
    path("o/<slug:organisation>/mailbox/<int:pk>/raw/", mailbox.mailbox_raw, name="mailbox_raw"),
    path("system/sources/", sources.source_list, name="sources"),
    path("system/sources/<int:pk>/", sources.source_edit, name="source"),
    path("system/sources/<int:pk>/limits/", sources.limit_save, name="limit_save"),
]
