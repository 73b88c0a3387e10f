"""`reelwire demo`: fills a running system with people and clips, over its public API alone."""

from server.demo.command import main

__all__ = ["main"]
