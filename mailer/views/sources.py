"""Source IPs and their daily limits per provider. For system administrators only."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, system_admin_required
from accounts.services.audit import record_act
from mailer.forms import LaneLimitForm, SourceForm
from mailer.models import SourceIP
from mailer.selectors.lanes import lanes_of_today


@system_admin_required
def source_list(request: SignedInRequest) -> HttpResponse:
    day = timezone.localdate()
    return render(request, "mailer/sources.html", {"pools": lanes_of_today(day=day), "day": day})


@system_admin_required
def source_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    source = get_object_or_404(SourceIP.objects.select_related("pool"), pk=pk)
    form = SourceForm(request.POST or None, instance=source)
    if request.method == "POST" and form.is_valid():
        form.save()
        record_act(
            organisation=None,
            actor=request.user,
            verb="source.changed",
            target=f"source:{source.pk}",
            data={name: form.cleaned_data[name] for name in form.changed_data},
        )
        messages.success(request, _("Saved. It holds from the next message on."))
        return redirect("mailer:sources")
    context = {
        "source": source,
        "form": form,
        "limit_form": LaneLimitForm(),
        "limits": source.limits.order_by("provider"),
        "crumbs": [(_("IP warmup"), "../"), (source.address, "")],
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "mailer/source.html", context, status=status)


@require_POST
@system_admin_required
def limit_save(request: SignedInRequest, pk: int) -> HttpResponse:
    """Set or clear the daily limit of one provider on one source IP."""
    source = get_object_or_404(SourceIP, pk=pk)
    form = LaneLimitForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The limit was not saved: give a provider and a whole number."))
        return redirect("mailer:source", pk=pk)
    provider, cap = form.cleaned_data["provider"].strip().lower(), form.cleaned_data["daily_cap"]
    source.limits.update_or_create(provider=provider, defaults={"daily_cap": cap})
    record_act(
        organisation=None,
        actor=request.user,
        verb="source.limit_changed",
        target=f"source:{source.pk}",
        data={"provider": provider, "daily_cap": cap},
    )
    messages.success(request, _("Saved. It holds from the next message on."))
    return redirect("mailer:source", pk=pk)
