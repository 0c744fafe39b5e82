"""Make the event table, partitioned by time so that raw facts can be dropped by the month."""

from django.db import migrations

EVENTS = """
CREATE SEQUENCE tracking_event_id_seq AS bigint CACHE 100;
CREATE TABLE tracking_event (
    id              bigint      NOT NULL DEFAULT nextval('tracking_event_id_seq'),
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
CREATE TABLE tracking_event_default PARTITION OF tracking_event DEFAULT;
"""

UNDO = """
DROP TABLE tracking_event;
DROP SEQUENCE tracking_event_id_seq;
"""


class Migration(migrations.Migration):
    dependencies = [("tracking", "0001_initial")]

    operations = [migrations.RunSQL(EVENTS, UNDO)]
