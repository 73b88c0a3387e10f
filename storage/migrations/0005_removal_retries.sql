-- What cannot be removed from the object store is tried again after pauses that double, and holds up nothing else meanwhile.

ALTER TABLE object_removal ADD COLUMN faults integer NOT NULL DEFAULT 0;

-- Until `clean_at` the bytes of an upload that is over are left alone; null where removing them has not failed.
ALTER TABLE upload ADD COLUMN faults integer NOT NULL DEFAULT 0, ADD COLUMN clean_at timestamptz;
