"""Readers, lists and imports for tests: plain functions, visible defaults."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.core.files.base import ContentFile

from accounts.models import Organisation, OrganisationKind
from lists.models import (
    ConsentBasis,
    Reader,
    ReaderImport,
    ReaderList,
    ReaderState,
    Subscription,
    SubscriptionState,
)
from lists.services.default_list import ensure_default_list
from lists.services.imports import create_import, run_import
from mailer.engine.address import clean_address
from mailer.keys import key_of

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)

_numbers = count(1)


def make_organisation(**fields: Any) -> Organisation:
    number = next(_numbers)
    defaults = {
        "name": f"Shop {number}",
        "slug": f"shop-{number}",
        "kind": OrganisationKind.PRACTICE,
    }
    return Organisation.objects.create(**{**defaults, **fields})


def make_list(organisation: Organisation, name: str = "") -> ReaderList:
    """The default list, or another one by name."""
    if not name:
        return ensure_default_list(organisation)
    return ReaderList.objects.create(organisation=organisation, name=name)


def make_reader(
    organisation: Organisation, address: str = "", *, state: str = ReaderState.ACTIVE, **fields: Any
) -> Reader:
    clean = clean_address(address or f"reader{next(_numbers)}@example.jp")
    return Reader.objects.create(
        organisation=organisation,
        address=clean.address,
        normalised=clean.normalised,
        address_key=key_of(clean.normalised),
        domain=clean.domain,
        state=state,
        created_at=NOW,
        **fields,
    )


def make_subscriber(
    organisation: Organisation,
    address: str = "",
    *,
    reader_list: ReaderList | None = None,
    basis: str = ConsentBasis.CONSENT,
    subscription: str = SubscriptionState.SUBSCRIBED,
    **fields: Any,
) -> Reader:
    """A reader on a list; the default list unless another is given."""
    reader = make_reader(organisation, address, **fields)
    Subscription.objects.create(
        reader=reader,
        list=reader_list or ensure_default_list(organisation),
        basis=basis,
        state=subscription,
        since=NOW,
    )
    return reader


def make_import(
    organisation: Organisation,
    content: bytes | str | Sequence[str],
    *,
    reader_list: ReaderList | None = None,
    basis: str = ConsentBasis.CONSENT,
    evidence: str = "店頭の申込書",
    file_name: str = "readers.csv",
) -> ReaderImport:
    """An import that waits. Text is written as UTF-8; a sequence is joined as lines."""
    if not isinstance(content, bytes | str):
        content = "\n".join(content)
    data = content.encode() if isinstance(content, str) else content
    return create_import(
        organisation=organisation,
        reader_list=reader_list or ensure_default_list(organisation),
        file=ContentFile(data),
        file_name=file_name,
        basis=ConsentBasis(basis),
        evidence=evidence,
        actor=None,
        now=NOW,
        in_background=False,
    )


def import_file(
    organisation: Organisation, content: bytes | str | Sequence[str], **fields: Any
) -> ReaderImport:
    """An import that has run."""
    row = make_import(organisation, content, **fields)
    run_import(row.pk, NOW)
    row.refresh_from_db()
    return row


def outcome_of(row: ReaderImport) -> dict[str, Any]:
    """The counts of an import that are not zero."""
    names = ("read", "created", "updated", "unchanged", "duplicates", "excluded", "errors")
    return {name: getattr(row, name) for name in names if getattr(row, name)}


def workbook(rows: Sequence[Sequence[str | int | float]], *, hidden_first: bool = False) -> bytes:
    """A minimal .xlsx of inline strings and numbers."""
    import zipfile

    def cell(value: str | int | float) -> str:
        if isinstance(value, str):
            text = value.replace("&", "&amp;").replace("<", "&lt;")
            return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    def sheet(lines: Sequence[Sequence[str | int | float]]) -> str:
        body = "".join(f"<row>{''.join(map(cell, line))}</row>" for line in lines)
        return (
            '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/'
            f'spreadsheetml/2006/main"><sheetData>{body}</sheetData></worksheet>'
        )

    sheets = [("メモ", "hidden", [["秘密"]]), ("読者", "visible", rows)]
    sheets = sheets if hidden_first else sheets[1:]
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006/relationships"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        numbered = list(enumerate(sheets, start=1))
        overrides = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="application/vnd.'
            'openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
            for n, _ in numbered
        )
        file.writestr(
            "[Content_Types].xml",
            '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
            'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
            'package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="'
            'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
            f"{overrides}</Types>",
        )
        file.writestr(
            "_rels/.rels",
            f'<?xml version="1.0"?><Relationships xmlns="{packages}"><Relationship Id="rId1"'
            f' Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        names = "".join(
            f'<sheet name="{name}" sheetId="{n}" state="{state}" r:id="rId{n}"/>'
            for n, (name, state, _) in numbered
        )
        file.writestr(
            "xl/workbook.xml",
            f'<?xml version="1.0"?><workbook xmlns="{main}" xmlns:r="{relations}">'
            f"<sheets>{names}</sheets></workbook>",
        )
        links = "".join(
            f'<Relationship Id="rId{n}" Type="{relations}/worksheet"'
            f' Target="worksheets/sheet{n}.xml"/>'
            for n, _ in numbered
        )
        file.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<?xml version="1.0"?><Relationships xmlns="{packages}">{links}</Relationships>',
        )
        for n, (_, _, lines) in numbered:
            file.writestr(f"xl/worksheets/sheet{n}.xml", sheet(lines))
    return buffer.getvalue()
