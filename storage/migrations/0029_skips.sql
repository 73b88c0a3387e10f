-- How often an account left a video before that counted as a view: what it does not want to be suggested.
-- Reports of before are in the sums without it. The default costs no rewriting.
ALTER TABLE play ADD COLUMN skips bigint NOT NULL DEFAULT 0;
