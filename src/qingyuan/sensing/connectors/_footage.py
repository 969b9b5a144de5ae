"""A clip or a still as a payload: its address ends with a name that says which camera filmed, and from when on."""

from collections.abc import Mapping

from qingyuan.sensing.connector import BadPayload, Payload, Read, Setting
from qingyuan.sensing.connectors import _values as values
from qingyuan.sensing.connectors._documents import ZONE
from qingyuan.sensing.filmed.film import BadFilm, Filmed
from qingyuan.sensing.filmed.looking import look
from qingyuan.sensing.filmed.names import RULE, check_rule, read_name
from qingyuan_science.plugins import Text

FOOTAGE = "footage"
RULE_SETTING = Setting(
    "file_name",
    Text("录像文件名规则", "Names of footage"),
    Text(
        "不含扩展名：{camera} 为摄像头编码或国标编码，{begin} 为起始时间，* 为任意内容。",
        "Without the ending: {camera} is the code of the camera, {begin} when it begins, * is anything.",
    ),
    default=RULE,
    required=True,
    check=check_rule,
)


def read_footage(payload: Payload, settings: Mapping[str, str]) -> Read:
    """What the bytes and the name say.

    Raises
    ------
    BadPayload
        They are no clip or still that browsers play, or the name does not follow the rule.
    """
    name = payload.address.rpartition(" ")[2]
    try:
        film = look(payload.raw)
        camera, at = read_name(name, settings[RULE_SETTING.name], values.zone(settings[ZONE.name]))
    except BadFilm as error:
        raise BadPayload(str(error)) from error
    return Read(filmed=Filmed(camera, at, film))
