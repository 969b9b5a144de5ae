"""One door for everything that a bureau may add: detectors, tracers, forecasters, case types, map layers.

A plug-in is one class in one file. It declares its code, its title in both languages, the standard or paper it rests
on, its parameters with unit and bounds, and worked examples. Forms, the check of stored settings, the catalogue page
and the conformance tests are all made from that declaration.
"""

from qingyuan_science.plugins.catalogue import catalogue_markdown
from qingyuan_science.plugins.declaration import (
    Example,
    Number,
    Parameter,
    Plugin,
    Source,
    Text,
    folded,
    parameter,
    parameters_of,
    with_parameters,
)
from qingyuan_science.plugins.errors import (
    BrokenPluginFile,
    CodeTaken,
    IncompletePlugin,
    NotThisKind,
    ParameterError,
    ParameterOutOfBounds,
    PluginError,
    UnknownParameter,
    UnknownPlugin,
    WrongParameterType,
)
from qingyuan_science.plugins.registry import Registry

__all__ = [
    "BrokenPluginFile",
    "CodeTaken",
    "Example",
    "IncompletePlugin",
    "NotThisKind",
    "Number",
    "Parameter",
    "ParameterError",
    "ParameterOutOfBounds",
    "Plugin",
    "PluginError",
    "Registry",
    "Source",
    "Text",
    "UnknownParameter",
    "UnknownPlugin",
    "WrongParameterType",
    "catalogue_markdown",
    "folded",
    "parameter",
    "parameters_of",
    "with_parameters",
]
