"""Logs: one line an event on standard error; whoever runs the process keeps them."""

import logging

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def configure(level: str) -> None:
    """Set up logging for a process."""
    logging.basicConfig(level=level.upper(), format=FORMAT, force=True)
    # These speak of every request or connection at info.
    for chatty in ("aiobotocore", "botocore", "asyncio", "aiohttp.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
