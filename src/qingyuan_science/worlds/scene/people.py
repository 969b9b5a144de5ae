"""Invented staff and organisations: who works where, and who answers for which cell. Rights are the platform's."""

from dataclasses import dataclass

from qingyuan_science.plugins import Text
from qingyuan_science.worlds.scene import reading
from qingyuan_science.worlds.scene.district import District
from qingyuan_science.worlds.scene.enterprises import enterprises


@dataclass(frozen=True)
class Organisation:
    """An organisation.

    Parameters
    ----------
    code : str
        For an enterprise its credit code.
    title : Text
    kind : str
        "bureau", "team", "department", "town" or "enterprise".
    cell : str
        Path of the cell it works in.
    """

    code: str
    title: Text
    kind: str
    cell: str


@dataclass(frozen=True)
class Person:
    """A person who uses the platform.

    Parameters
    ----------
    username : str
    name : Text
    role : str
        "duty_officer", "analyst", "enforcement_officer", "grid_worker", "department_handler", "supervisor", "leader",
        "administrator" or "enterprise".
    organisation : str
        Code of the organisation.
    cell : str or None
        Path of the cell that the person answers for, with all below it; None for people of enterprises.
    """

    username: str
    name: Text
    role: str
    organisation: str
    cell: str | None


def organisations(district: District) -> tuple[Organisation, ...]:
    """List the organisations of a district.

    Parameters
    ----------
    district : District

    Returns
    -------
    tuple of Organisation
        Bureau, team and three departments; twelve town offices; ten enterprises.
    """
    top = district.cells[0].path
    offices = [
        Organisation(row["code"], row["title"], row["kind"], top) for row in reading.rows("people", "organisation")
    ]
    for number, town in enumerate(district.towns, start=1):
        title = Text(f"{town.title.zh}生态环境办公室", f"{town.title.en} Environment Office")
        offices.append(Organisation(f"qj-town-{number:02d}", title, "town", town.path))
    owners = [Organisation(one.code, one.title, "enterprise", one.cell) for one in enterprises(district)]
    return (*offices, *owners)


def people(district: District) -> tuple[Person, ...]:
    """List the people of a district.

    Parameters
    ----------
    district : District

    Returns
    -------
    tuple of Person
        Eight in the offices, a grid worker for each town, a user for each enterprise.
    """
    top = district.cells[0].path
    office = [
        Person(row["username"], row["title"], row["role"], row["organisation"], top)
        for row in reading.rows("people", "office")
    ]
    grid = [
        Person(f"grid{number:02d}", row["title"], "grid_worker", f"qj-town-{number:02d}", town.path)
        for number, (town, row) in enumerate(zip(district.towns, reading.rows("people", "grid"), strict=True), start=1)
    ]
    pairs = zip(enterprises(district), reading.rows("people", "enterprise"), strict=True)
    users = [
        Person(f"enterprise{number:02d}", row["title"], "enterprise", owner.code, None)
        for number, (owner, row) in enumerate(pairs, start=1)
    ]
    return (*office, *grid, *users)
