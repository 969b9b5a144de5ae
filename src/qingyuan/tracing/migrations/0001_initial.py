from datetime import date

import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.postgresql.psycopg_any import DateRange


RULES = (
    ("surface-water", "exceedance", "upstream"),
    ("surface-water", "water_event", "upstream"),
    ("surface-water", "upstream_balance", "upstream"),
    ("ambient-air", "exceedance", "upwind"),
    ("ambient-air", "night_source", "upwind"),
)


def enter(apps, schema_editor):
    """Sources are sought of what is found where none stands, until a bureau says otherwise."""
    for station_kind, detector, tracer in RULES:
        apps.get_model("tracing", "TraceRule").objects.create(
            station_kind=station_kind, detector=detector, tracer=tracer, valid=DateRange(date(2020, 1, 1), None)
        )


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('judging', '0009_suspected_problems'),
        ('places', '0011_outfalls'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Trace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tracer', models.CharField(max_length=40)),
                ('edition', models.JSONField(default=dict)),
                ('made_at', models.DateTimeField()),
                ('unknown', models.FloatField()),
                ('cannot_tell_zh', models.TextField(blank=True)),
                ('cannot_tell_en', models.TextField(blank=True)),
                ('sentence_zh', models.TextField()),
                ('sentence_en', models.TextField()),
                ('look_next', models.CharField(blank=True, max_length=60)),
                ('finding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='judging.finding')),
            ],
            options={
                'ordering': ('-pk',),
            },
        ),
        migrations.CreateModel(
            name='Suspect',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=60)),
                ('name_zh', models.CharField(max_length=120)),
                ('name_en', models.CharField(max_length=120)),
                ('rank', models.PositiveSmallIntegerField()),
                ('probability', models.FloatField()),
                ('travel_hours', models.FloatField(null=True)),
                ('is_estimated', models.BooleanField(default=False)),
                ('distance_m', models.FloatField(null=True)),
                ('evidence', models.JSONField(default=list)),
                ('enterprise', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.enterprise')),
                ('outfall', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.outfall')),
                ('trace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='suspects', to='tracing.trace')),
            ],
            options={
                'ordering': ('trace', 'rank'),
            },
        ),
        migrations.CreateModel(
            name='NamedSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=60)),
                ('name_zh', models.CharField(max_length=120)),
                ('name_en', models.CharField(max_length=120)),
                ('probability', models.FloatField(null=True)),
                ('rank', models.PositiveSmallIntegerField(null=True)),
                ('why', models.TextField(blank=True)),
                ('named_at', models.DateTimeField()),
                ('outcome', models.CharField(blank=True, choices=[('', 'not settled'), ('confirmed', 'it was the source'), ('refuted', 'it was not the source')], default='', max_length=12)),
                ('settled_at', models.DateTimeField(null=True)),
                ('enterprise', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.enterprise')),
                ('finding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='judging.finding')),
                ('named_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('outfall', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.outfall')),
                ('settled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('trace', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tracing.trace')),
            ],
            options={
                'ordering': ('-pk',),
            },
        ),
        migrations.CreateModel(
            name='TraceRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('station_kind', models.CharField(blank=True, choices=[('outlet-water', 'Waste-water outlet'), ('outlet-gas', 'Stack outlet'), ('surface-water', 'Surface-water station'), ('ambient-air', 'Ambient-air station'), ('power-meter', 'Electricity meter'), ('working-state', 'Working-condition point')], max_length=16, verbose_name='Kind of station')),
                ('detector', models.CharField(max_length=40, verbose_name='Detector')),
                ('tracer', models.CharField(max_length=40, verbose_name='Tracer')),
                ('parameters', models.JSONField(blank=True, default=dict, verbose_name='Parameters')),
                ('enabled', models.BooleanField(default=True, verbose_name='Enabled')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='Valid')),
                ('station', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='places.station', verbose_name='Station')),
            ],
            options={
                'verbose_name': 'Rule of tracing',
                'verbose_name_plural': 'Rules of tracing',
                'ordering': ('pk',),
            },
        ),
        migrations.AddIndex(
            model_name='trace',
            index=models.Index(fields=['finding', '-id'], name='traces_of_finding'),
        ),
        migrations.AddConstraint(
            model_name='suspect',
            constraint=models.UniqueConstraint(fields=('trace', 'source'), name='one_suspect_a_source'),
        ),
        migrations.AddIndex(
            model_name='namedsource',
            index=models.Index(fields=['finding', '-id'], name='named_for_finding'),
        ),
        migrations.RunPython(enter, migrations.RunPython.noop),
    ]
