"""Find what went wrong in a large mailing without reading what went well."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mailer", "0002_ledger")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX mailer_delivery_notable ON mailer_delivery (mailing_id, state, reply_class, id)"
            " WHERE state IN (4, 11, 12, 14)",
            "DROP INDEX mailer_delivery_notable",
        ),
        migrations.AddIndex(
            model_name="mailing",
            index=models.Index(
                condition=models.Q(("finished_at__isnull", True), ("state", "cancelled")),
                fields=["id"],
                name="mailing_being_cancelled",
            ),
        ),
        migrations.AlterField(
            model_name="destination",
            name="state",
            field=models.CharField(
                choices=[
                    ("resolved", "Receives mail"),
                    ("no_mail", "Accepts no mail"),
                    ("not_found", "Does not exist"),
                    ("forbidden", "Leads outside the allowed network"),
                    ("failing", "DNS does not answer"),
                ],
                max_length=10,
            ),
        ),
    ]
