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
