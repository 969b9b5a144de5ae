import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("places", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="station",
            name="reference_oxygen",
            field=models.FloatField(
                blank=True,
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(0.0),
                    django.core.validators.MaxValueValidator(20.9),
                ],
                verbose_name="Reference oxygen content (%)",
                help_text="Only where the permit says otherwise than the standard that binds the station.",
            ),
        )
    ]
