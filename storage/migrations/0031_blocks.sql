-- Blocks of a deleted account go in batches: both rows are held by whoever blocks, so nothing is lost without these references. A
-- file of its own: this locks `account`, and whoever builds an index at the same time would wait for those who wait for it.
SET LOCAL lock_timeout = '500ms';
ALTER TABLE blocking DROP CONSTRAINT blocking_account_id_fkey;
ALTER TABLE blocker DROP CONSTRAINT blocker_blocked_id_fkey;
