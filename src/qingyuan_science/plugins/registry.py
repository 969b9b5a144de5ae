"""The registry of one kind of plug-in, and the three ways in which plug-ins reach it."""

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, TypeVar

from qingyuan_science.plugins.declaration import AnyPlugin, Plugin
from qingyuan_science.plugins.errors import BrokenPluginFile, CodeTaken, IncompletePlugin, NotThisKind, UnknownPlugin

Registered = TypeVar("Registered", bound=type[Plugin])


class Registry(Generic[AnyPlugin]):
    """The plug-ins of one kind, in the order in which they were registered.

    Parameters
    ----------
    base_class : type
        The class that every plug-in of this kind derives from.

    Notes
    -----
    An instance is used as a class decorator.
    """

    def __init__(self, base_class: type[AnyPlugin]) -> None:
        self.base_class = base_class
        self._by_code: dict[str, type[AnyPlugin]] = {}

    def __call__(self, plugin: Registered) -> Registered:
        """Register a class and return it unchanged.

        Parameters
        ----------
        plugin : type
            A class derived from the base class, with its own code, title and source.

        Returns
        -------
        type
            The same class.

        Raises
        ------
        NotThisKind
            The class does not derive from the base class.
        IncompletePlugin
            The code, the title in both languages or the source is missing.
        CodeTaken
            Another plug-in of this kind has that code.
        """
        self._add(plugin)
        return plugin

    def _add(self, plugin: type[Plugin]) -> None:
        if not issubclass(plugin, self.base_class):
            raise NotThisKind(f"{plugin.__qualname__}: expected a subclass of {self.base_class.__name__}")
        if not (plugin.code and plugin.title.zh and plugin.title.en and plugin.source):
            raise IncompletePlugin(f"{plugin.__qualname__}: expected a code, a title in zh and en, and a source")
        other = self._by_code.get(plugin.code)
        if other is not None:
            raise CodeTaken(f"{plugin.code!r}: found {plugin.__qualname__}, already used by {other.__qualname__}")
        self._by_code[plugin.code] = plugin

    def __iter__(self) -> Iterator[type[AnyPlugin]]:
        """Iterate over the plug-ins in the order of registration."""
        return iter(self._by_code.values())

    def __len__(self) -> int:
        """Return the number of plug-ins."""
        return len(self._by_code)

    def __contains__(self, code: object) -> bool:
        """Tell whether a plug-in has that code."""
        return code in self._by_code

    def get(self, code: str) -> type[AnyPlugin]:
        """Return the plug-in with that code.

        Parameters
        ----------
        code : str
            Code of the plug-in.

        Returns
        -------
        type
            The plug-in class.

        Raises
        ------
        UnknownPlugin
            No plug-in has that code; the message lists those that exist.
        """
        if code not in self._by_code:
            known = ", ".join(self._by_code) or "none"
            raise UnknownPlugin(f"{self.base_class.__name__}: found {code!r}, expected one of: {known}")
        return self._by_code[code]

    def load(self, package_name: str) -> None:
        """Import every module of one package whose name does not begin with an underscore.

        Parameters
        ----------
        package_name : str
            Dotted name of the package; packages inside it are not walked.
        """
        package = importlib.import_module(package_name)
        for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name):
            if not module.name.startswith("_"):
                importlib.import_module(f"{package_name}.{module.name}")

    def load_entry_points(self, group: str) -> None:
        """Import what installed packages offer under one entry-point group.

        Parameters
        ----------
        group : str
            Name of the group, for example ``qingyuan.detectors``.
        """
        from importlib.metadata import entry_points  # slow to import and rarely needed

        for entry in sorted(entry_points(group=group), key=lambda found: found.name):
            entry.load()

    def load_folder(self, path: Path) -> None:
        """Import a bureau's own plug-in files, once each.

        Parameters
        ----------
        path : pathlib.Path
            Folder with one file a plug-in; names that begin with an underscore are left out.

        Raises
        ------
        BrokenPluginFile
            A file could not be imported; the message names it and the reason.
        """
        for file in sorted(path.resolve().glob("[!_]*.py")):
            name = f"plugin:{file}"
            if name not in sys.modules:
                _import_file(name, file)


def _import_file(name: str, file: Path) -> None:
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise BrokenPluginFile(f"{file}: found no way to import it")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their own module up while the class is being made
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise BrokenPluginFile(f"{file}: {type(error).__name__}: {error}") from error
