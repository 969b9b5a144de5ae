"""What other parts may have made here: the bundle of evidence of a case."""

from typing import IO

from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import Case
from qingyuan.inspecting.errors import PhotoDamaged
from qingyuan.kit.errors import LogBroken, Refused
from qingyuan.sensing.queries import FootageDamaged
from qingyuan.showing.logic.evidence import gathering, writing

__all__ = ["write_evidence"]


def write_evidence(case: Case, file: IO[bytes]) -> None:
    """Write a case with its proofs as a .zip that can be checked on another machine.

    Parameters
    ----------
    case : Case
        As `dispatching.queries` gave it to the viewer.
    file : binary file
        Open for writing.

    Raises
    ------
    Refused
        A photo, clip or still is gone or damaged, or the log's tree has a hole: such a bundle would prove nothing.
    """
    try:
        writing.write(gathering.gather(case), file)
    except (PhotoDamaged, FootageDamaged, LogBroken) as error:
        raise Refused(_("A bundle cannot be made: %(why)s") % {"why": error}) from error
