import django.db.models.deletion
from django.db import migrations, models


# of senders that stand already, this day counts from here
NOTE_WHAT_CAME = """
INSERT INTO sensing_daystart (sender, day, packets)
SELECT s.sender, (now() AT TIME ZONE 'Asia/Shanghai')::date, s.packets
FROM (SELECT mn AS sender, packets FROM sensing_device UNION ALL SELECT 'feed:' || code, packets FROM sensing_feed) s
"""


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_contacts"),
        ("sensing", "0016_cameras"),
    ]

    operations = [
        migrations.AddField(
            model_name="device",
            name="department",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty where it is that of the enterprise at whose station it stands, or else of the bureau itself.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.organisation",
                verbose_name="Source department",
            ),
        ),
        migrations.AddField(
            model_name="feed",
            name="department",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.organisation",
                verbose_name="Source department",
            ),
        ),
        migrations.AddField(
            model_name="feed",
            name="every_minutes",
            field=models.PositiveIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.CreateModel(
            name="DayStart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sender", models.CharField(max_length=64, unique=True)),
                ("day", models.DateField()),
                ("packets", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(NOTE_WHAT_CAME, migrations.RunSQL.noop),
    ]
