"""`reelwire storage`: what is stored and what it costs; whether all of it is there, as it was, and named."""

import argparse
from collections.abc import Sequence

from aiohttp import web

from server.archive import report as reporting
from server.archive import verify as verifying
from server.archive.command import Once, done
from server.archive.prices import size_of
from server.archive.report import Report, Sum
from server.archive.verify import Verified
from server.kit import terminal
from server.kit.terminal import line, say, say_json
from server.settings import Settings

ACCOUNTS = 20
"""So many are printed."""
ROW = "{:36}  {:>10}  {:>12}  {:>10}"


def main(argv: Sequence[str], once: Once) -> int:
    """Do what the words say; the exit status."""
    given = _parser().parse_args(argv)
    reports: list[Report] = []
    verified: list[Verified] = []

    async def look(app: web.Application) -> None:
        if given.word == "report":
            reports.append(await reporting.report(app))
        else:
            verified.append(await verifying.verify(app, read=not given.quick, about=given.about))

    if not done("storage", once(Settings.from_environment(), look)):
        return terminal.UNREACHABLE
    for found in (*reports, *verified):
        if given.json:
            say_json(found)
    if not given.json:
        for report in reports:
            _say_report(report)
        for result in verified:
            _say_verified(result)
    return 0 if all(result.well for result in verified) else terminal.REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="reelwire storage",
        description="Say what the object stores hold, and whether that is what the database says.",
        epilog="Exit status: 0 when it is done and well, 1 when something is missing, damaged or named by nothing, "
        "2 when it is called wrongly, 3 when a store does not answer.",
    )
    words = parser.add_subparsers(required=True, metavar="report|verify", dest="word")
    reporting_ = words.add_parser("report", help="objects, bytes and a month's price by tier, kind and account; orphans")
    verifying_ = words.add_parser("verify", help="read and hash every object that a row names; find those that no row names")
    verifying_.add_argument("--quick", action="store_true", help="look whether they are there, and read none")
    verifying_.add_argument("--about", type=terminal.id_word, metavar="ID", help="only of this video, without what nothing names")
    for one in (reporting_, verifying_):
        one.add_argument("--json", action="store_true", help="as JSON")
    return parser


def _say_report(found: Report) -> None:
    for title, rows in (("tier", found.tiers), ("kind", found.kinds)):
        say(ROW.format(title, "objects", "size", "a month"))
        for name, row in rows.items():
            _say_row(name, row)
        say("")
    say(ROW.format(f"account (the largest of {len(found.accounts)})", "objects", "size", "a month"))
    for account_id, account in list(found.accounts.items())[:ACCOUNTS]:
        _say_row(str(account_id), account)
        parts = (*account.tiers.items(), *account.kinds.items())
        say("  " + ", ".join(f"{name} {size_of(row.bytes)}" for name, row in parts))
    _say_row("(all others, and nobody)", found.others)
    say("")
    say(ROW.format("orphans", "objects", "size", "a month"))
    _say_row("(nothing names them)", found.orphans)
    for key in found.orphan_keys:
        say(line(key))


def _say_row(name: str, row: Sum) -> None:
    say(ROW.format(name, str(row.objects), size_of(row.bytes), f"{row.cost:.2f}"))


def _say_verified(found: Verified) -> None:
    say(f"{found.objects} objects of {found.videos} videos: {found.missing} missing, {found.damaged} damaged")
    say(f"{found.orphan} objects that nothing names")
    for one in found.findings:
        say(f"{one.wrong:8} {one.tier:8} {line(one.key)}")
