"""The forms of papers: each shows an edition, and enters the one that follows or the first."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingyuan.kit import clock
from qingyuan.people.queries import User
from qingyuan.places.api import (
    Pledge,
    assign_meter,
    declare_warning,
    enter_control,
    enter_disclosure,
    enter_order,
    enter_permit,
    enter_plan,
    enter_reach,
)
from qingyuan.places.queries import (
    ControlLevel,
    GridCell,
    Management,
    OrderKind,
    Station,
    StationKind,
    Use,
    WarningLevel,
    cells,
    stations,
)
from qingyuan.sensing.queries import Channel
from qingyuan.showing.forms import InstantField
from qingyuan.showing.logic.papers.tables import Lines, limit_lines, total_lines

OUTLETS = (StationKind.OUTLET_WATER, StationKind.OUTLET_GAS)
_AT = "%Y-%m-%dT%H:%M"


def day_field(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **more)


def _instant(label: Any, **more: Any) -> InstantField:
    return InstantField(label=label, widget=forms.DateTimeInput(format=_AT, attrs={"type": "datetime-local"}), **more)


def _percent(label: Any, **more: Any) -> forms.FloatField:
    return forms.FloatField(label=label, min_value=0, max_value=100, widget=forms.NumberInput({"step": "any"}), **more)


class PaperForm(forms.Form):
    """A paper of `owner` (an enterprise, or a station for a reach); `row` is the edition that it follows."""

    enter: Callable[..., Any]

    def __init__(self, viewer: User, owner: Any, row: Any, data: Any = None, *, files: Any = None) -> None:
        initial = self.initial_of(row) | self.days_of(row) if row is not None else None
        super().__init__(data, files, initial=initial)
        self.viewer, self.owner, self.row = viewer, owner, row
        self.set_choices()
        if row is not None:
            self.fields["why"] = forms.CharField(
                label=_("Why it changes"),
                help_text=_("It goes into the log under your name and cannot be changed later."),
                widget=forms.Textarea(attrs={"rows": 2}),
                max_length=2000,
            )

    def set_choices(self) -> None:
        """Fill the choices that depend on viewer and owner."""

    def initial_of(self, row: Any) -> dict[str, Any]:
        """What an edition says, by field."""
        return {name: getattr(row, name) for name in self.base_fields if hasattr(row, name)}

    def days_of(self, row: Any) -> dict[str, Any]:
        """When an edition holds."""
        upper = row.valid.upper
        if isinstance(row.valid.lower, datetime):
            return {"since": row.valid.lower, "until": upper}
        return {"since": row.valid.lower, "until": upper and upper - timedelta(days=1)}

    def given(self) -> dict[str, Any]:
        """What the verb is told beside owner and time."""
        times = {"since", "until", "why"}
        return {name: value for name, value in self.cleaned_data.items() if name not in times}

    def save(self, origin: Any) -> Any:
        """Enter the edition."""
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        time = "span" if isinstance(since, datetime) else "days"
        values = self.given() | {time: (since, until)}
        why = self.cleaned_data.get("why", "")
        return type(self).enter(self.owner, **values, replaces=self.row, why=why, origin=origin)

    def _lines(self, name: str, read: Callable[[Lines], Any]) -> Any:
        lines = Lines(self.cleaned_data[name], self.outlets)
        found = read(lines)
        if lines.faults:
            raise forms.ValidationError([forms.ValidationError(fault) for fault in lines.faults])
        return found

    @property
    def outlets(self) -> Any:
        """Outlets of the owner that the viewer sees."""
        return stations(self.viewer).filter(enterprise=self.owner, kind__in=OUTLETS).order_by("code")


class DaysForm(PaperForm):
    """A paper that holds by days."""

    since = day_field(_("First day"))
    until = day_field(_("Last day"), required=False, help_text=_("Empty while it has none."))


class InstantsForm(PaperForm):
    """A paper that holds by instants."""

    since = _instant(_("From"))
    until = _instant(_("To"), required=False, help_text=_("Empty while it has no end."))


class PermitForm(DaysForm):
    """A discharge permit with its own limits and totals."""

    enter = staticmethod(enter_permit)
    number = forms.CharField(
        label=_("Number of the permit"), max_length=30, help_text=_("22 letters: credit code, three digits, P.")
    )
    management = forms.ChoiceField(label=_("Management"), choices=Management.choices)
    limits = forms.CharField(
        label=_("Limits"),
        required=False,
        help_text=_(
            "One a line, or pasted out of a workbook: outlet, factor, hour or day, limit, unit, measured or converted. "
            "Unit and basis may be left out. A limit of the permit goes before the standard’s."
        ),
        widget=forms.Textarea(attrs={"rows": 6, "class": "qy-code", "placeholder": "DW001, COD, day, 40, mg/L"}),
    )
    totals = forms.CharField(
        label=_("Totals of a year"),
        required=False,
        help_text=_("One a line: outlet (or * for all of the enterprise), factor, figure, kg or t."),
        widget=forms.Textarea(attrs={"rows": 3, "class": "qy-code", "placeholder": "*, COD, 12.5, t"}),
    )
    field_order = ("number", "management", "since", "until", "limits", "totals", "why")

    def initial_of(self, row: Any) -> dict[str, Any]:
        """What the permit says, its tables as lines."""
        return super().initial_of(row) | {
            "limits": limit_lines(row.limits.all()),
            "totals": total_lines(row.totals.all()),
        }

    def clean_limits(self) -> Any:
        """The limits, or every line that is none."""
        return self._lines("limits", Lines.limits)

    def clean_totals(self) -> Any:
        """The totals, or every line that is none."""
        return self._lines("totals", Lines.totals)


class DisclosureForm(PaperForm):
    """What an enterprise disclosed about a calendar year."""

    enter = staticmethod(enter_disclosure)
    year = forms.IntegerField(label=_("Year"), min_value=1990, max_value=2100)
    published_on = day_field(_("Disclosed on"), required=False)
    number = forms.CharField(label=_("Number of the permit as declared"), max_length=30, required=False)
    facilities = forms.CharField(
        label=_("Treatment facilities as declared"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    amounts = forms.CharField(
        label=_("Declared amounts of the year"),
        required=False,
        help_text=_("One a line: outlet (or * for all of the enterprise), factor, figure, kg or t."),
        widget=forms.Textarea(attrs={"rows": 4, "class": "qy-code", "placeholder": "*, COD, 12.5, t"}),
    )
    penalties = forms.CharField(
        label=_("Declared penalties"),
        required=False,
        help_text=_("One a line: number of the document, day, what for. None declared: leave it empty."),
        widget=forms.Textarea(
            attrs={"rows": 3, "class": "qy-code", "placeholder": "环罚〔2025〕3号, 2025-06-30, 超标排放"}
        ),
    )

    def initial_of(self, row: Any) -> dict[str, Any]:
        """What the disclosure says, its tables as lines."""
        return super().initial_of(row) | {
            "number": row.permit_number,
            "amounts": total_lines(row.amounts.all()),
            "penalties": "\n".join(f"{one.number}, {one.on}, {one.what}" for one in row.penalties.all()),
        }

    def days_of(self, row: Any) -> dict[str, Any]:
        """It holds for its year."""
        return {}

    def clean_amounts(self) -> Any:
        """The amounts, or every line that is none."""
        return self._lines("amounts", Lines.totals)

    def clean_penalties(self) -> Any:
        """The penalties, or every line that is none."""
        return self._lines("penalties", Lines.penalties)

    def save(self, origin: Any) -> Any:
        """Enter the edition."""
        why = self.cleaned_data.get("why", "")
        return enter_disclosure(self.owner, **self.given(), replaces=self.row, why=why, origin=origin)


class OrderForm(InstantsForm):
    """An order to stop or to cut."""

    enter = staticmethod(enter_order)
    kind = forms.ChoiceField(label=_("Kind of order"), choices=OrderKind.choices)
    number = forms.CharField(label=_("Number of the document"), max_length=60)
    title = forms.CharField(label=_("Title"), max_length=160, required=False)
    issued_by = forms.CharField(label=_("Issued by"), max_length=80)
    station = forms.ModelChoiceField(
        Station.objects.none(), label=_("Outlet"), to_field_name="code", required=False,
        empty_label=_("All of the enterprise"),
    )  # fmt: skip
    cut = _percent(_("Share by which to cut production (%)"), required=False, help_text=_("A stop is 100 %."))
    field_order = ("kind", "number", "title", "issued_by", "station", "cut", "since", "until", "why")

    def set_choices(self) -> None:
        self.fields["station"].queryset = self.outlets  # type: ignore[attr-defined]

    def initial_of(self, row: Any) -> dict[str, Any]:
        """What the order says, the share in percent."""
        return super().initial_of(row) | {"cut": round(100.0 * row.cut, 6), "station": row.station and row.station.code}

    def clean(self) -> dict[str, Any]:
        """A cut says by how much."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("kind") == OrderKind.CUT_PRODUCTION and cleaned.get("cut") is None:
            self.add_error("cut", gettext("Say by which share production is to be cut"))
        return cleaned

    def given(self) -> dict[str, Any]:
        """The share as such."""
        values = super().given()
        return values | {"cut": (100.0 if values["cut"] is None else values["cut"]) / 100.0}


class PlanForm(DaysForm):
    """What an enterprise pledges at each level of a warning."""

    enter = staticmethod(enter_plan)
    exempt = forms.BooleanField(label=_("Exempt from cuts"), required=False)
    grounds = forms.CharField(label=_("Why exempt"), max_length=200, required=False)

    def set_choices(self) -> None:
        for level in WarningLevel:
            named = {"level": level.label}
            self.fields[f"cut_{level}"] = _percent(
                gettext("%(level)s: share by which production is cut (%%)") % named, required=False
            )
            self.fields[f"measures_{level}"] = forms.CharField(
                label=gettext("%(level)s: measures") % named, max_length=400, required=False
            )
        self.order_fields(["since", "until", "exempt", "grounds"])

    def initial_of(self, row: Any) -> dict[str, Any]:
        """What the plan says, level by level."""
        found = super().initial_of(row)
        for one in row.cuts.all():
            found |= {f"cut_{one.level}": round(100.0 * one.cut, 6), f"measures_{one.level}": one.measures}
        return found

    def given(self) -> dict[str, Any]:
        """The pledges of the levels that have a share."""
        values = self.cleaned_data
        pledges = [
            Pledge(level, values[f"cut_{level}"] / 100.0, values[f"measures_{level}"])
            for level in WarningLevel
            if values[f"cut_{level}"] is not None
        ]
        return {"exempt": values["exempt"], "grounds": values["grounds"], "pledges": pledges}


class MeterForm(DaysForm):
    """What a meter, or one channel of it, feeds."""

    station = forms.ModelChoiceField(
        Station.objects.none(), label=_("Electricity meter"), to_field_name="code", empty_label=_("Choose a station")
    )
    factor = forms.ChoiceField(label=_("Channel"), required=False)
    use = forms.ChoiceField(label=_("What it feeds"), choices=Use.choices)
    title_zh = forms.CharField(label=_("Equipment (Chinese)"), max_length=120)
    title_en = forms.CharField(label=_("Equipment (English)"), max_length=120)
    field_order = ("station", "factor", "use", "title_zh", "title_en", "since", "until", "why")

    def set_choices(self) -> None:
        meters = stations(self.viewer).filter(enterprise=self.owner, kind=StationKind.POWER_METER).order_by("code")
        self.fields["station"].queryset = meters  # type: ignore[attr-defined]
        factors = Channel.objects.filter(station__in=meters).order_by("factor").values_list("factor", flat=True)
        choices = [("", gettext("Every channel of power")), *((one, one) for one in dict.fromkeys(factors))]
        self.fields["factor"].choices = choices  # type: ignore[attr-defined]

    def initial_of(self, row: Any) -> dict[str, Any]:
        """What the row says, the meter by its code."""
        return super().initial_of(row) | {"station": row.station.code}

    @staticmethod
    def enter(_owner: Any, **values: Any) -> Any:
        """Enter the use of the meter that was chosen."""
        return assign_meter(values.pop("station"), **values)


class ControlForm(DaysForm):
    """The control level of an enterprise, by the list that names it."""

    enter = staticmethod(enter_control)
    level = forms.ChoiceField(label=_("Control level"), choices=ControlLevel.choices)
    document = forms.CharField(
        label=_("List"), max_length=160, help_text=_("Title and year of the list that names it.")
    )
    field_order = ("level", "document", "since", "until", "why")


class WarningForm(InstantsForm):
    """A heavy-pollution warning."""

    level = forms.ChoiceField(label=_("Level"), choices=WarningLevel.choices)
    number = forms.CharField(label=_("Number of the document"), max_length=60)
    cell = forms.ModelChoiceField(GridCell.objects.none(), label=_("Area"), to_field_name="code", empty_label=None)
    field_order = ("level", "number", "cell", "since", "until", "why")

    def set_choices(self) -> None:
        areas = cells(self.viewer).filter(level__lte=2).order_by("path")
        self.fields["cell"].queryset = areas  # type: ignore[attr-defined]

    def initial_of(self, row: Any) -> dict[str, Any]:
        """What the warning says, the area by its code."""
        return super().initial_of(row) | {"cell": row.cell.code}

    @staticmethod
    def enter(_owner: Any, **values: Any) -> Any:
        """Declare the warning over the area that was chosen."""
        return declare_warning(values.pop("cell"), **values)


class ReachForm(DaysForm):
    """From which station water comes to this one."""

    upstream = forms.ModelChoiceField(
        Station.objects.none(), label=_("Upstream station"), to_field_name="code", empty_label=_("Choose a station")
    )
    travel_hours = forms.FloatField(
        label=_("Travel time (h)"), min_value=0, max_value=72, widget=forms.NumberInput({"step": "any"})
    )
    flows = forms.BooleanField(
        label=_("Count its measured flow"), required=False,
        help_text=_("Only where every station upstream measures its flow is the mixture weighted by it."),
    )  # fmt: skip
    field_order = ("upstream", "travel_hours", "flows", "since", "until", "why")

    def set_choices(self) -> None:
        kinds = (StationKind.SURFACE_WATER, StationKind.OUTLET_WATER)
        above = stations(self.viewer).filter(kind__in=kinds).exclude(pk=self.owner.pk).order_by("code")
        self.fields["upstream"].queryset = above  # type: ignore[attr-defined]

    def initial_of(self, row: Any) -> dict[str, Any]:
        """What the reach says, the upper end by its code."""
        return super().initial_of(row) | {"upstream": row.upstream.code}

    @staticmethod
    def enter(owner: Any, **values: Any) -> Any:
        """Enter the reach to the owner."""
        return enter_reach(owner, values.pop("upstream"), **values)


class EndForm(forms.Form):
    """Until when a paper holds, or that it never held, and why."""

    def __init__(self, row: Any, data: Any = None) -> None:
        by_instants = isinstance(row.valid.lower, datetime)
        super().__init__(data)
        now = clock.now().astimezone(clock.SHANGHAI)
        last: Any = _instant(_("To"), required=False) if by_instants else day_field(_("Last day"), required=False)
        last.initial = now.replace(second=0, microsecond=0) if by_instants else now.date()
        self.fields["last"] = last
        self.fields["never"] = forms.BooleanField(label=_("It was entered by mistake: it never held"), required=False)
        self.fields["why"] = forms.CharField(
            label=_("Reason"),
            help_text=_("It goes into the log under your name and cannot be changed later."),
            widget=forms.Textarea(attrs={"rows": 2}),
            max_length=2000,
        )

    def clean(self) -> dict[str, Any]:
        """One of the two is said."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("never") and cleaned.get("last") is None and "last" not in self.errors:
            self.add_error("last", gettext("Say until when it holds"))
        return cleaned

    @property
    def last(self) -> date | datetime | None:
        """Until when it holds; None if it never did."""
        return None if self.cleaned_data["never"] else self.cleaned_data["last"]
