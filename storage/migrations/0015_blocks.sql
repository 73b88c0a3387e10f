-- Who wants to have nothing to do with whom. Distribution column: the account that stands first in each key.

-- A block is written on both sides, each on its own shard: whoever looks at something finds on theirs alone what they are not
-- to see. The references go with an account's own side of it; the other one is on other shards (`forget` in server/blocks).
CREATE TABLE blocking (
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    blocked_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, blocked_id)
);
CREATE INDEX blocking_newest ON blocking (account_id, created_at DESC, blocked_id DESC);

CREATE TABLE blocker (
    blocked_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    account_id uuid NOT NULL,
    PRIMARY KEY (blocked_id, account_id)
);
