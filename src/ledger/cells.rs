//! Reading a row's columns in order, each checked: a value that makes no sense is damage, never a
//! panic.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use rusqlite::types::{FromSql, Type};
use rusqlite::{Error, Row};

use crate::base::Timestamp;

use super::attempt::Fingerprint;

/// A row, read from left to right.
pub(super) struct Cells<'a, 'b> {
    row: &'a Row<'b>,
    next: usize,
}

impl<'a, 'b> Cells<'a, 'b> {
    pub(super) fn of(row: &'a Row<'b>) -> Self {
        Self { row, next: 0 }
    }

    pub(super) fn take<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        let value = self.row.get(self.next);
        self.next += 1;
        value
    }

    fn bad(&self, kind: Type, reason: &dyn Display) -> Error {
        Error::FromSqlConversionFailure(
            self.next.saturating_sub(1),
            kind,
            reason.to_string().into(),
        )
    }

    pub(super) fn word<T>(&mut self) -> rusqlite::Result<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let text: String = self.take()?;
        text.parse().map_err(|e| self.bad(Type::Text, &e))
    }

    pub(super) fn word_or_none<T>(&mut self) -> rusqlite::Result<Option<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        let text: Option<String> = self.take()?;
        text.map(|text| text.parse().map_err(|e| self.bad(Type::Text, &e)))
            .transpose()
    }

    pub(super) fn time(&mut self) -> rusqlite::Result<Timestamp> {
        let ms = self.take()?;
        self.to_time(ms)
    }

    pub(super) fn time_or_none(&mut self) -> rusqlite::Result<Option<Timestamp>> {
        let ms: Option<i64> = self.take()?;
        ms.map(|ms| self.to_time(ms)).transpose()
    }

    fn to_time(&self, ms: i64) -> rusqlite::Result<Timestamp> {
        Timestamp::from_millisecond(ms).map_err(|e| self.bad(Type::Integer, &e))
    }

    pub(super) fn count(&mut self) -> rusqlite::Result<u64> {
        let value: i64 = self.take()?;
        u64::try_from(value).map_err(|e| self.bad(Type::Integer, &e))
    }

    pub(super) fn count_or_none(&mut self) -> rusqlite::Result<Option<u64>> {
        let value: Option<i64> = self.take()?;
        value
            .map(|value| u64::try_from(value).map_err(|e| self.bad(Type::Integer, &e)))
            .transpose()
    }

    pub(super) fn span_or_none(&mut self) -> rusqlite::Result<Option<Duration>> {
        Ok(self.count_or_none()?.map(Duration::from_millis))
    }

    pub(super) fn fingerprint(&mut self) -> rusqlite::Result<Fingerprint> {
        Ok(Fingerprint(self.take()?))
    }

    pub(super) fn fingerprint_or_none(&mut self) -> rusqlite::Result<Option<Fingerprint>> {
        Ok(self.take::<Option<[u8; 32]>>()?.map(Fingerprint))
    }

    pub(super) fn is_set(&mut self) -> rusqlite::Result<bool> {
        Ok(self.take::<i64>()? != 0)
    }
}

/// A number for SQLite, whose integers are signed.
pub(super) fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A number of rows for SQLite.
pub(super) fn size(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A length of time for SQLite.
pub(super) fn ms(value: Duration) -> i64 {
    i64::try_from(value.as_millis()).unwrap_or(i64::MAX)
}
