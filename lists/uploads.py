"""Keeping uploads beyond the limit off the disk."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

# A form around the file: its other fields and the multipart boundaries.
_FORM_BYTES = 1024 * 1024


class BoundedUploadHandler(FileUploadHandler):
    """The first of FILE_UPLOAD_HANDLERS: a request that is too long has its files passed over.

    The form then has no file; `is_too_long` tells the view why.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.request is not None and is_too_long(self.request.META):
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def is_too_long(meta: dict[str, Any]) -> bool:
    """Say whether a request's declared length is beyond what an import may have."""
    try:
        length = int(meta.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return True
    return length > settings.IMPORT_MAX_BYTES + _FORM_BYTES
