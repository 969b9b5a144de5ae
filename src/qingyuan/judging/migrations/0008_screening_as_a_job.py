from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    dependencies = [("judging", "0006_screening")]

    operations = [
        migrations.AlterField(
            model_name="screeningrun",
            name="state",
            field=models.CharField(
                choices=[("waiting", "Waiting"), ("running", "Running"), ("done", "Done"), ("failed", "Failed")],
                default="waiting",
                max_length=8,
            ),
        ),
        migrations.AddField("screeningrun", "known_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "screeningrun", "moved_at", models.DateTimeField(default=timezone.now), preserve_default=False
        ),
        migrations.AddField("screeningrun", "total", models.PositiveIntegerField(default=0)),
        # so far data were read when a run was asked for
        migrations.RunSQL(
            "UPDATE judging_screeningrun SET known_at = started_at, moved_at = coalesce(ended_at, started_at),"
            " total = looked_at",
            migrations.RunSQL.noop,
        ),
    ]
