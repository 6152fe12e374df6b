-- Version 6: people whom nobody is to ask about any more.

-- Whom a decision forgot, as the keyed hashes of what their requests gave. `keys` is NULL where one hash alone decides: a
-- record, a job.
CREATE TABLE forgotten (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    decision INTEGER NOT NULL REFERENCES decisions (id),
    kind     TEXT    NOT NULL CHECK (kind IN ('people', 'org')),
    keys     BLOB
) STRICT;
CREATE INDEX forgotten_decision ON forgotten (decision);

-- The index of these hashes, as `subject_keys` is of those of subjects.
CREATE TABLE forgotten_keys (
    hash      BLOB    NOT NULL CHECK (length(hash) = 16),
    forgotten INTEGER NOT NULL REFERENCES forgotten (id),
    stronger  INTEGER NOT NULL,
    PRIMARY KEY (hash, forgotten)
) STRICT, WITHOUT ROWID;
CREATE INDEX forgotten_keys_forgotten ON forgotten_keys (forgotten);

-- The id of somebody's record goes with what else is forgotten of them.
DROP TRIGGER attempts_fixed;
CREATE TRIGGER attempts_fixed BEFORE UPDATE ON attempts
WHEN NEW.id IS NOT OLD.id OR NEW.started_ms IS NOT OLD.started_ms
  OR NEW.profile IS NOT OLD.profile OR NEW.data_center IS NOT OLD.data_center
  OR NEW.environment IS NOT OLD.environment OR NEW.kind IS NOT OLD.kind
  OR NEW.module IS NOT OLD.module
  OR (NEW.record_id IS NOT OLD.record_id
      AND NOT ((SELECT allow FROM control) IS 'purge' AND NEW.record_id IS NULL))
  OR NEW.operator IS NOT OLD.operator OR NEW.process IS NOT OLD.process
  OR NEW.run IS NOT OLD.run OR NEW.row IS NOT OLD.row
  OR NEW.forced IS NOT OLD.forced OR NEW.overridden IS NOT OLD.overridden
  OR NEW.fingerprint IS NOT OLD.fingerprint
BEGIN SELECT RAISE(ABORT, 'this part of an attempt never changes'); END;
