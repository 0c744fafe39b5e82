"""Addresses under /o/<organisation>/: members and settings."""

from django.urls import path

from accounts.views import members, settings

app_name = "accounts"
urlpatterns = [
    path("members/", members.members, name="members"),
    path("members/add/", members.add, name="member_add"),
    path("members/<int:pk>/role/", members.change_role, name="member_role"),
    path("members/<int:pk>/remove/", members.remove, name="member_remove"),
    path("members/<int:pk>/link/", members.new_link, name="member_link"),
    path("settings/", settings.settings, name="settings"),
]
