"""Asking for a password in a terminal, for commands that log in."""

import getpass
import sys
from argparse import ArgumentParser


def ask_password(parser: ArgumentParser, login: str) -> str:
    """What is typed without being shown, or one line of standard input where that is no terminal.

    Raises:
        SystemExit: there is nobody to ask; the message says what to type.
    """
    if sys.stdin.isatty():
        return getpass.getpass(f"Password of {login}: ")
    line = sys.stdin.readline().rstrip("\n")
    if not line:
        parser.error("there is no terminal to ask for the password: --password, or an access token in REELWIRE_TOKEN")
    return line
