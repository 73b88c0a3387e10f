"""What a request says before its body."""

from typing import Protocol

from multidict import CIMultiDictProxy, MultiMapping


class Head(Protocol):
    """aiohttp's requests are such, and so is one of which nothing but the head was read (`server/sockets/door.py`)."""

    @property
    def method(self) -> str: ...

    @property
    def headers(self) -> CIMultiDictProxy[str]: ...

    @property
    def query(self) -> MultiMapping[str]: ...
