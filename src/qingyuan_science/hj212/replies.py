"""The four answers, 9011 to 9014, in the form that the receiver understands."""

from qingyuan_science.hj212.codes import EDITIONS
from qingyuan_science.hj212.dialect import STRICT_BY_EDITION, Dialect
from qingyuan_science.hj212.message import Message, Pair

_INTERACTION = "91"


def answer_9011(request: Message, qn_rtn: int, dialect: Dialect | None = None) -> Message:
    """Say whether a request is accepted.

    Parameters
    ----------
    request : Message
        What is answered.
    qn_rtn : int
        One of `codes.QN_RETURNS`; any but 1 ends the exchange.
    dialect : Dialect, optional
        How the receiver speaks: its form of replies and edition. The request's own edition where not given.

    Returns
    -------
    Message

    Source
    ------
    HJ 212-2017, flow of a request, and table 7; HJ/T 212-2005 (QN inside CP).

    Examples
    --------
    >>> request = Message("20160801085857223", "32", "1011", "123456", "010000A8900016F000169DC0", 5)
    >>> answer_9011(request, 1).cp
    ((('QnRtn', '1'),),)
    >>> answer_9011(request, 1, STRICT_BY_EDITION["2005"]).cp
    ((('QN', '20160801085857223'),), (('QnRtn', '1'),))
    """
    return _answer(request, "9011", dialect, ("QnRtn", str(qn_rtn)))


def answer_9012(request: Message, exe_rtn: int, dialect: Dialect | None = None) -> Message:
    """Say how the execution of a request ended.

    Parameters
    ----------
    request : Message
        What is answered.
    exe_rtn : int
        One of `codes.EXE_RETURNS`.
    dialect : Dialect, optional
        How the receiver speaks: its form of replies and edition. The request's own edition where not given.

    Returns
    -------
    Message

    Source
    ------
    HJ 212-2017, flow of a request, and table 6; HJ/T 212-2005 (QN inside CP).

    Examples
    --------
    >>> answer_9012(Message("", "32", "1011"), 100).cp
    ((('ExeRtn', '100'),),)
    """
    return _answer(request, "9012", dialect, ("ExeRtn", str(exe_rtn)))


def notice_9013(notice: Message, dialect: Dialect | None = None) -> Message:
    """Say that a notice was received.

    Parameters
    ----------
    notice : Message
        What is answered.
    dialect : Dialect, optional
        How the receiver speaks: its form of replies and edition. The notice's own edition where not given.

    Returns
    -------
    Message

    Source
    ------
    HJ 212-2017, flow of a notice; HJ/T 212-2005 (QN inside CP).

    Examples
    --------
    >>> notice_9013(Message("20240601085857223", "21", "9015", flag=9, edition="2025")).flag
    8
    """
    return _answer(notice, "9013", dialect)


def data_answer_9014(upload: Message, dialect: Dialect | None = None) -> Message:
    """Say that data were received.

    Parameters
    ----------
    upload : Message
        What is answered.
    dialect : Dialect, optional
        How the receiver speaks: its form of replies and edition. The upload's own edition where not given.

    Returns
    -------
    Message

    Source
    ------
    HJ 212-2017, flow of an upload; HJ/T 212-2005 (QN, CN, PNO and PNUM inside CP).

    Notes
    -----
    Send it only once the data are safe: the sender forgets them then, and until then repeats them.

    Examples
    --------
    >>> upload = Message("20160801085857223", "32", "2011", "123456", "88888880000001", 3, 2, 1, edition="2005")
    >>> data_answer_9014(upload).cp
    ((('QN', '20160801085857223'),), (('CN', '2011'),), (('PNO', '1'),), (('PNUM', '2'),))
    """
    dialect = dialect or STRICT_BY_EDITION[upload.edition]
    if dialect.reply == "2017":
        return _answer(upload, "9014", dialect)
    counts = [(name, str(count)) for name, count in (("PNO", upload.pno), ("PNUM", upload.pnum)) if count is not None]
    return _answer(upload, "9014", dialect, ("CN", upload.cn), *counts)


def _answer(asked: Message, cn: str, dialect: Dialect | None, *items: Pair) -> Message:
    dialect = dialect or STRICT_BY_EDITION[asked.edition]
    inside = dialect.reply == "2005"
    pairs = (("QN", asked.qn), *items) if inside and asked.qn else items
    return Message(
        st=_INTERACTION,
        cn=cn,
        qn="" if inside else asked.qn,
        pw=asked.pw,
        mn=asked.mn,
        flag=EDITIONS[dialect.edition].flag_version << 2,
        cp=tuple((pair,) for pair in pairs),
        edition=dialect.edition,
    )
