import django.db.models.deletion
from django.db import migrations, models


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
    ]
