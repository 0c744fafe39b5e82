from lists.models.activity import ReaderActivity
from lists.models.consents import ConsentAct, ConsentBasis, ConsentRecord
from lists.models.fields import Field, FieldKind
from lists.models.imports import ImportErrorRow, ImportState, ReaderImport
from lists.models.readers import Reader, ReaderState
from lists.models.subscriptions import ReaderList, Subscription, SubscriptionState

__all__ = [
    "ConsentAct",
    "ConsentBasis",
    "ConsentRecord",
    "Field",
    "FieldKind",
    "ImportErrorRow",
    "ImportState",
    "Reader",
    "ReaderActivity",
    "ReaderImport",
    "ReaderList",
    "ReaderState",
    "Subscription",
    "SubscriptionState",
]
