-- Version 5: the limit of an organisation, where its server has taught none, is the smallest that a profile which was used
-- of late has in its configuration. Each sending says it, whoever sends: configurations of others cannot be read.
CREATE TABLE configured_limits (
    scope    INTEGER NOT NULL REFERENCES scopes (id),
    profile  TEXT    NOT NULL,
    operator TEXT    NOT NULL,
    units    INTEGER NOT NULL CHECK (units >= 0),
    used_ms  INTEGER NOT NULL,
    PRIMARY KEY (scope, profile, operator)
) STRICT, WITHOUT ROWID;

-- When the features call was asked, by the server's clock: which units its figure has.
ALTER TABLE limits ADD COLUMN features_server_ms INTEGER;

-- A purge takes the server's message and the note along: both may repeat a name.
DROP TRIGGER attempts_answer;
CREATE TRIGGER attempts_answer BEFORE UPDATE ON attempts
WHEN OLD.outcome NOT IN ('sending', 'unknown', 'unknown (accepted)')
 AND (SELECT allow FROM control) IS NOT 'rename'
 AND NOT (OLD.outcome = 'absent' AND NEW.outcome = 'scheduled')
 AND (NEW.settled_ms IS NOT OLD.settled_ms OR NEW.http_status IS NOT OLD.http_status
      OR NEW.code IS NOT OLD.code OR NEW.job_id IS NOT OLD.job_id
      OR NEW.latency_ms IS NOT OLD.latency_ms
      OR ((NEW.message IS NOT OLD.message OR NEW.note IS NOT OLD.note)
          AND NOT ((SELECT allow FROM control) IS 'purge' AND coalesce(NEW.message, NEW.note) IS NULL)))
BEGIN SELECT RAISE(ABORT, 'a final answer never changes'); END;
