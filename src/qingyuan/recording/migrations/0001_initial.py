from django.db import migrations, models

TABLE = """
CREATE TABLE recording_reading (
    channel_id integer NOT NULL,
    kind "char" NOT NULL,
    at timestamptz NOT NULL,
    value double precision,
    low double precision,
    high double precision,
    total double precision,
    mark "char" NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (channel_id, kind, at)
) PARTITION BY RANGE (at)
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("sensing", "0001_initial")]
    operations = [
        migrations.RunSQL(
            TABLE,
            "DROP TABLE recording_reading",
            state_operations=[
                migrations.CreateModel(
                    name="Reading",
                    fields=[
                        ("pk", models.CompositePrimaryKey("channel_id", "kind", "at", primary_key=True)),
                        (
                            "channel",
                            models.ForeignKey(
                                on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, to="sensing.channel"
                            ),
                        ),
                        ("kind", models.CharField(max_length=1)),
                        ("at", models.DateTimeField()),
                        ("value", models.FloatField(null=True)),
                        ("low", models.FloatField(null=True)),
                        ("high", models.FloatField(null=True)),
                        ("total", models.FloatField(null=True)),
                        ("mark", models.CharField(max_length=1)),
                        ("received_at", models.DateTimeField()),
                    ],
                    options={"db_table": "recording_reading", "managed": False},
                )
            ],
        )
    ]
