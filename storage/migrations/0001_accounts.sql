-- Accounts and what belongs to one of them. Distribution column: the account (or author), part of every key.

CREATE TABLE account (
    id uuid PRIMARY KEY,
    username text NOT NULL,
    email text NOT NULL,
    password_hash text NOT NULL,
    first_name text,
    last_name text,
    birth_date date,
    display_name text NOT NULL DEFAULT '',
    bio text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Global uniqueness without a cross-shard constraint: a table keyed by the normalised name itself.
CREATE TABLE username (
    name text PRIMARY KEY,
    account_id uuid NOT NULL
);

CREATE TABLE email_address (
    address text PRIMARY KEY,
    account_id uuid NOT NULL
);

-- A session is one family of refresh tokens; `generation` is the number of the only one that is still good.
CREATE TABLE session (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    generation integer NOT NULL DEFAULT 0,
    user_agent text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX session_expired ON session (expires_at);

-- What every process must hear of within a second, whatever happens to the broker: they poll this table.
CREATE TABLE invalidation (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (account_id, id)
);
CREATE INDEX invalidation_at ON invalidation (at);

-- A follow is written on both sides, each on its own shard, so that either list is read from one.
CREATE TABLE following (
    account_id uuid NOT NULL,
    author_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, author_id)
);
CREATE INDEX following_newest ON following (account_id, created_at DESC, author_id DESC);

CREATE TABLE follower (
    author_id uuid NOT NULL,
    account_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (author_id, account_id)
);
CREATE INDEX follower_newest ON follower (author_id, created_at DESC, account_id DESC);
