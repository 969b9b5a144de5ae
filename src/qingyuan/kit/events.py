"""What an event is: a fact in the past tense, written to the log in the transaction that made it true."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self


@dataclass(frozen=True)
class Event:
    """Base of every stage's events; its fields are what JSON can hold.

    A subclass states `subject_kind` and has an `id` field, or overrides `subject`.
    """

    subject_kind: ClassVar[str] = ""
    known: ClassVar[dict[str, type["Event"]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__name__ in Event.known and Event.known[cls.__name__].__module__ != cls.__module__:
            raise TypeError(f"event name {cls.__name__!r} is used by {Event.known[cls.__name__].__module__} already")
        Event.known[cls.__name__] = cls

    @property
    def subject(self) -> str:
        """What the event is about, as `kind/id`."""
        return f"{self.subject_kind}/{getattr(self, 'id', '')}"

    def detail(self) -> dict[str, Any]:
        """The fields as JSON can hold them."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def size(self) -> int:
        """How much there is to take up, in whatever the event counts; so that not too much is told together."""
        return 1

    def joins(self, later: "Event") -> bool:
        """Whether a later event can be told together with this one. None can where this is not overridden."""
        return False

    def together(self, later: Sequence["Event"]) -> "Event":
        """One event that says what this and some later ones that join it say.

        A handler that has fallen behind takes up events together, so a burst costs it little.
        """
        raise NotImplementedError(f"{type(self).__name__} is told alone")

    @classmethod
    def from_detail(cls, detail: dict[str, Any]) -> Self:
        """The event again from its stored fields; unknown fields of a later edition are left out."""
        names = {field.name for field in fields(cls)}
        return cls(**{key: value for key, value in detail.items() if key in names})
