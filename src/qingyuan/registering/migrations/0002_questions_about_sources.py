"""Questions about several sources; pairs without one are noted and not asked."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registering", "0001_fixed_sources")]

    operations = [
        migrations.CreateModel(
            name="Question",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("gain", models.FloatField()),
                ("asked_at", models.DateTimeField()),
            ],
            options={
                "ordering": ("-gain", "pk"),
                "indexes": [models.Index(fields=["-gain", "id"], name="question_by_gain")],
            },
        ),
        migrations.AddField(
            model_name="pair",
            name="question",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="pairs",
                to="registering.question",
            ),
        ),
    ]
