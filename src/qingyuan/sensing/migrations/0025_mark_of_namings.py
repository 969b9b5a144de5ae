from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sensing', '0024_lists_in_bulk'),
    ]

    operations = [
        migrations.AddField(
            model_name='datalist',
            name='namings_mark',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='datalist',
            name='namings_for',
            field=models.CharField(blank=True, default='', max_length=42),
            preserve_default=False,
        ),
    ]
