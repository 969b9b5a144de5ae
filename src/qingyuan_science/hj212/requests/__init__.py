"""The way from the host to the device: what can be asked, in which edition, and how it is written."""

from qingyuan_science.hj212.requests.table import (
    REQUESTS,
    TYPES,
    Addressee,
    Argument,
    RequestKind,
    requests_in,
)
from qingyuan_science.hj212.requests.writing import Value, request, request_number

__all__ = [
    "REQUESTS",
    "TYPES",
    "Addressee",
    "Argument",
    "RequestKind",
    "Value",
    "request",
    "request_number",
    "requests_in",
]
