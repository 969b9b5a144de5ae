"""What each fault is called. Its name is that of an error class, and is what the tables keep."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TITLES: Final[dict[str, Promise]] = {
    "AbsurdValue": _("Impossible value"),
    "BadArgument": _("Argument not possible"),
    "BadCell": _("Not a number"),
    "BadChecksum": _("Wrong checksum"),
    "BadCp": _("Content not enclosed"),
    "BadDialect": _("Dialect not possible"),
    "BadEncoding": _("Text in an unknown encoding"),
    "BadHeader": _("Wrong header field"),
    "BadKey": _("Not a key"),
    "BadLength": _("Wrong length"),
    "BadLine": _("Line without a packet"),
    "BadName": _("No usable name"),
    "BadPart": _("Wrong part number"),
    "BadPassword": _("Wrong password"),
    "BadPayload": _("Cannot be read"),
    "BadReading": _("Reading not understood"),
    "BadStation": _("No station"),
    "BadTime": _("Not a possible time"),
    "BadToken": _("Wrong token"),
    "BadUnit": _("Unit does not fit"),
    "BelowDetection": _("Below detection"),
    "BrokenOff": _("The file breaks off"),
    "ConnectorFailed": _("Could not be taken in"),
    "ForeignAddress": _("From another address"),
    "FrameError": _("No frame"),
    "Hj212Error": _("Refused by the platform"),
    "LeftOut": _("Messages left out"),
    "MessageError": _("Data segment not readable"),
    "MissingArgument": _("Argument missing"),
    "MissingField": _("Field missing"),
    "MissingPart": _("Parts missing"),
    "NoFrameEnd": _("End of packet missing"),
    "NoFrameHead": _("Bytes of no packet"),
    "NoKey": _("No key fits"),
    "NoReading": _("No reading in it"),
    "NoRows": _("No row below the header"),
    "NoSuchRequest": _("No such request"),
    "NotEnciphered": _("Not enciphered"),
    "RequestError": _("Request not possible"),
    "SegmentTooLong": _("Too long"),
    "ShortRow": _("Row with too few cells"),
    "TooLarge": _("Too large"),
    "TooManyStrangers": _("Too many unknown devices"),
    "Truncated": _("Cut off"),
    "UnknownArgument": _("Unknown argument"),
    "UnknownFactor": _("Unknown factor"),
    "UnknownKind": _("Unknown kind of data"),
    "UnknownMark": _("Unknown mark"),
    "UnknownName": _("Name that nobody explained"),
}


def title_of(fault: str) -> str:
    """The title of a fault; its own name where none is known."""
    return str(TITLES.get(fault, fault))
