"""Fields that an import needs: those that are there by label or key, and new ones."""

from accounts.models import Organisation
from lists.models import Field
from lists.parsers.columns import MAX_LABEL_CHARS, ColumnPlan
from lists.parsers.headers import EMAIL, NAME


def known_fields(organisation: Organisation) -> dict[str, str]:
    """Return label → key and key → key of the organisation's fields."""
    pairs = list(Field.objects.filter(organisation=organisation).values_list("label", "key"))
    return {key: key for _, key in pairs} | dict(pairs)


def ensure_fields(organisation: Organisation, plan: ColumnPlan) -> None:
    """Make the fields of a file that the organisation lacks, in the order of the columns."""
    last = Field.objects.filter(organisation=organisation).count()
    Field.objects.bulk_create(
        [
            Field(
                organisation=organisation,
                key=column.key,
                label=column.label[:MAX_LABEL_CHARS],
                position=min(last + number, 32_767),
            )
            for number, column in enumerate(plan.columns)
            if column.key not in {EMAIL, NAME}
        ],
        ignore_conflicts=True,
    )
