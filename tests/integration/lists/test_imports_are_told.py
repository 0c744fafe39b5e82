"""Members are told how an import ended; its page can be left meanwhile."""

import pytest

from accounts.models import Notification
from lists.models import ImportState
from tests.factories.lists import import_file, make_organisation

pytestmark = pytest.mark.django_db


def test_a_finished_import_is_told_with_its_numbers():
    row = import_file(make_organisation(), ["email", "a@example.jp", "b@example.jp", "not one"])
    (notice,) = Notification.objects.all()
    assert notice.kind == "import.finished"
    assert notice.params == {"file": "readers.csv", "created": 2, "errors": 1}
    assert notice.url == f"/o/{row.organisation.slug}/readers/imports/{row.pk}/"


def test_a_file_that_cannot_be_read_is_told_too():
    row = import_file(make_organisation(), b"PK\x03\x04 not a workbook", file_name="a.xlsx")
    assert row.state == ImportState.FAILED
    (notice,) = Notification.objects.all()
    assert (notice.kind, notice.params) == ("import.failed", {"file": "a.xlsx"})
