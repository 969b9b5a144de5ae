import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

CORRECTION = """
CREATE TABLE recording_correction (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel_id integer NOT NULL,
    kind "char" NOT NULL,
    at timestamptz NOT NULL,
    value double precision,
    low double precision,
    high double precision,
    total double precision,
    mark "char" NOT NULL,
    received_at timestamptz NOT NULL,
    replaced_at timestamptz NOT NULL
);
CREATE INDEX correction_of_reading ON recording_correction (channel_id, kind, at, received_at)
"""
# Half of every page is left free, so that a newer value finds its place beside the old one and no index has to change.
LATEST = """
CREATE TABLE recording_latest (
    channel_id integer NOT NULL,
    kind "char" NOT NULL,
    at timestamptz NOT NULL,
    value double precision,
    mark "char" NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (channel_id, kind)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05)
"""
FILL = """
INSERT INTO recording_latest
SELECT DISTINCT ON (channel_id, kind) channel_id, kind, at, value, mark, received_at
FROM recording_reading ORDER BY channel_id, kind, at DESC
"""


class Migration(migrations.Migration):
    dependencies = [
        ("recording", "0002_lake"),
        ("places", "0002_reference_oxygen"),
        ("sensing", "0002_dialects"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.RunSQL(CORRECTION, "DROP TABLE recording_correction"),
        migrations.RunSQL(LATEST, "DROP TABLE recording_latest"),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="MeansDone",
            fields=[
                ("kind", models.CharField(max_length=1, primary_key=True, serialize=False)),
                ("up_to", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Disagreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=1)),
                ("at", models.DateTimeField()),
                ("sent", models.FloatField()),
                ("computed", models.FloatField()),
                ("share", models.FloatField()),
                ("tolerance", models.FloatField()),
                ("found_at", models.DateTimeField()),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sensing.channel"
                    ),
                ),
            ],
            options={
                "ordering": ("-at", "channel"),
                "constraints": [
                    models.UniqueConstraint(fields=("channel", "kind", "at"), name="one_disagreement_a_period")
                ],
            },
        ),
        migrations.CreateModel(
            name="MarkedSpan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("counts_until", models.DateTimeField()),
                ("code", models.CharField(max_length=32)),
                ("letter", models.CharField(blank=True, max_length=1)),
                ("reason", models.TextField()),
                ("evidence_name", models.CharField(blank=True, max_length=160)),
                ("evidence_sha256", models.CharField(blank=True, max_length=64)),
                ("marked_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_why", models.TextField(blank=True)),
                (
                    "channels",
                    models.ManyToManyField(related_name="+", to="sensing.channel"),
                ),
                (
                    "marked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.station"
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-starts_at", "-id"),
                "indexes": [models.Index(fields=("station", "starts_at"), name="mark_of_station")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(ends_at__gt=models.F("starts_at")), name="a_mark_ends_after_it_starts"
                    )
                ],
            },
        ),
    ]
