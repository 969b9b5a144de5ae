import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('places', '0013_kinds_and_levels'),
        ('sensing', '0023_vehicle_counts'),
    ]

    operations = [
        migrations.CreateModel(
            name='JournalFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(max_length=300, unique=True)),
                ('size', models.BigIntegerField()),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('month', models.CharField(max_length=7)),
                ('rows', models.BigIntegerField()),
                ('ended', models.BigIntegerField(default=0)),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('first_naming', models.BigIntegerField(null=True)),
                ('last_naming', models.BigIntegerField(null=True)),
                ('first_lead', models.TextField(db_collation='C')),
                ('last_lead', models.TextField(db_collation='C')),
                ('first_delivery', models.BigIntegerField()),
                ('last_delivery', models.BigIntegerField()),
                ('of', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sensing.datalist')),
            ],
            options={
                'ordering': ('of', 'month', 'path'),
                'indexes': [models.Index(fields=['of', 'month', 'first_at'], name='journal_file_of_month')],
            },
        ),
        migrations.CreateModel(
            name='Naming',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('written', models.CharField(max_length=400)),
                ('matched_by', models.PositiveSmallIntegerField(choices=[(1, 'By credit code'), (2, 'By permit number'), (3, 'By name'), (4, 'Decided by a person')], null=True)),
                ('asked', models.BooleanField(default=False)),
                ('enterprise', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.enterprise')),
                ('of', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sensing.datalist')),
                ('question', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sensing.writtenfirm')),
            ],
            options={
                'ordering': ('pk',),
                'indexes': [models.Index(condition=models.Q(('enterprise__isnull', False)), fields=['enterprise'], name='naming_matched')],
                'constraints': [models.UniqueConstraint(fields=('of', 'written'), name='one_naming_a_way_of_writing')],
            },
        ),
    ]
