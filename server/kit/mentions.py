"""Mentions: `@` and a username, with nothing before it that would make it part of a word, such as an e-mail address."""

import re

MAX_MENTIONS = 10
_BEFORE = r"(?<![\w@.+/-])@"
# Nothing of a name may follow either, in whatever script: `@annä` mentions nobody called `ann`.
_AFTER = r"(?![\w@])"
_MENTION = re.compile(f"{_BEFORE}([A-Za-z0-9_]{{3,30}}){_AFTER}")


def mentions(*texts: str) -> list[str]:
    """The names that these texts mention, in lower case and in their order, each once."""
    found = (name.lower() for text in texts if "@" in text for name in _MENTION.findall(text))
    return list(dict.fromkeys(found))[:MAX_MENTIONS]


def mentions_in_sql(text: str, username: str) -> str:
    """A condition in SQL: whether the text of this expression mentions the username of that one."""
    return f"{text} ~* ('{_BEFORE}' || {username} || '{_AFTER}')"
