-- Version 4: absent only on proof. An attempt that was called absent may turn out to have a job, how the server tells what
-- a job was made of is known, and when an attempt was made can be told by the server's clock alone.

-- A job that appeared after its attempt was called absent: its unit is spent, whatever became of its row meanwhile.
ALTER TABLE attempts ADD COLUMN late INTEGER NOT NULL DEFAULT 0 CHECK (late IN (0, 1));

DROP INDEX attempts_one_live;
CREATE UNIQUE INDEX attempts_one_live ON attempts (run, row)
    WHERE run IS NOT NULL
      AND outcome IN ('sending', 'unknown', 'unknown (accepted)', 'scheduled')
      AND late = 0;

DROP TRIGGER attempts_life;
CREATE TRIGGER attempts_life BEFORE UPDATE OF outcome ON attempts
WHEN NEW.outcome IS NOT OLD.outcome
 AND (SELECT allow FROM control) IS NOT 'rename'
 AND NOT (
        (OLD.outcome = 'sending' AND NEW.outcome <> 'absent')
     OR (OLD.outcome = 'unknown' AND NEW.outcome IN ('scheduled', 'absent'))
     OR (OLD.outcome = 'unknown (accepted)' AND NEW.outcome = 'scheduled')
     OR (OLD.outcome = 'absent' AND NEW.outcome = 'scheduled' AND NEW.late = 1))
BEGIN SELECT RAISE(ABORT, 'the life of an attempt does not allow this step'); END;

CREATE TRIGGER attempts_late BEFORE UPDATE OF late ON attempts
WHEN NEW.late IS NOT OLD.late AND NOT (OLD.outcome = 'absent' AND NEW.outcome = 'scheduled')
BEGIN SELECT RAISE(ABORT, 'only a job that appears after its attempt was called absent is late'); END;

DROP TRIGGER attempts_answer;
CREATE TRIGGER attempts_answer BEFORE UPDATE ON attempts
WHEN OLD.outcome NOT IN ('sending', 'unknown', 'unknown (accepted)')
 AND (SELECT allow FROM control) IS NOT 'rename'
 AND NOT (OLD.outcome = 'absent' AND NEW.outcome = 'scheduled')
 AND (NEW.settled_ms IS NOT OLD.settled_ms OR NEW.http_status IS NOT OLD.http_status
      OR NEW.code IS NOT OLD.code OR NEW.message IS NOT OLD.message
      OR NEW.job_id IS NOT OLD.job_id OR NEW.latency_ms IS NOT OLD.latency_ms
      OR NEW.note IS NOT OLD.note)
BEGIN SELECT RAISE(ABORT, 'a final answer never changes'); END;

-- Whether a job of ours that was read back told what had been sent, the last time one was: `matched` is the proof that a
-- job with other inputs is somebody else's.
CREATE TABLE echoes (
    scope       INTEGER NOT NULL REFERENCES scopes (id),
    kind        TEXT    NOT NULL CHECK (kind IN ('people', 'org')),
    api_version TEXT    NOT NULL,
    job         TEXT    NOT NULL,
    matched     INTEGER NOT NULL CHECK (matched IN (0, 1)),
    read_ms     INTEGER NOT NULL,
    PRIMARY KEY (scope, kind, api_version)
) STRICT, WITHOUT ROWID;

-- The newest time of the server that was known before an attempt, and one that was read after it: what is younger than the
-- one was made after it, and its age is at least what the server's clock has gone on since the other.
ALTER TABLE times ADD COLUMN told_ms INTEGER;
ALTER TABLE times ADD COLUMN noted_ms INTEGER;

-- When the newest time that a server told came, by the boot of the host.
ALTER TABLE server_times ADD COLUMN boot TEXT;
ALTER TABLE server_times ADD COLUMN boottime_ms INTEGER;

-- What was sent, whole: before its body, method and URL with its query, and every header but the token's as a JSON array of
-- pairs. NULL where an older program recorded the attempt.
ALTER TABLE bodies ADD COLUMN method TEXT;
ALTER TABLE bodies ADD COLUMN url TEXT;
ALTER TABLE bodies ADD COLUMN request_headers TEXT;

DROP TRIGGER bodies_fixed;
CREATE TRIGGER bodies_fixed BEFORE UPDATE ON bodies
WHEN (SELECT allow FROM control) IS NOT 'purge'
 AND (NEW.attempt IS NOT OLD.attempt OR NEW.request_body IS NOT OLD.request_body
      OR NEW.method IS NOT OLD.method OR NEW.url IS NOT OLD.url
      OR NEW.request_headers IS NOT OLD.request_headers
      OR (OLD.response_body IS NOT NULL AND NEW.response_body IS NOT OLD.response_body)
      OR (OLD.response_headers IS NOT NULL AND NEW.response_headers IS NOT OLD.response_headers)
      OR (OLD.details IS NOT NULL AND NEW.details IS NOT OLD.details))
BEGIN SELECT RAISE(ABORT, 'a body never changes'); END;

DROP TRIGGER bodies_purge;
CREATE TRIGGER bodies_purge BEFORE UPDATE ON bodies
WHEN (SELECT allow FROM control) IS 'purge'
 AND (   (NEW.request_body IS NOT OLD.request_body AND NEW.request_body IS NOT NULL)
      OR (NEW.method IS NOT OLD.method AND NEW.method IS NOT NULL)
      OR (NEW.url IS NOT OLD.url AND NEW.url IS NOT NULL)
      OR (NEW.request_headers IS NOT OLD.request_headers AND NEW.request_headers IS NOT NULL)
      OR (NEW.response_body IS NOT OLD.response_body AND NEW.response_body IS NOT NULL)
      OR (NEW.response_headers IS NOT OLD.response_headers AND NEW.response_headers IS NOT NULL)
      OR (NEW.details IS NOT OLD.details AND NEW.details IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'a purge only removes'); END;
