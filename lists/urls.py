"""Addresses of the readers' screens, below /o/<organisation>/readers/."""

from django.urls import path

from lists.views import imports, reader, readers

app_name = "lists"

urlpatterns = [
    path("", readers.reader_list, name="readers"),
    path("new/", readers.add, name="add"),
    path("import/", imports.upload, name="import"),
    path("imports/", imports.history, name="imports"),
    path("imports/<int:pk>/", imports.import_result, name="import_result"),
    path("imports/<int:pk>/errors/", imports.import_errors, name="import_errors"),
    path("<int:pk>/", reader.reader_detail, name="reader"),
    path("<int:pk>/edit/", reader.edit, name="edit"),
    path("<int:pk>/stop/", reader.stop, name="stop"),
    path("<int:pk>/resume/", reader.resume, name="resume"),
    path("<int:pk>/trash/", reader.trash, name="trash"),
    path("<int:pk>/restore/", reader.restore, name="restore"),
]
