"""What can be wrong with the lake.

QingyuanError
└── LakeError
    ├── LakeMissing    no lake lies where the settings say
    └── LakeBehind     what lies there is older than what was sealed
"""

from qingyuan.kit.errors import QingyuanError


class LakeError(QingyuanError):
    """Base of the errors of the lake."""


class LakeMissing(LakeError):
    """No lake lies where the settings say."""


class LakeBehind(LakeError):
    """The lake is older than what was sealed."""
