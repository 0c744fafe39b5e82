"""Make the event table, partitioned by time so that raw facts can be dropped by the month."""

from django.db import migrations

EVENTS = """
CREATE TABLE tracking_event (
    id              bigint      NOT NULL,
    at              timestamptz NOT NULL,
    mailing_id      bigint      NOT NULL,
    delivery_id     bigint      NOT NULL,
    link_index      integer,
    kind            smallint    NOT NULL,
    ip              inet,
    user_agent      text        NOT NULL DEFAULT '',
    verdict         text        NOT NULL,
    rule            text        NOT NULL DEFAULT '',
    PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);
CREATE INDEX tracking_event_of_delivery ON tracking_event (mailing_id, delivery_id, at);
-- The people behind one link of a report.
CREATE INDEX tracking_event_of_link ON tracking_event (mailing_id, link_index, delivery_id) WHERE kind = 2;
CREATE TABLE tracking_event_default PARTITION OF tracking_event DEFAULT;
"""

UNDO = """
DROP TABLE tracking_event;
"""


class Migration(migrations.Migration):
    dependencies = [("tracking", "0001_initial")]

    operations = [migrations.RunSQL(EVENTS, UNDO)]
