-- A failure that comes back the same will not pass under this version.

-- What the last start that broke off died of, as it may be compared; empty where that may well pass. Of a failed job: it came twice.
ALTER TABLE job ADD COLUMN mark text NOT NULL DEFAULT '';
