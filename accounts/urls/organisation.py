"""Addresses under /o/<organisation>/: members, settings, search, notices."""

from django.urls import path

from accounts.views import members, notifications, search, settings

app_name = "accounts"
urlpatterns = [
    path("members/", members.members, name="members"),
    path("members/add/", members.add, name="member_add"),
    path("members/<int:pk>/role/", members.change_role, name="member_role"),
    path("members/<int:pk>/remove/", members.remove, name="member_remove"),
    path("members/<int:pk>/link/", members.new_link, name="member_link"),
    path("settings/", settings.settings, name="settings"),
    path("search/", search.search, name="search"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/seen/", notifications.mark_seen, name="notifications_seen"),
]
