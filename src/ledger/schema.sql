-- The ledger, version 1. Times are INTEGER milliseconds, UTC. Attempts are ordered by id.

CREATE TABLE ledger (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    uuid       TEXT    NOT NULL CHECK (length(uuid) = 32),
    created_ms INTEGER NOT NULL
) STRICT;

-- What the triggers let pass in the running transaction: 'purge' or 'rename'. NULL at every commit.
CREATE TABLE control (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    allow TEXT CHECK (allow IN ('purge', 'rename'))
) STRICT;
INSERT INTO control (one, allow) VALUES (1, NULL);

CREATE TABLE scopes (
    id  INTEGER PRIMARY KEY,
    key TEXT    NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 300)
) STRICT;

CREATE TABLE runs (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    profile    TEXT    NOT NULL,
    scope      INTEGER NOT NULL REFERENCES scopes (id),
    kind       TEXT    NOT NULL CHECK (kind IN ('people', 'org')),
    module     TEXT    NOT NULL,
    file_name  TEXT    NOT NULL,
    sha256     TEXT    NOT NULL,
    columns    TEXT    NOT NULL,
    mapping    TEXT    NOT NULL,
    settings   TEXT    NOT NULL,
    operator   TEXT    NOT NULL,
    process    TEXT    NOT NULL,
    created_ms INTEGER NOT NULL,
    state      TEXT    NOT NULL
               CHECK (state IN ('importing', 'ready', 'running', 'paused', 'finished')),
    reason     TEXT,
    state_ms   INTEGER NOT NULL
) STRICT;

CREATE TABLE run_rows (
    run         INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    row         INTEGER NOT NULL CHECK (row > 0),
    line        INTEGER NOT NULL,
    cells       TEXT,
    inputs      TEXT,
    record_id   TEXT,
    fingerprint BLOB    CHECK (fingerprint IS NULL OR length(fingerprint) = 32),
    state       TEXT    NOT NULL
                CHECK (state IN ('pending', 'invalid', 'skipped', 'sending', 'scheduled',
                                 'rejected', 'not_sent', 'unknown', 'absent')),
    reason      TEXT,
    attempt     INTEGER REFERENCES attempts (id),
    PRIMARY KEY (run, row)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_rows_state ON run_rows (run, state, row);
CREATE INDEX run_rows_attempt ON run_rows (attempt) WHERE attempt IS NOT NULL;

CREATE TABLE row_counts (
    run   INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    state TEXT    NOT NULL,
    count INTEGER NOT NULL CHECK (count >= 0),
    PRIMARY KEY (run, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_commands (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    run      INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    command  TEXT    NOT NULL CHECK (command IN ('pause', 'resume', 'stop')),
    operator TEXT    NOT NULL,
    at_ms    INTEGER NOT NULL,
    taken_ms INTEGER
) STRICT;
CREATE INDEX run_commands_waiting ON run_commands (run) WHERE taken_ms IS NULL;

CREATE TABLE attempts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    started_ms  INTEGER NOT NULL,
    settled_ms  INTEGER,
    profile     TEXT    NOT NULL,
    scope       INTEGER NOT NULL REFERENCES scopes (id),
    data_center TEXT    NOT NULL CHECK (data_center IN ('US', 'IN', 'AU', 'CA', 'SA')),
    environment TEXT    NOT NULL CHECK (environment IN ('production', 'sandbox', 'developer')),
    kind        TEXT    NOT NULL CHECK (kind IN ('people', 'org')),
    module      TEXT    NOT NULL,
    record_id   TEXT,
    operator    TEXT    NOT NULL,
    process     TEXT    NOT NULL,
    run         INTEGER REFERENCES runs (id),
    row         INTEGER,
    forced      INTEGER NOT NULL CHECK (forced IN (0, 1)),
    overridden  INTEGER NOT NULL CHECK (overridden IN (0, 1)),
    fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 32),
    inputs      TEXT,
    outcome     TEXT    NOT NULL
                CHECK (outcome IN ('sending', 'scheduled', 'rejected', 'limit', 'denied', 'throttled',
                                   'not_sent', 'unknown', 'unknown (accepted)', 'absent')),
    http_status INTEGER CHECK (http_status BETWEEN 0 AND 65535),
    code        TEXT,
    message     TEXT,
    job_id      TEXT,
    latency_ms  INTEGER CHECK (latency_ms >= 0),
    note        TEXT,
    purged_ms   INTEGER,
    CHECK ((run IS NULL) = (row IS NULL)),
    CHECK ((outcome = 'scheduled') = (job_id IS NOT NULL)),
    CHECK ((outcome = 'sending') = (settled_ms IS NULL)),
    CHECK (inputs IS NOT NULL OR purged_ms IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX attempts_one_live ON attempts (run, row)
    WHERE run IS NOT NULL
      AND outcome IN ('sending', 'unknown', 'unknown (accepted)', 'scheduled');
CREATE UNIQUE INDEX attempts_job ON attempts (scope, kind, job_id) WHERE job_id IS NOT NULL;
CREATE INDEX attempts_open ON attempts (scope, kind, outcome)
    WHERE outcome IN ('sending', 'unknown', 'unknown (accepted)');
CREATE INDEX attempts_sending ON attempts (process) WHERE outcome = 'sending';
CREATE INDEX attempts_profile ON attempts (profile);
CREATE INDEX attempts_profile_outcome ON attempts (profile, outcome);
CREATE INDEX attempts_outcome ON attempts (outcome);
CREATE INDEX attempts_code ON attempts (code) WHERE code IS NOT NULL;
CREATE INDEX attempts_operator ON attempts (operator);
CREATE INDEX attempts_run ON attempts (run) WHERE run IS NOT NULL;
CREATE INDEX attempts_fingerprint ON attempts (fingerprint);

-- The long texts, apart, so that a page of the log reads short rows only.
CREATE TABLE bodies (
    attempt          INTEGER PRIMARY KEY REFERENCES attempts (id),
    request_body     TEXT,
    response_body    TEXT,
    response_headers TEXT,
    details          TEXT
) STRICT;

CREATE TABLE decisions (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms    INTEGER NOT NULL,
    operator TEXT    NOT NULL,
    made_by  TEXT    NOT NULL CHECK (made_by IN ('reconcile', 'operator', 'recovery')),
    verdict  TEXT    NOT NULL,
    attempt  INTEGER REFERENCES attempts (id),
    run      INTEGER,
    row      INTEGER,
    note     TEXT
) STRICT;
CREATE INDEX decisions_attempt ON decisions (attempt) WHERE attempt IS NOT NULL;

-- Jobs the server told of, and jobs our own answers named. `attempt` NULL means not ours.
CREATE TABLE jobs (
    scope           INTEGER NOT NULL REFERENCES scopes (id),
    kind            TEXT    NOT NULL CHECK (kind IN ('people', 'org')),
    id              TEXT    NOT NULL,
    status          TEXT    NOT NULL,
    at_ms           INTEGER NOT NULL,
    created_ms      INTEGER,
    created_by_id   TEXT,
    created_by_name TEXT,
    fetched_ms      INTEGER,
    enrich_based_on TEXT,
    enriched_data   TEXT,
    attempt         INTEGER REFERENCES attempts (id),
    PRIMARY KEY (scope, kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX jobs_newest ON jobs (scope, kind, at_ms, id);
CREATE INDEX jobs_attempt ON jobs (attempt) WHERE attempt IS NOT NULL;

-- Counters, kept by the triggers below in the transaction of the change they count.
CREATE TABLE usage (
    scope     INTEGER NOT NULL REFERENCES scopes (id),
    kind      TEXT    NOT NULL,
    sending   INTEGER NOT NULL DEFAULT 0 CHECK (sending >= 0),
    unknown   INTEGER NOT NULL DEFAULT 0 CHECK (unknown >= 0),
    scheduled INTEGER NOT NULL DEFAULT 0 CHECK (scheduled >= 0),
    jobs_foreign INTEGER NOT NULL DEFAULT 0 CHECK (jobs_foreign >= 0),
    PRIMARY KEY (scope, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE days (
    scope    INTEGER NOT NULL REFERENCES scopes (id),
    kind     TEXT    NOT NULL,
    day      INTEGER NOT NULL,
    operator TEXT    NOT NULL,
    outcome  TEXT    NOT NULL,
    count    INTEGER NOT NULL CHECK (count >= 0),
    PRIMARY KEY (scope, kind, day, operator, outcome)
) STRICT, WITHOUT ROWID;

CREATE TABLE foreign_days (
    scope INTEGER NOT NULL REFERENCES scopes (id),
    kind  TEXT    NOT NULL,
    day   INTEGER NOT NULL,
    name  TEXT    NOT NULL,
    count INTEGER NOT NULL CHECK (count >= 0),
    PRIMARY KEY (scope, kind, day, name)
) STRICT, WITHOUT ROWID;

-- The first and last attempt of each UTC day: turns a time into a bound on ids.
CREATE TABLE day_bounds (
    day      INTEGER PRIMARY KEY,
    first_id INTEGER NOT NULL,
    last_id  INTEGER NOT NULL
) STRICT;

CREATE TABLE limits (
    scope              INTEGER NOT NULL REFERENCES scopes (id),
    kind               TEXT    NOT NULL,
    listed_ms          INTEGER,
    learned            INTEGER,
    learned_source     TEXT CHECK (learned_source IN ('details', 'features')),
    learned_ms         INTEGER,
    features_used      INTEGER,
    features_available INTEGER,
    features_limit     INTEGER,
    features_ms        INTEGER,
    PRIMARY KEY (scope, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE pins (
    profile   TEXT PRIMARY KEY,
    org_id    TEXT,
    org_name  TEXT,
    user_id   TEXT,
    user_name TEXT,
    edition   TEXT,
    pinned_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE drafts (
    profile  TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    draft    TEXT    NOT NULL,
    saved_ms INTEGER NOT NULL,
    PRIMARY KEY (profile, kind)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE search USING fts5(
    text, content='', contentless_delete=1, prefix='2', tokenize='unicode61 remove_diacritics 2'
);

-- The life of an attempt. The same table as base::Outcome::may_become; a test holds them together.
CREATE TRIGGER attempts_life BEFORE UPDATE OF outcome ON attempts
WHEN NEW.outcome IS NOT OLD.outcome
 AND (SELECT allow FROM control) IS NOT 'rename'
 AND NOT (
        (OLD.outcome = 'sending' AND NEW.outcome <> 'absent')
     OR (OLD.outcome = 'unknown' AND NEW.outcome IN ('scheduled', 'absent'))
     OR (OLD.outcome = 'unknown (accepted)' AND NEW.outcome = 'scheduled'))
BEGIN SELECT RAISE(ABORT, 'the life of an attempt does not allow this step'); END;

CREATE TRIGGER attempts_born BEFORE INSERT ON attempts
WHEN NEW.outcome <> 'sending'
BEGIN SELECT RAISE(ABORT, 'an attempt starts as sending'); END;

CREATE TRIGGER attempts_kept BEFORE DELETE ON attempts
BEGIN SELECT RAISE(ABORT, 'attempts are never deleted'); END;

CREATE TRIGGER attempts_fixed BEFORE UPDATE ON attempts
WHEN NEW.id IS NOT OLD.id OR NEW.started_ms IS NOT OLD.started_ms
  OR NEW.profile IS NOT OLD.profile OR NEW.data_center IS NOT OLD.data_center
  OR NEW.environment IS NOT OLD.environment OR NEW.kind IS NOT OLD.kind
  OR NEW.module IS NOT OLD.module OR NEW.record_id IS NOT OLD.record_id
  OR NEW.operator IS NOT OLD.operator OR NEW.process IS NOT OLD.process
  OR NEW.run IS NOT OLD.run OR NEW.row IS NOT OLD.row
  OR NEW.forced IS NOT OLD.forced OR NEW.overridden IS NOT OLD.overridden
  OR NEW.fingerprint IS NOT OLD.fingerprint
BEGIN SELECT RAISE(ABORT, 'this part of an attempt never changes'); END;

CREATE TRIGGER attempts_scope BEFORE UPDATE OF scope ON attempts
WHEN NEW.scope IS NOT OLD.scope AND (SELECT allow FROM control) IS NOT 'rename'
BEGIN SELECT RAISE(ABORT, 'the scope of an attempt changes only by renaming the scope'); END;

CREATE TRIGGER attempts_inputs BEFORE UPDATE ON attempts
WHEN (NEW.inputs IS NOT OLD.inputs OR NEW.purged_ms IS NOT OLD.purged_ms)
 AND ((SELECT allow FROM control) IS NOT 'purge'
      OR OLD.outcome IN ('sending', 'unknown', 'unknown (accepted)')
      OR (NEW.inputs IS NOT OLD.inputs AND NEW.inputs IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'inputs leave the ledger only by a purge'); END;

CREATE TRIGGER attempts_answer BEFORE UPDATE ON attempts
WHEN OLD.outcome NOT IN ('sending', 'unknown', 'unknown (accepted)')
 AND (SELECT allow FROM control) IS NOT 'rename'
 AND (NEW.settled_ms IS NOT OLD.settled_ms OR NEW.http_status IS NOT OLD.http_status
      OR NEW.code IS NOT OLD.code OR NEW.message IS NOT OLD.message
      OR NEW.job_id IS NOT OLD.job_id OR NEW.latency_ms IS NOT OLD.latency_ms
      OR NEW.note IS NOT OLD.note)
BEGIN SELECT RAISE(ABORT, 'a final answer never changes'); END;

CREATE TRIGGER bodies_kept BEFORE DELETE ON bodies
BEGIN SELECT RAISE(ABORT, 'attempts are never deleted'); END;

CREATE TRIGGER bodies_fixed BEFORE UPDATE ON bodies
WHEN (SELECT allow FROM control) IS NOT 'purge'
 AND (NEW.attempt IS NOT OLD.attempt OR NEW.request_body IS NOT OLD.request_body
      OR (OLD.response_body IS NOT NULL AND NEW.response_body IS NOT OLD.response_body)
      OR (OLD.response_headers IS NOT NULL AND NEW.response_headers IS NOT OLD.response_headers)
      OR (OLD.details IS NOT NULL AND NEW.details IS NOT OLD.details))
BEGIN SELECT RAISE(ABORT, 'a body never changes'); END;

CREATE TRIGGER bodies_purge BEFORE UPDATE ON bodies
WHEN (SELECT allow FROM control) IS 'purge'
 AND (   (NEW.request_body IS NOT OLD.request_body AND NEW.request_body IS NOT NULL)
      OR (NEW.response_body IS NOT OLD.response_body AND NEW.response_body IS NOT NULL)
      OR (NEW.response_headers IS NOT OLD.response_headers AND NEW.response_headers IS NOT NULL)
      OR (NEW.details IS NOT OLD.details AND NEW.details IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'a purge only removes'); END;

CREATE TRIGGER decisions_kept BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are never deleted'); END;
CREATE TRIGGER decisions_fixed BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions never change'); END;

-- Counting.
CREATE TRIGGER attempts_count_new AFTER INSERT ON attempts
BEGIN
    INSERT INTO usage (scope, kind, sending) VALUES (NEW.scope, NEW.kind, 1)
        ON CONFLICT DO UPDATE SET sending = sending + 1;
    INSERT INTO days (scope, kind, day, operator, outcome, count)
        VALUES (NEW.scope, NEW.kind, NEW.started_ms / 86400000, NEW.operator, NEW.outcome, 1)
        ON CONFLICT DO UPDATE SET count = count + 1;
    INSERT INTO day_bounds (day, first_id, last_id)
        VALUES (NEW.started_ms / 86400000, NEW.id, NEW.id)
        ON CONFLICT DO UPDATE SET first_id = min(first_id, NEW.id), last_id = max(last_id, NEW.id);
END;

CREATE TRIGGER attempts_count_step AFTER UPDATE OF outcome ON attempts
WHEN NEW.outcome IS NOT OLD.outcome AND NEW.scope = OLD.scope
BEGIN
    UPDATE usage SET
        sending = sending + (NEW.outcome = 'sending') - (OLD.outcome = 'sending'),
        unknown = unknown + (NEW.outcome IN ('unknown', 'unknown (accepted)'))
                          - (OLD.outcome IN ('unknown', 'unknown (accepted)')),
        scheduled = scheduled + (NEW.outcome = 'scheduled') - (OLD.outcome = 'scheduled')
        WHERE scope = NEW.scope AND kind = NEW.kind;
    UPDATE days SET count = count - 1
        WHERE scope = OLD.scope AND kind = OLD.kind AND day = OLD.started_ms / 86400000
          AND operator = OLD.operator AND outcome = OLD.outcome;
    INSERT INTO days (scope, kind, day, operator, outcome, count)
        VALUES (NEW.scope, NEW.kind, NEW.started_ms / 86400000, NEW.operator, NEW.outcome, 1)
        ON CONFLICT DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER jobs_count_new AFTER INSERT ON jobs
WHEN NEW.attempt IS NULL
BEGIN
    INSERT INTO usage (scope, kind, jobs_foreign) VALUES (NEW.scope, NEW.kind, 1)
        ON CONFLICT DO UPDATE SET jobs_foreign = jobs_foreign + 1;
    INSERT INTO foreign_days (scope, kind, day, name, count)
        VALUES (NEW.scope, NEW.kind, NEW.at_ms / 86400000,
                coalesce(NEW.created_by_name, NEW.created_by_id, ''), 1)
        ON CONFLICT DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER jobs_count_step AFTER UPDATE OF attempt, at_ms, created_by_id, created_by_name ON jobs
BEGIN
    UPDATE usage SET jobs_foreign = jobs_foreign + (NEW.attempt IS NULL) - (OLD.attempt IS NULL)
        WHERE scope = NEW.scope AND kind = NEW.kind;
    UPDATE foreign_days SET count = count - 1
        WHERE OLD.attempt IS NULL
          AND scope = OLD.scope AND kind = OLD.kind AND day = OLD.at_ms / 86400000
          AND name = coalesce(OLD.created_by_name, OLD.created_by_id, '');
    INSERT INTO foreign_days (scope, kind, day, name, count)
        SELECT NEW.scope, NEW.kind, NEW.at_ms / 86400000,
               coalesce(NEW.created_by_name, NEW.created_by_id, ''), 1
        WHERE NEW.attempt IS NULL
        ON CONFLICT DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER run_rows_count_new AFTER INSERT ON run_rows
BEGIN
    INSERT INTO row_counts (run, state, count) VALUES (NEW.run, NEW.state, 1)
        ON CONFLICT DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER run_rows_count_step AFTER UPDATE OF state ON run_rows
WHEN NEW.state IS NOT OLD.state
BEGIN
    UPDATE row_counts SET count = count - 1 WHERE run = OLD.run AND state = OLD.state;
    INSERT INTO row_counts (run, state, count) VALUES (NEW.run, NEW.state, 1)
        ON CONFLICT DO UPDATE SET count = count + 1;
END;
