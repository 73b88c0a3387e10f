"""`reelwire bench [NAME]`: runs one benchmark or all, on real parts, on loopback, each for a minute or so."""

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench import celebrity, duplicates, edge, idle, live, start, storm, transcode, upload
from bench.api import running as api
from bench.figures import Result, table
from bench.live import Table
from bench.playback import running as playback
from bench.playback.found import Found as Played
from bench.suggestions import growth

Found = Result | Table | Played | str

BENCHES: dict[str, tuple[str, Callable[[Path], Found | Iterable[Found]]]] = {
    "live": ("one message to thousands of sockets, beside nchan, ws, socket.io and a bare send() loop", live.run),
    "upload": ("a streamed upload, and finished ones of 5 MB, beside a plain multipart put to S3", upload.run),
    "edge": ("a hit of the edge, beside nginx with the file on disk; 500 first requests at once", edge.run),
    "playback": (
        "videos in Chromium on a line of 5 Mbit/s and 40 ms: first, next, stalls, what is fetched for nothing",
        playback.run,
    ),
    "api": ("requests on the generated town, beside floors of the same process", api.run),
    "start": ("./reelwire up on data that is there, beside the first start", start.run),
    "transcode": ("a clip's whole ladder, beside one ffmpeg command that makes the same", transcode.run),
    "suggestions": ("a night's training on made-up watching, step by step", growth.run),
    "duplicates": ("fingerprints of clips and of treated copies, beside decoding them", duplicates.run),
}


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM ends the block as an exception, so that what it has started ends with it."""

    def end(number: int, _: object) -> None:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def main(argv: Sequence[str] | None = None) -> int:
    """Run what is named; the exit status."""
    options = argparse.ArgumentParser(
        prog="reelwire bench",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measure, as ratios to a floor or a peer of the same run.",
        epilog="\n".join(f"  {name:10} {does}" for name, (does, _) in BENCHES.items()),
    )
    options.add_argument("name", nargs="*", metavar="NAME", help="all of them without one")
    options.add_argument(
        "--whole",
        action="store_true",
        help="more of transcode (kinds of clips), live (sockets, rates), suggestions (users, items)",
    )
    options.add_argument("--rounds", type=int, metavar="N", help="transcode, live, playback: how often each is measured")
    options.add_argument("--idle", type=int, metavar="N", help="live: so many sessions that say nothing, and nothing else")
    options.add_argument(
        "--storm", type=int, nargs="?", const=5_000, metavar="N", help="live: N clients of a killed node come back"
    )
    options.add_argument(
        "--followers", type=int, nargs="?", const=1_000_000, metavar="N", help="live: publications of an author with N followers"
    )
    given = options.parse_args(argv)
    chosen = given.name or list(BENCHES)
    benches = dict(BENCHES)
    benches["transcode"] = (BENCHES["transcode"][0], partial(transcode.run, rounds=given.rounds, whole=given.whole))
    benches["live"] = (BENCHES["live"][0], partial(live.run, rounds=given.rounds, whole=given.whole))
    benches["suggestions"] = (BENCHES["suggestions"][0], partial(growth.run, whole=given.whole))
    benches["playback"] = (BENCHES["playback"][0], partial(playback.run, rounds=given.rounds))
    if given.idle:
        benches["live"] = (
            f"{given.idle:,} live sessions that say nothing, lean ones beside stock ones",
            partial(idle.run, sessions=given.idle),
        )
    if given.storm:
        benches["live"] = (f"{given.storm:,} clients of a killed node come back", partial(storm.run, clients=given.storm))
    if given.followers:
        benches["live"] = (
            f"publications to {given.followers:,} followers, beside a few",
            partial(celebrity.run, followers=given.followers),
        )
    for name in chosen:
        if name not in BENCHES:
            options.error(f"there is no benchmark {name!r}; there are: {', '.join(BENCHES)}")
    for name in chosen:
        does, run = benches[name]
        print(f"{name}: {does}", flush=True)
        with terminable(), tempfile.TemporaryDirectory(prefix=f"reelwire-bench-{name}-") as folder:
            found = run(Path(folder))
            for result in [found] if isinstance(found, Found) else found:
                print(table(result) if isinstance(result, Result) else result, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
