"""What can go wrong with the object store, and which answer of a server means what."""

import aiohttp
from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError
from botocore.exceptions import ConnectionError as BotoConnectionError
from botocore.parsers import ResponseParserError

FULL = frozenset({"InsufficientStorage", "XMinioStorageFull", "QuotaExceeded", "XMinioAdminBucketQuotaExceeded"})
MISSING = frozenset({"NoSuchKey", "NoSuchUpload", "NoSuchBucket", "404", "NotFound"})
FROZEN = "InvalidObjectState"
OURS = frozenset({"BucketAlreadyOwnedByYou", "BucketAlreadyExists"})


class StoreUnavailable(ConnectionError):
    """The store is down, slow, or refuses our key; trying again later helps."""


class StoreFull(StoreUnavailable):
    """The store answers but takes no more bytes."""


class ObjectMissing(Exception):
    """There is no such object, multipart upload or bucket."""


class ObjectFrozen(Exception):
    """The object is in a storage class that has to be asked for it first, hours before it can be read."""


class RangeBeyond(Exception):
    """The range begins at or beyond the object's end."""


BROKEN = (BotoConnectionError, HTTPClientError, IncompleteReadError, ResponseParserError, aiohttp.ClientError, OSError)
"""What a connection ends with; TimeoutError is an OSError."""


def code_of(error: ClientError) -> str:
    """The S3 error code, such as NoSuchKey."""
    return str(error.response.get("Error", {}).get("Code", ""))


def meaning(error: ClientError) -> Exception:
    """The failure to try again after; what trying again cannot help is raised."""
    code, status = code_of(error), error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in FULL or status == 507:
        raise StoreFull(f"the object store: {error}") from error
    if code in MISSING:
        raise ObjectMissing(str(error)) from error
    if code == FROZEN:
        raise ObjectFrozen(str(error)) from error
    if status == 416:
        raise RangeBeyond(str(error)) from error
    if status == 403:
        raise StoreUnavailable(f"the object store refuses our key: {error}") from None
    if status < 500 and status not in (408, 429):
        raise error
    return error
