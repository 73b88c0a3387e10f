"""Mentions: `@` and a username, with nothing before it that would make it part of a word, such as an e-mail address."""

import re

MAX_MENTIONS = 10
# Nothing of a name may follow either, in whatever script: `@annä` mentions nobody called `ann`.
_MENTION = re.compile(r"(?<![\w@.+/-])@([A-Za-z0-9_]{3,30})(?![\w@])")


def mentions(*texts: str) -> list[str]:
    """The names that these texts mention, in lower case and in their order, each once."""
    found = (name.lower() for text in texts for name in _MENTION.findall(text))
    return list(dict.fromkeys(found))[:MAX_MENTIONS]
