"""What can be wrong with records, beside the errors of `kit`.

RecordError
└── PhotoDamaged    a photo's bytes are gone or are no longer those that were filed
"""


class RecordError(Exception):
    """Base of what can be wrong with a record."""


class PhotoDamaged(RecordError):
    """A photo's bytes are gone, or are no longer those that were filed."""
