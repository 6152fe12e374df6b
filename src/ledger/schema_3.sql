-- Version 3: whom a request asks about is known by keyed hashes, whatever the spelling, and how old an attempt is can be
-- proven without this machine's wall clock.

-- What a request, or a job of somebody else whose inputs were read, asks about. Only what may have spent a unit is here.
-- `id` is the order in which the ledger came to know of it: a person's word overrules what was there when it was given.
CREATE TABLE subjects (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    scope   INTEGER NOT NULL REFERENCES scopes (id),
    kind    TEXT    NOT NULL CHECK (kind IN ('people', 'org')),
    attempt INTEGER REFERENCES attempts (id),
    job     TEXT,
    keys    BLOB    NOT NULL,
    CHECK ((attempt IS NULL) <> (job IS NULL))
) STRICT;
CREATE UNIQUE INDEX subjects_attempt ON subjects (attempt) WHERE attempt IS NOT NULL;
CREATE UNIQUE INDEX subjects_job ON subjects (scope, kind, job) WHERE job IS NOT NULL;

-- The index of the keys. `stronger` is the set of stronger keys that the same subject has: a shared e-mail address means
-- nothing where both name a page of their own.
CREATE TABLE subject_keys (
    hash     BLOB    NOT NULL CHECK (length(hash) = 16),
    subject  INTEGER NOT NULL,
    stronger INTEGER NOT NULL,
    PRIMARY KEY (hash, subject)
) STRICT, WITHOUT ROWID;

-- Which key the hashes were made with, and how many attempts that count have none, because their inputs were purged
-- before the ledger had this format or before a new key was made.
CREATE TABLE hash_key (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    proof   BLOB    CHECK (proof IS NULL OR length(proof) = 16),
    unkeyed INTEGER NOT NULL CHECK (unkeyed >= 0)
) STRICT;

-- When an attempt was made, by the boot of its host and by the server's own clock.
CREATE TABLE times (
    attempt     INTEGER PRIMARY KEY REFERENCES attempts (id),
    boot        TEXT,
    boottime_ms INTEGER,
    answered_ms INTEGER
) STRICT;

-- The newest time that a server told.
CREATE TABLE server_times (
    scope       INTEGER PRIMARY KEY REFERENCES scopes (id),
    date_ms     INTEGER NOT NULL
) STRICT;

-- The newest subject that a person's word for a row knew of, and whether it also overrules what is still open; what was
-- found when the row was judged, as JSON.
ALTER TABLE run_rows ADD COLUMN known INTEGER;
ALTER TABLE run_rows ADD COLUMN known_open INTEGER NOT NULL DEFAULT 0 CHECK (known_open IN (0, 1));
ALTER TABLE run_rows ADD COLUMN verdict TEXT;
