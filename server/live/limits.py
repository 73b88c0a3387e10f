"""Every limit of the live gateway in one list."""

MAX_MESSAGE_BYTES = 4096
SESSIONS_PER_ACCOUNT = 20
"""On all processes together; on each of them while the broker is away."""
SESSION_KEPT_SECONDS = 60
"""So long a session counts for others whose process does not speak of it any more."""
QUOTA_REFRESH_SECONDS = 25.0
"""So often a process speaks of all its sessions."""
QUOTA_GATHER_SECONDS = 0.05
"""Before it tells of changes it waits so long for more: one round trip for each would be half of what an opening costs."""
QUOTA_AT_ONCE = 100
"""Accounts whose sessions are counted in one round trip."""
ERRORS_PER_MINUTE = 10
REAUTHENTICATE_SECONDS = 60
"""So long before its token expires a session is asked for a new one."""
TICKET_SECONDS = 30
OPENINGS_A_SECOND = 500
"""Sessions that a process lets begin: one takes 0.7 ms of a core or so, and HTTP must go on."""
OPENINGS_AT_ONCE = 8
"""They share one connection to PostgreSQL and a statement, and HTTP has its turn between them."""
OPENING_SECONDS = OPENINGS_AT_ONCE / OPENINGS_A_SECOND
"""So long an opening keeps its slot at least."""
OPENINGS_WAITING = 1_000
"""Two seconds' worth; who comes on top is told when to come again."""
JOIN_PATIENCE_SECONDS = 1.0
"""A session waits so long for its account's channel, and begins all the same."""
UNSENT_BYTES = 16 * 1024
"""A session with more that the kernel has not taken is slow: events wait for it as references, and not as a copy of its own."""
WRITE_BYTES = 16 * 1024
"""In one write, unless a single event is larger: a round is full with so much for one audience."""

HOLD_SECONDS = 1.0
"""A fresh session gets nothing live before its first message or this: a `resume` that is under way must come before. Of whom
nothing at all is heard by then it is not known whether the welcome has arrived: it is pinged, and held on to."""
HEARD_SECONDS = 0.5
"""So long it is held behind the first that is heard of it."""
MOST_HELD_SECONDS = 5.0
"""So long in all."""
MOST_REPLAYED = 1000
RESUME_SECONDS = 10.0
"""A replay that waits longer for the database or for its peer is given up; the client tries again."""
RESUMES_READING = 4
"""Resumes that read PostgreSQL at once on one process."""
REPLAY_CHUNK = 50
REPLAY_WINDOW_BYTES = 64 * 1024
"""A replay pauses while so much of it is unsent."""

MOST_WATCHED = 4
"""Videos that a session watches at once."""
ROUND_SECONDS = 0.7
"""From one round of a video's comments and counts to the next. Two in any second are promised, as they arrive: a network may
bring the later of three by 0.4 s too early, beside the first."""
COMMENTS_A_ROUND = 20
"""New comments of one video in one round; of more the newest are shown, and all are stored."""
DELETED_A_ROUND = 200
"""Deleted comments likewise."""
VIEWS_SECONDS = 1.0
"""So often the views of all that is watched here are read: they move by folds, not by messages."""
TALLY_SECONDS = 0.5
"""The pause between two rounds of telling others how many watch what here, with jitter."""
TALLY_REFRESH_SECONDS = 10.0
"""So often a process tells all of it anew, and reads anew what others tell."""
TALLY_KEPT_SECONDS = 30.0
"""So long the watchers of a process count that does not speak of them any more."""
TALLIES_AT_ONCE = 100
"""Videos whose watchers are counted in one round trip."""
MOST_HIDDEN = 50_000
"""Accounts hidden from one that watches; from whom more are hidden, all comments are."""
LIKE_SECONDS = 5.25
"""From one `like.on_yours` of a video to the next: one in five seconds is promised, as they arrive."""
NOTICES_KEPT = 100
"""News that wait for one account; of more the newest are told."""

RING_LENGTH = 10_000
"""Publications that a process remembers for resumes."""
FRESH_SECONDS = 1.0
"""The JSON of a video is read again when it is older."""
MOST_BODIES = 5_000
BODIES_AT_ONCE = 100
SLICE = 512
"""Sockets written in one turn of the event loop."""
MOST_IN_ROUND = 500
"""Events in one round of the fan-out."""
REST_FROM_SECONDS = 0.005
REST_SECONDS = 0.05
REST_BELOW = 8
"""Behind a round of several events that took so long there is a rest as long, of REST_SECONDS at most, unless so many messages
wait already: the next round has more of them, and costs hardly more. What comes one by one finds no rest."""
INBOX_LENGTH = 20_000
"""Messages of the broker that wait for the hub; publications beyond are read from PostgreSQL instead."""
PAGE = 500
"""Publications read, numbered or relayed in one go."""

PULSE_SECONDS = 1.0
PULSELESS_SECONDS = 3.0
"""After so long without the relay's pulse a hub reads PostgreSQL itself, once per POLL_SECONDS."""
POLL_SECONDS = 0.9
CATCH_UP_SECONDS = 3.0
LOOK_SECONDS = 10.0
"""Even with pulses a hub compares itself with PostgreSQL so often: a log that went back is not told by them."""
LEASE_SECONDS = 5.0
RENEW_SECONDS = 1.5
OUTBOX_POLL_SECONDS = 0.5
BACKLOG = 200
"""After an outage of the broker at most so many are sent on one by one; with more, a pulse makes every hub read them at once."""
RETRY_FIRST_SECONDS = 0.2
RETRY_LAST_SECONDS = 2.0

ANNOUNCEMENTS = 5_000
"""Events that wait for the broker; more are dropped, as is everything while it is away."""
RETENTION_DAYS = 7

COMMENTS_OUTSTANDING = 64
"""Comments of a session that are being stored; then its next message waits."""
