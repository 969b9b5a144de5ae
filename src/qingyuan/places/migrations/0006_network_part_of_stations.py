import django.db.models.deletion
from django.db import migrations, models

KEY = "network"
DEFAULTS = {"body": "river", "section": "", "drinking_source": False, "background": False}


def carry_over(apps, schema_editor):
    """Out of the properties, which belong to whoever delivers the data, into columns; what cannot be right stays out."""
    station = apps.get_model("places", "Station")
    for described in apps.get_model("places", "StationDescription").objects.filter(properties__has_key=KEY):
        told = described.properties[KEY]
        if not isinstance(told, dict) or not set(told) <= set(DEFAULTS):
            continue  # a sender's own word of the same name
        known = {
            name: value
            for name, value in told.items()
            if value in [one for one, _label in station._meta.get_field(name).choices or ((True, ""), (False, ""))]
        }
        station.objects.filter(pk=described.pk).update(**known)
        del described.properties[KEY]
        described.save(update_fields=["properties"])


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0002_presence'),
        ('places', '0005_papers'),
    ]

    operations = [
        migrations.AddField(
            model_name='station',
            name='body',
            field=models.CharField(choices=[('river', 'River'), ('lake', 'Lake or reservoir')], default='river', max_length=8, verbose_name='Kind of surface water'),
        ),
        migrations.AddField(
            model_name='station',
            name='section',
            field=models.CharField(blank=True, choices=[('', 'none'), ('national', 'National section'), ('provincial', 'Provincial section'), ('municipal', 'Municipal section')], default='', max_length=12, verbose_name='Key section'),
        ),
        migrations.AddField(
            model_name='station',
            name='drinking_source',
            field=models.BooleanField(default=False, verbose_name='Drinking-water source'),
        ),
        migrations.AddField(
            model_name='station',
            name='background',
            field=models.BooleanField(default=False, verbose_name='Background point'),
        ),
        migrations.AlterField(
            model_name='enterprise',
            name='organisation',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation', verbose_name='Organisation'),
        ),
        migrations.AlterField(
            model_name='station',
            name='enterprise',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.enterprise', verbose_name='Enterprise'),
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
    ]
