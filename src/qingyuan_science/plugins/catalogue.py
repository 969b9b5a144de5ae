"""The catalogue page, so that every plug-in can be found by text search although none is listed by hand."""

from collections.abc import Iterable, Iterator
from typing import Any

from qingyuan_science.plugins.declaration import Example, Parameter, Plugin, Text, parameters_of
from qingyuan_science.plugins.registry import Registry

_PARAMETER_HEAD = """\
| 参数 Parameter | 含义 Meaning | 单位 Unit | 最小 Least | 默认 Default | 最大 Most |
|---|---|---|---|---|---|"""


def catalogue_markdown(registries: Iterable[Registry[Any]]) -> str:
    """Write the catalogue page of all plug-ins from what they declare.

    Parameters
    ----------
    registries : Iterable[Registry]
        The registries to list, already loaded.

    Returns
    -------
    str
        A page in Markdown, in both languages.
    """
    blocks = ["# 插件目录 · Catalogue of plug-ins", "由各插件的声明生成。Made from what each plug-in declares."]
    for registry in registries:
        kind = registry.base_class.kind
        blocks.append(f"## {kind.zh} · {kind.en}")
        for plugin in registry:
            blocks.extend(_catalogue_entry(plugin))
    return "\n\n".join(blocks) + "\n"


def _catalogue_entry(plugin: type[Plugin]) -> Iterator[str]:
    yield f"### {plugin.title.zh} · {plugin.title.en} (`{plugin.code}`)"
    yield f"依据 Source: {plugin.source}"
    yield from (f"{remark.zh}<br>{remark.en}" for remark in plugin.remarks())
    rows = [_parameter_row(spec) for spec in parameters_of(plugin)]
    if rows:
        yield "\n".join([_PARAMETER_HEAD, *rows])
    if plugin.examples:
        yield "算例 Worked examples:"
        yield "\n".join(_catalogue_example(example) for example in plugin.examples)


def _parameter_row(spec: Parameter) -> str:
    meaning = f"{spec.title.zh}<br>{spec.title.en}"
    return f"| `{spec.name}` | {meaning} | {spec.unit} | {spec.low} | {spec.default} | {spec.high} |"


def _catalogue_example(example: Example) -> str:
    silent = (Text("无线索", "No finding"),)
    said = example.expected or silent
    zh = "；".join(text.zh for text in said)
    en = "; ".join(text.en for text in said)
    return f"- {example.given.zh} → {zh}\n- {example.given.en} → {en}"
