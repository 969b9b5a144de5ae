"""What a plug-in declares about itself, and its settings checked against that."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar, TypeVar
from unicodedata import normalize

from qingyuan_science.plugins.documents import in_english
from qingyuan_science.plugins.errors import ParameterOutOfBounds, UnknownParameter, WrongParameterType

Number = bool | int | float


def folded(typed: str) -> str:
    """Return a name as it is compared: keyboards differ in the width of signs and in capitals.

    Parameters
    ----------
    typed : str
        A name as somebody typed it.

    Returns
    -------
    str
        Narrow signs, small letters, no blanks around it.
    """
    return normalize("NFKC", typed).strip().casefold()


@dataclass(frozen=True)
class Text:
    """A text that people read, in both languages of the platform.

    Parameters
    ----------
    zh, en : str
        The Chinese and the English wording, each written and not translated word by word.

    Examples
    --------
    >>> Text("超标", "Exceedance").in_language("zh-hans")
    '超标'
    """

    zh: str
    en: str

    def in_language(self, code: str) -> str:
        """Return the wording for a language code; every code that is not Chinese reads English.

        Parameters
        ----------
        code : str
            A language code such as ``zh``, ``zh-hans``, ``zh_CN`` or ``en``.

        Returns
        -------
        str
            The wording in that language.
        """
        return self.zh if code.lower().startswith("zh") else self.en

    def names(self) -> frozenset[str]:
        """Return what people may type for it, as `folded` writes it.

        Returns
        -------
        frozenset of str
            Both wordings, and the Chinese one without what it brackets.

        Examples
        --------
        >>> sorted(Text("无机氟化物(以F计)", "inorganic fluorides").names())
        ['inorganic fluorides', '无机氟化物', '无机氟化物(以f计)']
        """
        zh = folded(self.zh)
        return frozenset({zh, zh.partition("(")[0], folded(self.en)})

    def __str__(self) -> str:
        """Return both wordings as one line, where no reader's language is known."""
        return self.zh if self.zh == self.en else f"{self.zh} {self.en}"


def _is_chinese(words: str | Text) -> bool:
    """Tell whether words are Chinese alone, so that the marks around them are as wide as they are."""
    return isinstance(words, str) and any("\u4e00" <= letter <= "\u9fff" for letter in words)


@dataclass(frozen=True)
class Source:
    """Where a rule or a method comes from.

    Parameters
    ----------
    document : str
        Number of the standard, name of the law, or the paper.
    clause : str or Text
        Clause, table or page within it; in both languages where it is more than a number.
    note : str or Text
        What a reader needs to know beside it.
    valid_from, valid_to : datetime.date, optional
        First and last day in force of what the clause says; None where it is not known, or has no end yet.
    status : str
        How far it was checked against the text, one of `qingyuan_science.standards.Status`; empty where nobody said.

    Examples
    --------
    >>> source = Source("环境保护税法", Text("附表二", "annex 2"))
    >>> str(source.in_language("en"))
    'Environmental Protection Tax Law, annex 2'
    """

    document: str
    clause: str | Text
    note: str | Text = ""
    valid_from: date | None = None
    valid_to: date | None = None
    status: str = ""

    def in_language(self, code: str) -> "Source":
        """Return the same reference in the words of one language; numbers of documents stay as they are.

        Parameters
        ----------
        code : str
            A language code, see `Text.in_language`.

        Returns
        -------
        Source
            With plain texts.
        """
        document = self.document if code.lower().startswith("zh") else in_english(self.document)
        clause, note = _in_language(self.clause, code), _in_language(self.note, code)
        return replace(self, document=document, clause=clause, note=note)

    def __str__(self) -> str:
        """Return the reference as one line, in both languages where it holds them."""
        comma = "," if self.document[-1:].isalpha() and self.document.isascii() else ""
        line = f"{self.document}{comma} {self.clause}".strip()
        if not str(self.note):
            return line
        return f"{line}（{self.note}）" if _is_chinese(self.note) else f"{line} ({self.note})"


def _in_language(text: str | Text, code: str) -> str:
    return text.in_language(code) if isinstance(text, Text) else text


@dataclass(frozen=True)
class Example:
    """A worked example of a plug-in: what goes in and what must come out, in words that people can check.

    Parameters
    ----------
    given : Text
        The situation.
    expected : tuple[Text, ...]
        What the plug-in says about it; empty if it must stay silent.
    """

    given: Text
    expected: tuple[Text, ...]


@dataclass(frozen=True)
class Parameter:
    """A number that a bureau may set on a plug-in.

    Parameters
    ----------
    name : str
        Name of the field.
    unit : str
        Unit of the value; ``periods`` counts data points.
    low, high : bool or int or float
        Least and greatest value allowed, both included.
    default : bool or int or float
        Value used when nothing is set; its type is the type of the parameter.
    title : Text
        What the parameter does.
    """

    name: str
    unit: str
    low: Number
    high: Number
    default: Number
    title: Text

    def checked(self, value: object) -> Number:
        """Return the value in the parameter's type.

        Parameters
        ----------
        value : object
            A value from a form or from stored JSON.

        Returns
        -------
        bool or int or float
            The same value; a whole number is taken where a fraction is allowed.

        Raises
        ------
        WrongParameterType
            The value is not a number of this type.
        ParameterOutOfBounds
            The value is below ``low`` or above ``high``, or not a number at all (NaN).
        """
        wanted = type(self.default)
        fits = type(value) is wanted or (wanted is float and type(value) is int)
        if not fits or not isinstance(value, bool | int | float):
            raise WrongParameterType(f"{self.name}: found {value!r}, expected {wanted.__name__}")
        if not self.low <= value <= self.high:
            raise ParameterOutOfBounds(f"{self.name}: found {value}, expected {self.low} to {self.high} {self.unit}")
        return wanted(value)


def parameter(default: Number, unit: str, low: Number, high: Number, *, title: Text) -> Any:
    """Declare a dataclass field as a parameter of a plug-in.

    Parameters
    ----------
    default : bool or int or float
        Value used when nothing is set.
    unit : str
        Unit of the value.
    low, high : bool or int or float
        Least and greatest value allowed, both included.
    title : Text
        What the parameter does.

    Returns
    -------
    dataclasses.Field
        The field, typed ``Any`` so that it may stand as the default of a field of any number type.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Calm(Plugin):
    ...     least: float = parameter(0.5, "m/s", 0.0, 3.0, title=Text("静风", "calm below"))
    >>> Calm().least
    0.5
    """
    spec = Parameter("", unit, low, high, default, title)
    return dataclasses.field(default=default, metadata={"parameter": spec})


@dataclass(frozen=True)
class Plugin:
    """Base of every plug-in; a kind derives from it and adds its one method.

    Notes
    -----
    A kind sets ``kind``; a plug-in sets ``code``, ``title``, ``source`` and ``examples``. Parameters are dataclass
    fields declared with `parameter`, so a plug-in with its settings is a value that can be compared and stored.
    """

    kind: ClassVar[Text] = Text("插件", "Plug-in")
    code: ClassVar[str] = ""
    title: ClassVar[Text] = Text("", "")
    source: ClassVar[Source | None] = None
    examples: ClassVar[tuple[Example, ...]] = ()

    @classmethod
    def remarks(cls) -> tuple[Text, ...]:
        """Say what else its entry in the catalogue tells, a line each.

        Returns
        -------
        tuple[Text, ...]
            Nothing where a kind does not say more.
        """
        return ()


AnyPlugin = TypeVar("AnyPlugin", bound=Plugin)
_PARAMETERS: dict[type[Plugin], tuple[Parameter, ...]] = {}  # asked for at every look


def parameters_of(plugin: type[Plugin]) -> tuple[Parameter, ...]:
    """List the parameters that a plug-in declares, in the order of declaration.

    Parameters
    ----------
    plugin : type
        A plug-in class.

    Returns
    -------
    tuple[Parameter, ...]
        Name, unit, bounds, default and title of each.
    """
    if plugin not in _PARAMETERS:
        _PARAMETERS[plugin] = tuple(
            dataclasses.replace(field.metadata["parameter"], name=field.name)
            for field in dataclasses.fields(plugin)
            if "parameter" in field.metadata
        )
    return _PARAMETERS[plugin]


def with_parameters(plugin: type[AnyPlugin], settings: Mapping[str, object]) -> AnyPlugin:
    """Make a plug-in with settings from a form or from stored JSON; what is not set keeps its default.

    Parameters
    ----------
    plugin : type
        A plug-in class.
    settings : Mapping[str, object]
        Values by parameter name.

    Returns
    -------
    Plugin
        An instance of the class.

    Raises
    ------
    UnknownParameter
        A name is not declared by the plug-in.
    WrongParameterType
        A value is not a number of the declared type.
    ParameterOutOfBounds
        A value is outside the declared bounds.
    """
    if not isinstance(settings, Mapping):  # stored JSON may be anything
        raise WrongParameterType(f"{plugin.code}: found {settings!r}, expected values by parameter name")
    declared = {spec.name: spec for spec in parameters_of(plugin)}
    for name in settings:
        if name not in declared:
            expected = ", ".join(declared) or "none"
            raise UnknownParameter(f"{plugin.code}: found {name!r}, expected one of: {expected}")
    return plugin(**{name: declared[name].checked(value) for name, value in settings.items()})
