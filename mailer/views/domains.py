"""Sending domains of an organisation: add, see the records to publish, check them."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import MemberRequest, member_required
from mailer.engine.dns_records import DnsRecord, Finding, Purpose
from mailer.forms import DomainForm
from mailer.models import SendingDomain
from mailer.net.practice_dns import PracticeDnsError
from mailer.services import domains

_PURPOSES: dict[Purpose, str | Promise] = {
    Purpose.DKIM_RSA: gettext_lazy("Signature"),
    Purpose.DKIM_ED25519: gettext_lazy("Signature, newer kind"),
    Purpose.SPF: gettext_lazy("Proof of the sender"),
    Purpose.RETURN_PATH_SPF: gettext_lazy("Proof of the return path"),
    Purpose.RETURN_PATH_MX: gettext_lazy("Receiving bounces"),
    Purpose.DMARC: gettext_lazy("Against forgery"),
    Purpose.SENDER_MX: gettext_lazy("The domain exists"),
}
_FINDINGS: dict[str, tuple[str, str | Promise]] = {
    Finding.FOUND: ("ok", pgettext_lazy("record", "Found")),
    Finding.MISSING: ("warn", gettext_lazy("Not found yet")),
    Finding.WRONG: ("danger", gettext_lazy("The value differs")),
    Finding.TWICE: ("danger", gettext_lazy("There are two; both are void")),
    Finding.NO_ANSWER: ("warn", gettext_lazy("DNS does not answer")),
}
_REFUSALS: dict[str, str | Promise] = {
    "not-a-domain": gettext_lazy(
        "This is not a domain name. Nothing was added. Write it like mail.example.jp."
    ),
    "free-mail": gettext_lazy(
        "Receivers refuse newsletters that claim to come from this mail service, because only the service itself"
        " can sign for it. Nothing was added. Use a domain of your own."
    ),
    "exists": gettext_lazy("This domain is in your list already."),
}


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One record with what the last check found."""

    record: DnsRecord
    purpose: str | Promise
    kind: str
    word: str | Promise
    found: str

    @property
    def differs(self) -> bool:
        return self.kind == "danger"


@member_required("manage")
def domain_list(request: MemberRequest) -> HttpResponse:
    form = DomainForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            domain = domains.add_sending_domain(
                organisation=request.organisation,
                name=form.cleaned_data["name"],
                actor=request.user,
                now=timezone.now(),
            )
        except domains.DomainError as error:
            form.add_error("name", str(_REFUSALS[error.reason]))
        else:
            return redirect("mailer:domain", organisation=request.organisation.slug, pk=domain.pk)
    found = request.organisation.sending_domains.order_by("name")
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "mailer/domains.html", {"domains": found, "form": form}, status=status)


@member_required("manage")
def domain_detail(request: MemberRequest, pk: int) -> HttpResponse:
    domain = get_object_or_404(request.organisation.sending_domains, pk=pk)
    rows = _record_rows(domain)
    context = {
        "domain": domain,
        "rows": rows,
        "all_found": all(row.kind == "ok" for row in rows),
        "title": _title(domain, rows),
        "crumbs": [(_("Sending domains"), "../"), (domain.name, "")],
    }
    return render(request, "mailer/domain.html", context)


@require_POST
@member_required("manage")
def domain_check(request: MemberRequest, pk: int) -> HttpResponse:
    domain = get_object_or_404(request.organisation.sending_domains, pk=pk)
    checked = domains.check_domain(domain=domain, now=timezone.now())
    if checked.is_verified:
        messages.success(request, _("All records were found. You may send from this domain."))
    else:
        messages.info(request, _("Checked. The table shows what was found."))
    return redirect("mailer:domain", organisation=request.organisation.slug, pk=pk)


@require_POST
@member_required("manage")
def domain_publish(request: MemberRequest, pk: int) -> HttpResponse:
    """Practice only: write the records into the practice internet's DNS."""
    domain = get_object_or_404(
        request.organisation.sending_domains, pk=pk, organisation__kind="practice"
    )
    try:
        domains.publish_in_practice(domain=domain)
    except PracticeDnsError:
        messages.error(
            request,
            _(
                "The practice internet does not answer. Nothing was changed. Start it and try again."
            ),
        )
    else:
        domains.check_domain(domain=domain, now=timezone.now())
        messages.success(request, _("The records were published in the practice internet."))
    return redirect("mailer:domain", organisation=request.organisation.slug, pk=pk)


def _record_rows(domain: SendingDomain) -> list[RecordRow]:
    rows = []
    for record in domains.dns_records(domain):
        result = domain.check_result.get(record.purpose.value, {})
        kind, word = _FINDINGS.get(result.get("finding", ""), ("", gettext_lazy("Not checked yet")))
        rows.append(
            RecordRow(
                record, _PURPOSES[record.purpose], kind, word, "\n".join(result.get("found", ()))
            )
        )
    return rows


def _title(domain: SendingDomain, rows: list[RecordRow]) -> str:
    if domain.is_verified:
        return _("You may send from this domain")
    found = sum(row.kind == "ok" for row in rows)
    return ngettext(
        "%(found)d of %(all)d record was found", "%(found)d of %(all)d records were found", found
    ) % {"found": found, "all": len(rows)}
