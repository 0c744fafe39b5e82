"""Has an organisation readers?"""

from django.utils.translation import ngettext

from accounts.models import Organisation
from accounts.setup_steps import StepState
from lists.models import ReaderState


def readers_step(organisation: Organisation) -> StepState:
    count = organisation.readers.filter(state=ReaderState.ACTIVE).count()
    if not count:
        return StepState(is_done=False)
    words = ngettext("%(number)s active reader", "%(number)s active readers", count)
    return StepState(is_done=True, summary=words % {"number": f"{count:,}"})
