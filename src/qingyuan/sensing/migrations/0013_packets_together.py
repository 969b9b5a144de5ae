from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sensing', '0012_retained_samples'),
    ]

    operations = [
        migrations.AddField(
            model_name='rawpacket',
            name='packets',
            field=models.PositiveIntegerField(db_default=1),
        ),
    ]
