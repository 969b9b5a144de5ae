from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('places', '0008_permits_from_spreadsheets'),
    ]

    operations = [
        migrations.AddField(
            model_name='station',
            name='purpose',
            field=models.CharField(blank=True, choices=[('', 'Assessment or background point'), ('superstation', 'Superstation'), ('photochemical', 'Photochemical component station'), ('transport', 'Transport-channel station')], default='', max_length=16, verbose_name='Purpose of an air station'),
        ),
    ]
