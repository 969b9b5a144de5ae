"""A plug-in that was started from a template is finished when none of the template's marks is left in it."""

import inspect
from pathlib import Path

import pytest

from qingyuan.project.plugins import registries
from qingyuan_science.plugins import Plugin

PLUGINS = [plugin for registry in registries() for plugin in registry]


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.code)
def test_a_plugin_has_nothing_left_to_fill(plugin: type[Plugin]) -> None:
    file = Path(inspect.getfile(plugin))
    lines = enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
    left = [f"{file.name}:{number}: {line.strip()}" for number, line in lines if "TODO" in line]
    if left:
        pytest.fail("\n".join(["still to be filled:", *left]), pytrace=False)
