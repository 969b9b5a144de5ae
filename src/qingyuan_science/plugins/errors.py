"""What can be wrong with a plug-in or its settings.

::

    PluginError
    ├── NotThisKind          a class was handed to the registry of another kind
    ├── IncompletePlugin     a plug-in lacks its code, title or source
    ├── CodeTaken            two plug-ins of one kind use one code
    ├── UnknownPlugin        no plug-in of this kind has that code
    ├── BrokenPluginFile     a bureau's own file could not be imported
    └── ParameterError
        ├── UnknownParameter
        ├── WrongParameterType
        └── ParameterOutOfBounds
"""


class PluginError(Exception):
    """Anything wrong with a plug-in or its settings."""


class NotThisKind(PluginError):
    """A class was handed to the registry of another kind."""


class IncompletePlugin(PluginError):
    """A plug-in lacks its code, title or source."""


class CodeTaken(PluginError):
    """Two plug-ins of one kind use one code."""


class UnknownPlugin(PluginError):
    """No plug-in of this kind has that code."""


class BrokenPluginFile(PluginError):
    """A bureau's own plug-in file could not be imported."""


class ParameterError(PluginError):
    """A stored or typed parameter does not fit its declaration."""


class UnknownParameter(ParameterError):
    """A plug-in does not declare that parameter."""


class WrongParameterType(ParameterError):
    """A parameter is of another type than its default."""


class ParameterOutOfBounds(ParameterError):
    """A parameter is lower or higher than the plug-in allows."""
