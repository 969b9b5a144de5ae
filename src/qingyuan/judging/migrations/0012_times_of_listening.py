from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('judging', '0011_kinds_that_move'),
    ]

    operations = [
        migrations.CreateModel(
            name='Listening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('began_at', models.DateTimeField()),
                ('last_at', models.DateTimeField(db_index=True)),
            ],
            options={
                'ordering': ('began_at',),
            },
        ),
    ]
