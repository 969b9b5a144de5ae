import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# One row a reading that an import made or changed; what stood there before, or no `received_at` where nothing did.
LEDGER = """
CREATE TABLE recording_importedreading (
    import_id bigint NOT NULL,
    channel_id integer NOT NULL,
    kind "char" NOT NULL,
    at timestamptz NOT NULL,
    value double precision,
    low double precision,
    high double precision,
    total double precision,
    mark "char",
    received_at timestamptz,
    PRIMARY KEY (import_id, channel_id, kind, at)
)
"""


def _person(**more: object) -> models.Field:
    return models.ForeignKey(related_name="+", to=settings.AUTH_USER_MODEL, **more)


class Migration(migrations.Migration):
    dependencies = [
        ("recording", "0004_streams"),
        ("sensing", "0010_packets_by_segment"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="ImportDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("body", models.BinaryField()),
                ("size", models.BigIntegerField()),
                ("layout", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("owner", _person(on_delete=django.db.models.deletion.CASCADE)),
            ],
            options={"ordering": ("-pk",)},
        ),
        migrations.CreateModel(
            name="Import",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("segment", models.BigIntegerField(null=True)),
                ("name", models.CharField(max_length=200)),
                ("size", models.BigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("layout", models.JSONField(default=dict)),
                ("made_at", models.DateTimeField()),
                ("new", models.PositiveIntegerField(default=0)),
                ("changed", models.PositiveIntegerField(default=0)),
                ("unchanged", models.PositiveIntegerField(default=0)),
                ("repeated", models.PositiveIntegerField(default=0)),
                ("fault_counts", models.JSONField(default=dict)),
                ("faults", models.BinaryField(default=bytes)),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_why", models.TextField(blank=True)),
                ("removed", models.PositiveIntegerField(default=0)),
                ("restored", models.PositiveIntegerField(default=0)),
                ("kept", models.PositiveIntegerField(default=0)),
                (
                    "feed",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sensing.feed"
                    ),
                ),
                ("made_by", _person(null=True, on_delete=django.db.models.deletion.PROTECT)),
                ("undone_by", _person(null=True, on_delete=django.db.models.deletion.PROTECT)),
            ],
            options={"ordering": ("-pk",)},
        ),
        migrations.RunSQL(LEDGER, "DROP TABLE recording_importedreading"),
    ]
