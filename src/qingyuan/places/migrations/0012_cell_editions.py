import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import qingyuan.places.geometry
from django.db import migrations, models
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange


def keep(apps, schema_editor):
    """What is drawn holds, as far as is known, since ever."""
    edition = apps.get_model("places", "CellEdition")
    edition.objects.bulk_create(
        edition(
            cell=one, title_zh=one.title_zh, title_en=one.title_en, shape=one.shape, bounds=one.bounds,
            valid=DateRange(None, None), known=DateTimeTZRange(None, None),
        )
        for one in apps.get_model("places", "GridCell").objects.order_by("pk")
    )


class Migration(migrations.Migration):

    dependencies = [
        ('places', '0011_outfalls'),
    ]

    operations = [
        migrations.CreateModel(
            name='CellEdition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title_zh', models.CharField(max_length=120, verbose_name='Title (Chinese)')),
                ('title_en', models.CharField(max_length=120, verbose_name='Title (English)')),
                ('shape', models.BinaryField()),
                ('bounds', qingyuan.places.geometry.BoxField()),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='Valid')),
                ('known', django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name='Known')),
                ('cell', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.gridcell', verbose_name='Grid cell')),
            ],
            options={
                'verbose_name': 'Drawing of a grid cell',
                'verbose_name_plural': 'Drawings of grid cells',
                'indexes': [django.contrib.postgres.indexes.GistIndex(fields=['bounds'], name='celledition_bounds')],
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('cell', '='), ('valid', '&&'), ('known', '&&')], name='one_drawing_of_a_cell_at_a_time')],
            },
        ),
        migrations.RunPython(keep, migrations.RunPython.noop),
    ]
