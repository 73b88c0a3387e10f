"""SHA-256 whose state can be put away and taken up by another process: hashlib's cannot be saved, libcrypto's can.

SHA256_Init, _Update and _Final work on a plain struct of 112 bytes, SHA256_CTX (openssl/sha.h): what lies in it after any
number of bytes is all there is to know, so it is kept beside the upload's offset.
"""

import _hashlib
import ctypes
from typing import Final

STATE_BYTES: Final = 112
DIGEST_BYTES: Final = 32


def _libcrypto() -> ctypes.CDLL:
    # Python's own hashlib is linked to the libcrypto that is wanted, wherever it lies; its symbols are found through it.
    library = ctypes.CDLL(_hashlib.__file__)
    for name, arguments in {
        "SHA256_Init": [ctypes.c_void_p],
        "SHA256_Update": [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t],
        "SHA256_Final": [ctypes.c_void_p, ctypes.c_void_p],
    }.items():
        function = getattr(library, name)
        function.argtypes, function.restype = arguments, ctypes.c_int
    return library


_crypto = _libcrypto()


class Sha256:
    """A running SHA-256 (FIPS 180-4).

    Args:
        state: what `state` gave before; None begins anew.
    """

    __slots__ = ("_context",)

    def __init__(self, state: bytes | None = None) -> None:
        self._context = ctypes.create_string_buffer(STATE_BYTES)
        if state is None:
            _crypto.SHA256_Init(self._context)
        elif len(state) != STATE_BYTES:
            raise ValueError(f"a state has {STATE_BYTES} bytes, not {len(state)}")
        else:
            self._context.raw = state

    def update(self, data: bytes) -> None:
        """Take more bytes: a quarter of a millisecond per 256 KiB, so hand over small pieces on the event loop."""
        _crypto.SHA256_Update(self._context, data, len(data))

    def state(self) -> bytes:
        """All there is to know so far, in this machine's byte order."""
        return self._context.raw

    def digest(self) -> bytes:
        """The hash of everything so far; more may follow."""
        context = ctypes.create_string_buffer(self._context.raw, STATE_BYTES)
        out = ctypes.create_string_buffer(DIGEST_BYTES)
        _crypto.SHA256_Final(out, context)
        return out.raw
