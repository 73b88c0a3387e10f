"""What an author says of a new video, in tus metadata or in form fields: one set of rules for both."""

from collections.abc import Mapping

from msgspec import structs

from server.kit.body import validated
from server.kit.errors import FieldError, Invalid
from server.kit.text import unstorable
from server.videos.wire import Described

MAX_FILENAME = 255
MAX_FIELD_BYTES = 16 * 1024
"""Read of one form field at the most; the longest valid description has 8,800 bytes."""
FIELDS = frozenset(field.name for field in structs.fields(Described))


def of_metadata(values: Mapping[str, bytes]) -> Described:
    """From tus metadata. Keys that mean nothing here are left alone: every client sends some of its own.

    Raises:
        Invalid: names each field that is.
    """
    _check_filename(values.get("filename", b""))
    return of_fields({name: value for name, value in values.items() if name in FIELDS})


def of_fields(values: Mapping[str, bytes], filename: str | None = None) -> Described:
    """From the fields of a form, which are all ours.

    Raises:
        Invalid: names each field that is, unknown ones too.
    """
    _check_filename((filename or "").encode("utf-8", "surrogatepass"))
    return validated({name: _text(name, value) for name, value in values.items()}, Described)


def _text(name: str, value: bytes) -> str:
    try:
        # Halves of surrogate pairs are told apart from other rubbish later, by the rules that hold for JSON too.
        return value.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise Invalid.field(name, "is not UTF-8") from None


def _check_filename(value: bytes) -> None:
    """The name is checked, and goes nowhere: no key and no header is made of what a client calls its file."""
    name = _text("filename", value)
    why = f"is longer than {MAX_FILENAME} characters" if len(name) > MAX_FILENAME else unstorable(name)
    if why:
        raise Invalid("This file name cannot be.", errors=[FieldError("filename", why)])
