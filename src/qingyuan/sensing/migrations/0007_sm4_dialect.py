"""The profile of a device of 2025 that enciphers what it must."""

from dataclasses import asdict

from django.db import migrations

from qingyuan_science.hj212 import EDITION_2025_SM4


def enter(apps, schema_editor):
    settings = {name: value for name, value in asdict(EDITION_2025_SM4).items() if name != "code"}
    titles = {"title_zh": "HJ 212-2025(SM4 加密)", "title_en": "HJ 212-2025 (SM4)"}
    apps.get_model("sensing", "DialectProfile").objects.get_or_create(
        code=EDITION_2025_SM4.code, defaults={**titles, "settings": settings}
    )


class Migration(migrations.Migration):
    dependencies = [("sensing", "0006_commands")]
    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
