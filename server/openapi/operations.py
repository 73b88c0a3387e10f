"""Every call of the HTTP API in one list: what it takes, what it answers, how it refuses. A test holds it against the routes."""

from typing import Any

from server.accounts import actions as accounts
from server.accounts import sessions
from server.accounts.wire import DeleteMe, LogIn, PatchMe, Refresh, Session, SignUp
from server.blocks.actions import CannotBlockYourself, TooManyBlocks
from server.cards.wire import Comment, Video
from server.comments.wire import NewComment
from server.exports.wire import Export
from server.feed.wire import FollowingFeed, LatestFeed
from server.follows.actions import CannotFollowBlocked, CannotFollowYourself, TooManyFollows
from server.kit.errors import (
    BodyTooLarge,
    ForeignOrigin,
    Invalid,
    Malformed,
    NotFound,
    NotYours,
    QuotaExceeded,
    StorageFull,
    WrongMediaType,
)
from server.kit.paging import Page
from server.live.wire import Ticket
from server.moderation.wire import NewReport
from server.notifications.wire import Notifications, ReadUpTo, Unread
from server.openapi.operation import Operation, Refusals
from server.openapi.parameters import NO_NUL
from server.plays.wire import PatchSuggestions, Stats, SuggestionChoice, Watched
from server.posters.wire import PosterMoment
from server.profiles.wire import Account, SignedIn, User
from server.qoe.wire import Beacon
from server.search.wire import Found
from server.similar.wire import Similar
from server.suggestions import scroll
from server.suggestions.wire import SuggestedFeed
from server.uploads import tus
from server.uploads.photo import PHOTO_TYPES
from server.uploads.wire import DuplicateVideo, Limits, UploadedVideo
from server.videos.actions import NotPlayable
from server.videos.wire import PatchVideo

PAGE = ("limit", "cursor")
CHOICE = ("bandwidth_bps", "save_data")


def _list_of_users(what: str, path: str) -> Operation:
    return Operation(
        method="GET", path=path, tag="follows", summary=what, credentials="optional", query=PAGE, answers={200: Page[User]}
    )


ACCOUNTS = (
    Operation(
        method="POST", path="/accounts", tag="accounts", summary="Sign up", credentials="none", body=SignUp,
        answers={201: SignedIn}, refusals=(accounts.UsernameTaken, accounts.EmailTaken),
    ),
    Operation(
        method="POST", path="/sessions", tag="accounts", summary="Log in", credentials="none", body=LogIn,
        answers={201: SignedIn}, refusals=(accounts.BadCredentials,),
    ),
    Operation(
        method="POST", path="/sessions/refresh", tag="accounts", credentials="cookie", body=Refresh, body_required=False,
        summary="Trade a refresh token, or the cookie, for new ones; with the cookie there is no body", answers={200: SignedIn},
        refusals=(ForeignOrigin, sessions.RefreshTokenInvalid, sessions.RefreshTokenReused, sessions.RefreshInProgress),
    ),
    Operation(
        method="GET", path="/sessions", tag="accounts", summary="One's log-ins, newest first", credentials="required", query=PAGE,
        answers={200: Page[Session]},
    ),
    Operation(
        method="DELETE", path="/sessions/current", tag="accounts", summary="Log out", credentials="required",
        answers={204: None}, refusals=(NotFound,),
    ),
    Operation(
        method="DELETE", path="/sessions/{id}", tag="accounts", summary="End a log-in", credentials="required",
        answers={204: None},
    ),
    Operation(method="GET", path="/me", tag="accounts", summary="One's account", credentials="required", answers={200: Account}),
    Operation(
        method="PATCH", path="/me", tag="accounts", summary="Change one's account", credentials="required", body=PatchMe,
        answers={200: Account}, refusals=(accounts.BadPassword, accounts.UsernameTaken, accounts.EmailTaken, NotFound),
    ),
    Operation(
        method="DELETE", path="/me", tag="accounts", credentials="required", body=DeleteMe, answers={204: None},
        summary="Delete one's account: it is gone at once, and within a minute all that is left of it",
        refusals=(accounts.BadPassword, accounts.BadCredentials),
    ),
    Operation(
        method="GET", path="/me/export", tag="accounts", credentials="required", answers={200: Export},
        summary="All that is kept of one's account, as a file. It has come whole when it is JSON: else the connection breaks off",
        refusals=(NotFound,),
    ),
    Operation(
        method="PUT", path="/me/avatar", tag="accounts", credentials="required", pictures=PHOTO_TYPES,
        summary="Show a picture of oneself, of at most 2 MB: its middle, square. 503 with Retry-After when it was not looked at "
        "within some seconds: it is shown later by itself, and whoever sends it again waits for that",
        answers={200: Account},
        refusals=(NotFound, BodyTooLarge, WrongMediaType, Malformed, Invalid, tus.BodyCut, QuotaExceeded),
    ),
    Operation(
        method="DELETE", path="/me/avatar", tag="accounts", summary="Show no picture of oneself", credentials="required",
        answers={204: None}, refusals=(NotFound,),
    ),
    Operation(
        method="GET", path="/users/{user}", tag="accounts", summary="A user, by id or username", credentials="optional",
        answers={200: User},
    ),
)  # fmt: skip

FOLLOWS = (
    Operation(
        method="PUT", path="/me/following/{user}", tag="follows", credentials="required", query=("from_video",),
        summary="Follow, and tell which of their videos made one", answers={204: None},
        refusals=(CannotFollowYourself, CannotFollowBlocked, TooManyFollows),
    ),
    Operation(
        method="DELETE", path="/me/following/{user}", tag="follows", summary="Stop following", credentials="required",
        answers={204: None},
    ),
    _list_of_users("Who follows a user, the newest follow first", "/users/{user}/followers"),
    _list_of_users("Whom a user follows, the newest follow first", "/users/{user}/following"),
)  # fmt: skip

BLOCKS = (
    Operation(
        method="PUT", path="/me/blocks/{user}", tag="blocks", credentials="required", answers={204: None},
        summary="Block: follows between the two end, and neither sees what the other one makes, or is told of it",
        refusals=(CannotBlockYourself, TooManyBlocks),
    ),
    Operation(
        method="DELETE", path="/me/blocks/{user}", tag="blocks", summary="End a block", credentials="required",
        answers={204: None},
    ),
    Operation(
        method="GET", path="/me/blocks", tag="blocks", summary="Whom one has blocked, the newest block first",
        credentials="required", query=PAGE, answers={200: Page[User]},
    ),
)  # fmt: skip

VIDEOS = (
    Operation(
        method="GET", path="/videos/{id}", tag="videos", summary="A video", credentials="optional", query=CHOICE,
        answers={200: Video},
    ),
    Operation(
        method="PATCH", path="/videos/{id}", tag="videos", summary="Change a video's title, description or visibility",
        credentials="required", body=PatchVideo, answers={200: Video}, refusals=(NotYours,),
    ),
    Operation(
        method="DELETE", path="/videos/{id}", tag="videos", summary="Delete a video", credentials="required", answers={204: None},
        refusals=(NotYours,),
    ),
    Operation(
        method="PUT", path="/videos/{id}/poster", tag="videos", credentials="required", body=PosterMoment, pictures=PHOTO_TYPES,
        summary="Choose a video's poster: a moment of it, or a picture of at most 2 MB. 200 when it is shown; 202 when it is "
        "still being made after some seconds: it is shown soon, or, should the picture not be readable, never",
        answers={200: Video, 202: Video}, refusals=(NotYours, NotPlayable, tus.BodyCut, QuotaExceeded),
    ),
    Operation(
        method="DELETE", path="/videos/{id}/poster", tag="videos", summary="Go back to the poster that was picked",
        credentials="required", answers={204: None}, refusals=(NotYours,),
    ),
    Operation(
        method="GET", path="/videos/{id}/similar", tag="videos",
        summary="One's own and public videos that look like one's own video, the nearest first; one page",
        credentials="required", query=("limit",), answers={200: Page[Similar]}, refusals=(NotYours,),
    ),
    Operation(
        method="GET", path="/users/{user}/videos", tag="videos", summary="A user's videos, newest first", credentials="optional",
        query=PAGE, answers={200: Page[Video]},
    ),
    Operation(
        method="GET", path="/hashtags/{tag}/videos", tag="videos", summary="Public videos with a hashtag, newest first",
        credentials="optional", query=PAGE, answers={200: Page[Video]},
    ),
    Operation(
        method="POST", path="/videos/{id}/reports", tag="moderation", credentials="required", body=NewReport, takes_key=True,
        summary="Report a video, or change one's report; of one's own video without effect", answers={202: None},
    ),
    Operation(
        method="PUT", path="/videos/{id}/not-interested", tag="moderation", credentials="required", answers={204: None},
        summary="Have nothing like this video suggested; of one's own video without effect",
    ),
    Operation(
        method="POST", path="/videos/{id}/shares", tag="shares", credentials="required", takes_key=True, answers={202: None},
        summary="Tell that one has passed a video on; of one's own video without effect",
    ),
    Operation(
        method="POST", path="/videos/{id}/restore", tag="videos", credentials="required", takes_key=True, answers={202: None},
        summary="Bring back all of one's own archived video; of any other without effect", refusals=(NotYours,),
    ),
    Operation(
        method="PUT", path="/videos/{id}/like", tag="likes", summary="Like", credentials="required", answers={204: None},
        refusals=(NotPlayable,),
    ),
    Operation(
        method="DELETE", path="/videos/{id}/like", tag="likes", summary="Take a like back", credentials="required",
        answers={204: None}, refusals=(NotPlayable,),
    ),
    Operation(
        method="GET", path="/videos/{id}/comments", tag="comments", summary="A video's comments, newest first",
        credentials="optional", query=PAGE, answers={200: Page[Comment]},
    ),
    Operation(
        method="POST", path="/videos/{id}/comments", tag="comments", summary="Comment", credentials="required", body=NewComment,
        takes_key=True, answers={201: Comment}, refusals=(NotPlayable,),
    ),
    Operation(
        method="POST", path="/videos/{id}/views", tag="views", credentials="required", body=Watched, takes_key=True,
        summary="Tell how one watched a video, once it was left; one view an hour counts, soon and not of one's own video",
        answers={202: None}, refusals=(NotPlayable, QuotaExceeded),
    ),
    Operation(
        method="GET", path="/videos/{id}/stats", tag="views", credentials="required", answers={200: Stats}, refusals=(NotYours,),
        summary="How one's own video is watched: views of late and by day (UTC), and how long it holds people; where it lies",
    ),
    Operation(
        method="DELETE", path="/comments/{id}", tag="comments", summary="Delete a comment", credentials="required",
        answers={204: None}, refusals=(NotYours,),
    ),
    Operation(
        method="GET", path="/feed/following", tag="feed", summary="What those one follows published, newest first",
        credentials="required", query=PAGE + CHOICE, answers={200: FollowingFeed},
    ),
    Operation(
        method="GET", path="/feed/latest", tag="feed", summary="All public videos, newest first", credentials="optional",
        query=PAGE + CHOICE, answers={200: LatestFeed},
    ),
    Operation(
        method="GET", path="/feed/suggested", tag="feed", credentials="optional", query=PAGE + CHOICE, cursors=scroll.pattern,
        summary="What an account may like, of what it has not seen; without credentials what is popular, rising and fresh",
        answers={200: SuggestedFeed},
    ),
    Operation(
        method="GET", path="/search", tag="search", summary="Users and hashtags that begin with what was typed, popular first",
        credentials="optional", query=("q", "limit"), answers={200: Found},
    ),
)  # fmt: skip

NOTIFICATIONS = (
    Operation(
        method="GET", path="/me/notifications", tag="notifications", credentials="required", query=PAGE,
        summary="What others did that one is told of, what began last first; what is alike is one until it is read, or for a day",
        answers={200: Notifications},
    ),
    Operation(
        method="GET", path="/me/notifications/unread", tag="notifications", credentials="required", answers={200: Unread},
        summary="How many notifications are unread, 100 at the most",
    ),
    Operation(
        method="PUT", path="/me/notifications/read", tag="notifications", credentials="required", body=ReadUpTo,
        summary="All notifications are read, up to `up_to` of the list that was seen: what came since stays unread",
        answers={204: None},
    ),
)  # fmt: skip

SUGGESTIONS = (
    Operation(
        method="GET", path="/me/suggestions", tag="feed", summary="Whether suggestions learn from what one does, and since when",
        credentials="required", answers={200: SuggestionChoice},
    ),
    Operation(
        method="PATCH", path="/me/suggestions", tag="feed", credentials="required", body=PatchSuggestions,
        summary="Let suggestions learn from what one does, or not: then what they have learned is forgotten at once, and one is "
        "suggested what everybody is. Whoever allows it again begins anew",
        answers={200: SuggestionChoice},
    ),
    Operation(
        method="DELETE", path="/me/suggestions", tag="feed", credentials="required", answers={204: None},
        summary="Have forgotten what suggestions have learned of one: nothing from before counts. What was seen stays seen",
    ),
)  # fmt: skip

FORM = {
    "type": "object",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "file": {
            "type": "string",
            "format": "binary",
            "minLength": 1,
            "description": "The bytes; the fields may come in any order.",
        },
        "title": {"type": "string", "maxLength": 150, "allOf": [{"pattern": NO_NUL}]},
        "description": {"type": "string", "maxLength": 2200, "allOf": [{"pattern": NO_NUL}]},
        "visibility": {"type": "string", "enum": ["public", "followers", "private"]},
    },
}
SPOKEN = ("Tus-Resumable",)
STATE = ("Tus-Resumable", "Upload-Offset", "Upload-Expires", "Video-Id", "Video-Duplicate")
TUS: Refusals = (tus.UnsupportedVersion, Invalid)
BYTES: Refusals = (WrongMediaType, tus.ChecksumMismatch, tus.UploadTooLarge, tus.BodyCut)

UPLOADS = (
    Operation(
        method="POST", path="/videos", tag="uploads", summary="Upload in one request", credentials="required", form=FORM,
        takes_key=True, answers={202: UploadedVideo, 200: DuplicateVideo},
        refusals=(Malformed, tus.BodyCut, tus.UploadTooLarge, WrongMediaType, Invalid, QuotaExceeded, StorageFull),
    ),
    Operation(
        method="GET", path="/uploads/limits", tag="uploads", summary="What an upload may be", credentials="optional",
        answers={200: Limits},
    ),
    Operation(
        method="POST", path="/uploads", tag="uploads",
        summary="Begin a resumable upload, with its first bytes or without (tus 1.0)",
        credentials="required", takes_bytes=True, body_required=False, headers=(*SPOKEN, "Upload-Length"),
        optional_headers=("Upload-Metadata",), takes_key=True,
        answers={201: None}, answer_headers={201: ("Location", *STATE)},
        refusals=(*TUS, *BYTES, Malformed, QuotaExceeded, StorageFull),
    ),
    Operation(
        method="HEAD", path="/uploads/{id}", tag="uploads", summary="How far an upload is (tus 1.0)", credentials="required",
        headers=SPOKEN, answers={200: None}, answer_headers={200: (*STATE, "Upload-Length")},
        refusals=(*TUS, tus.UploadExpired),
    ),
    Operation(
        method="PATCH", path="/uploads/{id}", tag="uploads", credentials="required",
        summary="Send the next bytes (tus 1.0). Where a proxy lets only GET and POST through, POST with `X-HTTP-Method-Override` "
        "stands for each method of this path",
        takes_bytes=True, headers=(*SPOKEN, "Upload-Offset"),
        answers={204: None}, answer_headers={204: STATE},
        refusals=(*TUS, *BYTES, Malformed, tus.OffsetMismatch, tus.UploadExpired, StorageFull),
    ),
    Operation(
        method="DELETE", path="/uploads/{id}", tag="uploads", summary="Give an upload up (tus 1.0, termination)",
        credentials="required", headers=SPOKEN, answers={204: None}, answer_headers={204: SPOKEN},
        refusals=(*TUS, tus.UploadExpired),
    ),
)  # fmt: skip

LIVE = (
    Operation(
        method="POST", path="/live/tickets", tag="live", summary="A ticket that opens one socket, for browsers",
        credentials="required", answers={201: Ticket},
    ),
)  # fmt: skip

DOCUMENTS = (
    Operation(
        method="GET", path="/openapi.json", tag="documents", summary="This document", credentials="optional",
        answers={200: dict[str, Any]},
    ),
    Operation(
        method="GET", path="/asyncapi.json", tag="documents", summary="The messages of the socket, as AsyncAPI 3",
        credentials="optional", answers={200: dict[str, Any]},
    ),
)  # fmt: skip

QOE = (
    Operation(
        method="POST", path="/qoe", tag="views", credentials="optional", body=Beacon, answers={204: None},
        summary="Tell how videos played, without whose or which they are: start-up, stalls, renditions, what was fetched ahead",
    ),
)  # fmt: skip

OPERATIONS = ACCOUNTS + FOLLOWS + BLOCKS + VIDEOS + NOTIFICATIONS + SUGGESTIONS + UPLOADS + LIVE + QOE + DOCUMENTS
