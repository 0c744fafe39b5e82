"""How far has an organisation come towards its first sent campaign?"""

from accounts.models import Organisation
from accounts.setup_steps import StepState
from campaigns.models import CampaignState

_ON_THE_WAY = (
    CampaignState.SCHEDULED,
    CampaignState.PREPARING,
    CampaignState.SENDING,
    CampaignState.PAUSED,
    CampaignState.SENT,
)


def campaign_step(organisation: Organisation) -> StepState:
    written = organisation.campaigns.exclude(html="", text="").order_by("pk").first()
    return StepState(is_done=written is not None, summary=written.name if written else "")


def send_step(organisation: Organisation) -> StepState:
    sent = organisation.campaigns.filter(state__in=_ON_THE_WAY).order_by("pk").first()
    return StepState(is_done=sent is not None, summary=sent.name if sent else "")
