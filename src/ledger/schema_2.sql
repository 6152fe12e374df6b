-- Version 2: a person's word on a row of a run is found without reading every decision.
-- Ledgers that were made between two releases may have the index already.
CREATE INDEX IF NOT EXISTS decisions_row ON decisions (run, row) WHERE run IS NOT NULL;
