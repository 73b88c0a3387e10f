-- Whoever takes a job reads the head of each queue, and nothing of what stands behind it, however long it is.

CREATE INDEX job_waiting ON job (shard, kind, phase, run_at) WHERE state = 'queued';
CREATE INDEX job_waiting_account ON job (shard, kind, phase, account_id, run_at) WHERE state = 'queued';

-- By time alone it would be walked along in search of a kind.
DROP INDEX job_due;
