"""What is learned from: signals of all rooms as SQL, in one place, with what each is worth. Nothing is written here.

A row is (account, video, time, weight). The weight 0 says that it was shown and not liked; what is above 0 is liked, 1 being an
ordinary like: `recommend` asks whether there is one, and the rest is told for whoever looks at the rows.
"""

from datetime import timedelta

LEARNED_DAYS = 90
"""Older signals say nothing any more: the model's longest memory is 30 days."""
ACTIVE_DAYS = 30
"""Whoever has reported no view in so many days has no list made."""
WATCHED_HALF, COMPLETED, REPLAYED = 0.5, 1.0, 1.0
"""Half of a video is the bar of a like that nobody pressed; who saw its end, or began again, liked it more surely."""
LIKED, COMMENTED, SHARED, FOLLOWED = 2.0, 2.0, 3.0, 3.0
"""What took an effort says more than watching; what others are to see, and wanting more of the author, most."""
MOST_WEIGHT = 10.0
"""One who watches a clip a hundred times is not a hundred times as sure."""
LOOK_SAMPLE = 32
"""One in so many keys of fingerprints tells which videos look alike: copies share most of their hundreds of keys."""
FEWEST_ALIKE, MOST_ALIKE = 2, 100
"""A look that fewer videos have ties nothing together, one that more have is a test picture or a black one."""
MOST_ROWS = 100_000_000
"""Of each list that is handed over, so that a night has an end."""

BEGAN = timedelta(days=LEARNED_DAYS)

# Accounts that are there and let suggestions learn, with the moment from which on their signals count.
_LEARNS = """
learns AS (
    SELECT a.id AS account_id, greatest(c.since, now() - make_interval(days => $1)) AS since
    FROM account AS a
    LEFT JOIN watch_choice AS c ON c.account_id = a.id
    WHERE coalesce(c.learns, true)
)
"""
_WATCHED = f"""
SELECT w.account_id, w.video_id, w.at,
    CASE
        WHEN w.completed THEN {COMPLETED}
        WHEN 2 * w.watched_ms >= coalesce(w.duration_ms, v.duration_ms) THEN {WATCHED_HALF}
        ELSE 0
    END + CASE WHEN w.replays > 0 THEN {REPLAYED} ELSE 0 END AS weight
FROM watch_log AS w
JOIN video AS v ON v.id = w.video_id
WHERE w.day > (now() AT TIME ZONE 'UTC')::date - $1::integer
"""  # noqa: S608 - numbers of ours
_TOLD = f"""
told AS (
    {_WATCHED}
    UNION ALL SELECT account_id, video_id, created_at, {LIKED} FROM video_like
    UNION ALL SELECT author_id, video_id, created_at, {COMMENTED} FROM comment
    UNION ALL SELECT account_id, video_id, last_shared_at, {SHARED} FROM video_share
    UNION ALL SELECT account_id, from_video, created_at, {FOLLOWED} FROM following WHERE from_video IS NOT NULL
    UNION ALL SELECT account_id, video_id, created_at, 0 FROM not_interested
    UNION ALL SELECT account_id, video_id, created_at, 0 FROM report
)
"""  # noqa: S608
# What an account wants no more of, or has reported, it did not like, whatever it did before. Authors do not say what is good.
# A line for each day: who comes back to a video says so again.
ROWS = f"""
WITH {_LEARNS}, {_TOLD}
, refused AS (SELECT account_id, video_id FROM not_interested UNION SELECT account_id, video_id FROM report)
, daily AS (
    SELECT t.account_id, t.video_id, max(t.at) AS at, least(sum(t.weight), {MOST_WEIGHT}) AS weight
    FROM told AS t
    JOIN learns AS l ON l.account_id = t.account_id AND t.at >= l.since
    JOIN video AS v ON v.id = t.video_id AND v.author_id <> t.account_id
    GROUP BY t.account_id, t.video_id, (t.at AT TIME ZONE 'UTC')::date
)
SELECT d.account_id, d.video_id, extract(epoch FROM d.at)::double precision,
    (CASE WHEN r.account_id IS NULL THEN d.weight ELSE 0 END)::real
FROM daily AS d
LEFT JOIN refused AS r ON r.account_id = d.account_id AND r.video_id = d.video_id
LIMIT {MOST_ROWS}
"""  # noqa: S608
# Whatever plays; only what anybody may see, and is at hand, is suggested.
VIDEOS = f"""
SELECT v.id, v.author_id, coalesce(v.duration_ms, 'NaN'::double precision)::double precision,
    extract(epoch FROM coalesce(v.published_at, v.created_at))::double precision,
    v.visibility = 'public' AND v.published_at IS NOT NULL AND coalesce(t.tier, 'warm') = 'warm' AND a.id IS NOT NULL
FROM video AS v
LEFT JOIN account AS a ON a.id = v.author_id
LEFT JOIN video_tier AS t ON t.video_id = v.id
WHERE v.status IN ('playable', 'ready')
LIMIT {MOST_ROWS}
"""  # noqa: S608
TAGS = f"""
SELECT video_id AS item, tag FROM hashtag_video WHERE tag !~ '\\s' ORDER BY video_id, tag LIMIT {MOST_ROWS}
"""  # noqa: S608
LOOKS = f"""
WITH sampled AS (
    SELECT f.video_id, k.key
    FROM fingerprint AS f
    CROSS JOIN LATERAL unnest(f.keys) AS k (key)
    WHERE k.key % {LOOK_SAMPLE} = 0
), telling AS (
    SELECT key FROM sampled GROUP BY key HAVING count(*) BETWEEN {FEWEST_ALIKE} AND {MOST_ALIKE}
)
SELECT s.video_id, s.key FROM sampled AS s JOIN telling USING (key) LIMIT {MOST_ROWS}
"""  # noqa: S608
_ACTIVE = f"""
active AS (
    SELECT DISTINCT w.account_id
    FROM watch_log AS w
    JOIN learns AS l ON l.account_id = w.account_id AND w.at >= l.since
    WHERE w.day > (now() AT TIME ZONE 'UTC')::date - {ACTIVE_DAYS}
)
"""  # noqa: S608
ACTIVE = f"WITH {_LEARNS}, {_ACTIVE} SELECT account_id FROM active LIMIT {MOST_ROWS}"  # noqa: S608
# What they have seen, however long ago, and what they declined. Their own videos `recommend` knows by the authors.
OUT = f"""
WITH {_LEARNS}, {_ACTIVE}
SELECT o.account_id, o.video_id
FROM (
    SELECT account_id, video_id FROM play
    UNION ALL SELECT account_id, video_id FROM not_interested
    UNION ALL SELECT account_id, video_id FROM report
) AS o
JOIN active USING (account_id)
LIMIT {MOST_ROWS}
"""  # noqa: S608
FOLLOWS = f"SELECT account_id, author_id FROM following LIMIT {MOST_ROWS}"  # noqa: S608
# Both ways: who has blocked somebody is not shown to them either.
BLOCKS = f"""
SELECT account_id, blocked_id FROM blocking UNION ALL SELECT blocked_id, account_id FROM blocking LIMIT {MOST_ROWS}
"""  # noqa: S608

ANYBODY = """
SELECT EXISTS (SELECT FROM watch_log WHERE day > (now() AT TIME ZONE 'UTC')::date - $1::integer)
"""
