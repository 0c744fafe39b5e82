from lists.selectors.merge import MergeField, merge_fields, reader_merge_data
from lists.selectors.recipients import excluded_counts, recipient_count, recipients_query

__all__ = [
    "MergeField",
    "excluded_counts",
    "merge_fields",
    "reader_merge_data",
    "recipient_count",
    "recipients_query",
]
