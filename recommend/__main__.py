"""The process that does heavy work: takes its limits, does the one thing it was told, answers, ends."""

import ctypes
import os
import resource
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from recommend.engines import NoEngineError
from recommend.process import BAD_INPUT, Order
from recommend.table import BadTableError

PR_SET_PDEATHSIG = 1


def main() -> int:
    """Do what the first word says; the exit status."""
    order = msgspec.json.decode(sys.argv[1], type=Order)
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != order.parent:
        return 1  # it was gone before we could say so
    os.nice(order.nice)
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    limit = order.memory_bytes if most == resource.RLIM_INFINITY else min(order.memory_bytes, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    module, _, name = order.function.partition(":")
    function: Any = getattr(import_module(module), name)
    argument = msgspec.json.decode(order.argument, type=next(iter(get_type_hints(function).values())))
    try:
        answer = msgspec.json.encode(function(argument))
    except BadTableError as error:
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT
    except NoEngineError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except MemoryError:
        sys.stderr.write("out of memory\n")
        return 1
    Path(order.answer).write_bytes(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
