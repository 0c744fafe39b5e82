"""Find what went wrong in a large mailing without reading what went well."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("mailer", "0002_ledger")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX mailer_delivery_notable ON mailer_delivery (mailing_id, state, reply_class, id)"
            " WHERE state IN (4, 11, 12, 14)",
            "DROP INDEX mailer_delivery_notable",
        )
    ]
