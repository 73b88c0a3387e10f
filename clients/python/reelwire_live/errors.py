"""What can go wrong for a caller; everything else the client copes with by itself."""


class LiveError(Exception):
    """Anything that this client raises."""


class NotSignedInError(LiveError):
    """There is no good access token, and no way to get one; the message says why."""


class SessionEndedError(NotSignedInError):
    """The account was deleted, or this log-in was ended or revoked (4003): log in anew."""


class UnreachableError(LiveError):
    """The system did not answer, or not now: a later try may succeed."""


class ClosedError(LiveError):
    """The client was closed."""


class DisconnectedError(LiveError):
    """The connection broke before an answer came: whether the command was carried out is not known."""


class NotAnsweredError(LiveError):
    """No answer came within the time that the caller gives: whether the command was carried out is not known."""


class MessageTooLargeError(LiveError):
    """The server takes no message of this size (`welcome.max_message_bytes`); nothing was sent."""


class CommandError(LiveError):
    """The server refused a command.

    Attributes:
        code: a word to branch on, such as `not_found`, `too_many_watched` or `invalid`.
        detail: a sentence for people.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
