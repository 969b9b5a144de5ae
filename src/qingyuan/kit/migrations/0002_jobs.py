from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("kit", "0001_initial"), ("procrastinate", "0041_post_retry_failed_job"))

    operations = (
        migrations.CreateModel(
            name="Job",
            fields=[],
            options={
                "verbose_name": "Job of the worker",
                "verbose_name_plural": "Jobs of the worker",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("procrastinate.procrastinatejob",),
        ),
    )
