from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("recording", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="SealedDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("kind", models.CharField(max_length=1)),
                ("rows", models.BigIntegerField()),
                ("checksum", models.CharField(max_length=16)),
                ("version", models.BigIntegerField()),
                ("sealed_at", models.DateTimeField()),
                ("restored_at", models.DateTimeField(null=True)),
                ("expired_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "day"), name="sealed_day_once")],
            },
        ),
        migrations.CreateModel(
            name="Sealing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField(unique=True)),
                ("day", models.DateField()),
                ("fingerprint", models.CharField(max_length=64)),
                ("holds", models.JSONField()),
                ("begun_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("landed", models.BooleanField(default=False)),
            ],
        ),
    ]
