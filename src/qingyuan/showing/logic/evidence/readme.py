"""The page that goes with a bundle, in both languages."""

from qingyuan.showing.logic.evidence.gathering import Gathered

_EN = """# Evidence of case {number}

{title_en}

Made of the log of an installation of Qingyuan when that log had {size} lines and this root:

    {root}

## Check it

On any machine with Python 3.8 or later, without network and without Qingyuan:

    python3 verify.py
    python3 verify.py --anchors FILE

FILE holds heads of the log as the authority kept or published them outside of the platform (`anchors.jsonl` of its
data folder, or what another office was sent). Take it from whoever kept it, not from whoever gave you this bundle. To
be independent of this copy of `verify.py` too, take the one of Qingyuan's source code.

## What each file is, and what proves it

| file | holds | proven by |
|---|---|---|
| `log.jsonl` | every line of the log about the case, as it was hashed | a path to the root (RFC 9162) |
| `head.json` | size and root of the log | nothing in here: hold it against an anchor file |
| `heads.jsonl` | anchored heads, with proofs that the log begins with them | the proofs; and an anchor file |
| `packets.jsonl` | packets of the devices, byte for byte (base64), when each came and from where | a path to the hash of its segment, which a proven line names |
| `records/` | what each piece of the case's file held when it was filed | its SHA-256 in a proven line |
| `photos/` | photos as the camera wrote them | SHA-256, which is the name, in a proven line |
| `readings.csv` | decoded values around the findings | the numbers stand in the packets named beside them; hour and day means computed by the platform (kinds H and D) have none |
| `findings.json` | what the detector said, and its settings | the sentence stands in a proven line; the settings are a transcript |
| `case.json` | where the case stands | a transcript |
| `manifest.json` | SHA-256 of every file | it finds damage, not forgery: whoever forges can make another |

Without an anchor file the check shows that all of it fits together and to one head. It cannot show that this head is
the authority's, nor that nobody wrote a whole log anew. With an anchor file it shows which lines were there, word for
word, when the head was kept.

The bundle holds names of officials, and packets with the passwords of devices. Pass it on with care.
"""

_ZH = """# 案件 {number} 证据包

{title_zh}

本证据包取自清源平台的日志。制作时日志共 {size} 行,根哈希为:

    {root}

## 如何核验

任何装有 Python 3.8 及以上版本的计算机均可核验,无需联网,也无需安装清源:

    python3 verify.py
    python3 verify.py --anchors 文件

“文件”是主管部门在平台之外留存或公布的日志头(其数据目录中的 `anchors.jsonl`,或其他单位收到的副本)。请向留存者索取,
不要使用提供证据包的人给的副本。如不信任包内的 `verify.py`,可改用清源源代码中的同一程序。

## 各文件的内容与证明方式

| 文件 | 内容 | 如何证明 |
|---|---|---|
| `log.jsonl` | 与案件有关的每一行日志,与计算哈希时逐字节相同 | 到根哈希的路径(RFC 9162) |
| `head.json` | 日志的行数和根哈希 | 包内不能自证,须与留存的日志头比对 |
| `heads.jsonl` | 历次留存的日志头,以及日志以其为开头的证明 | 一致性证明;并可与留存文件比对 |
| `packets.jsonl` | 设备上传的原始报文(base64),以及接收时刻和来源地址 | 到所在段哈希的路径,段哈希写在已证明的日志行中 |
| `records/` | 每份卷宗材料归档时的内容 | 其 SHA-256 写在已证明的日志行中 |
| `photos/` | 照片原件 | 文件名即 SHA-256,写在已证明的日志行中 |
| `readings.csv` | 线索前后的监测数据 | 数值见于所列报文;平台自行计算的小时、日均值(H、D 类)无对应报文 |
| `findings.json` | 线索内容及检测参数 | 线索语句见于已证明的日志行;参数为抄录 |
| `case.json` | 案件现状 | 抄录 |
| `manifest.json` | 各文件的 SHA-256 | 只能发现损坏,不能防伪造:伪造者可以重做清单 |

没有留存文件时,核验只能说明包内各项相互吻合,并归于同一个日志头;不能说明该日志头确属主管部门,也不能排除整个日志被重写。
有留存文件时,可以说明哪些行在留存之时已经存在,且一字未改。

证据包含有工作人员姓名和设备密码,请谨慎传递。
"""


def english(found: Gathered) -> str:
    """The page in English."""
    return _EN.format(**_values(found))


def chinese(found: Gathered) -> str:
    """The page in Chinese."""
    return _ZH.format(**_values(found))


def _values(found: Gathered) -> dict[str, object]:
    case, head = found.case, found.head
    return {
        "number": case.number,
        "title_en": case.title_en,
        "title_zh": case.title_zh,
        "size": head.size,
        "root": head.root.hex(),
    }
