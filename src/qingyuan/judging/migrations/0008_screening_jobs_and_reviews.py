import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    dependencies = [
        ("judging", "0007_settled_types"),
        ("places", "0006_network_part_of_stations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

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
        migrations.AddField("screening", "enters", models.PositiveSmallIntegerField(default=0)),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("why", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("known_at", models.DateTimeField(null=True)),
                ("moved_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"), ("running", "Running"), ("done", "Done"), ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("blind", models.JSONField(default=list)),
                ("error", models.TextField(blank=True)),
                (
                    "enterprise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.enterprise"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={"ordering": ("-made_at", "-pk")},
        ),
        migrations.CreateModel(
            name="ReviewedFinding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("anew", models.BooleanField()),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="judging.finding"
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="judging.review"
                    ),
                ),
            ],
            options={
                "ordering": ("finding__started_at", "pk"),
                "constraints": [
                    models.UniqueConstraint(fields=("review", "finding"), name="one_word_of_a_review"),
                ],
            },
        ),
    ]
