-- Answers kept for requests that come again with the same Idempotency-Key, by account.

CREATE TABLE kept_answer (
    account_id uuid NOT NULL,
    path text NOT NULL,
    key text NOT NULL,
    -- While the first request runs: which one that is. Null where it was one transaction, and had its answer at once.
    holder uuid,
    -- While it runs: when it is given up for dead. Then: until when its answer is kept.
    until timestamptz NOT NULL,
    -- SHA-256 of what was asked for; what comes again must be the same.
    content bytea,
    status smallint,
    headers jsonb,
    body bytea,
    PRIMARY KEY (account_id, path, key),
    CHECK (num_nulls(content, status, headers, body) IN (0, 4)),
    CHECK (status IS NOT NULL OR holder IS NOT NULL)
);
CREATE INDEX kept_answer_until ON kept_answer (until);
