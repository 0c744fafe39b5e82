"""Turns what a receiver said, or did not say, into the outcome of one row.

The reply code says whether to try again, the classifier why. A refusal before any message was offered (greeting,
EHLO) speaks about us and not about this reader, so it is never final; neither is one about our authentication.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings

from mailer.engine.replies import Verdict, classify
from mailer.engine.retry import Expired, next_attempt
from mailer.engine.smtp_reply import Reply
from mailer.engine.vocabulary import ReplyClass, Scope, Stage
from mailer.models import DeliveryState
from mailer.services.lease import Lease
from mailer.services.outcome import AttemptFacts, Outcome

_ABOUT_US = {Stage.DNS, Stage.CONNECT, Stage.EHLO, Stage.STARTTLS}

NETWORK = Verdict(ReplyClass.NETWORK, Scope.NONE, False, False, None, "network")


@dataclass(frozen=True, slots=True)
class Judged:
    """An outcome with the verdict that led to it, for whoever steers the lanes."""

    outcome: Outcome
    verdict: Verdict | None


def judge_reply(
    *, lease: Lease, reply: Reply, where: AttemptFacts, expires_at: datetime, now: datetime
) -> Judged:
    """Return what a reply means for the row; `where` says with whom we spoke and how long."""
    facts = replace(
        where,
        stage=reply.stage,
        reply_code=reply.code,
        enhanced_code=reply.enhanced,
        reply_text=reply.text,
    )
    if reply.is_positive:
        facts = replace(facts, reply_class=ReplyClass.ACCEPTED)
        return Judged(Outcome(lease, DeliveryState.ACCEPTED, now, facts), None)
    verdict = classify(reply.code, reply.enhanced, reply.text, reply.stage, lease.provider)
    facts = replace(facts, reply_class=verdict.reply_class, rule=verdict.rule)
    if verdict.is_permanent and not _may_pass(verdict, reply.stage):
        outcome = Outcome(
            lease, DeliveryState.FAILED, now, facts, may_suppress=verdict.may_suppress
        )
        return Judged(outcome, verdict)
    return Judged(later(lease, facts, expires_at, now, verdict.retry_after_s), verdict)


def judge_silence(
    *,
    lease: Lease,
    stage: Stage,
    words: str,
    where: AttemptFacts,
    expires_at: datetime,
    now: datetime,
) -> Judged:
    """Return what a failure without a reply means: connection refused or lost, DNS silent."""
    facts = replace(
        where, stage=stage, reply_text=words, reply_class=ReplyClass.NETWORK, rule=NETWORK.rule
    )
    return Judged(later(lease, facts, expires_at, now, None), NETWORK)


def judge_impossible(
    *,
    lease: Lease,
    stage: Stage,
    words: str,
    reply_class: ReplyClass,
    where: AttemptFacts,
    now: datetime,
) -> Judged:
    """Return the failure of a message that this receiver can never take, found before it was offered."""
    facts = replace(
        where, stage=stage, reply_text=words, reply_class=reply_class, rule="impossible"
    )
    return Judged(Outcome(lease, DeliveryState.FAILED, now, facts), None)


def later(
    lease: Lease,
    facts: AttemptFacts,
    expires_at: datetime,
    now: datetime,
    retry_after_s: int | None,
) -> Outcome:
    """Return a deferral, or the failure of a message that no further attempt fits for."""
    speed = 100 / settings.RETRY_FACTOR_PERCENT
    due = next_attempt(
        attempts=lease.attempts + 1,
        first_at=now,
        now=now,
        retry_after_s=retry_after_s,
        # The mailing's own expiry bounds it; waiting is made shorter by `speed`, the expiry is not.
        expiry_s=max(0, int((expires_at - now).total_seconds() * speed)),
        seed=lease.id,
        speed=speed,
    )
    if isinstance(due, Expired):
        expired = replace(facts, reply_class=ReplyClass.EXPIRED)
        return Outcome(lease, DeliveryState.FAILED, now, expired)
    return Outcome(lease, DeliveryState.DEFERRED, now, facts, next_at=due)


def _may_pass(verdict: Verdict, stage: Stage) -> bool:
    return stage in _ABOUT_US or verdict.reply_class is ReplyClass.AUTHENTICATION
