//! The flags of the inputs, made from the table of the inputs.

use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};

use crate::enrichment::Field;

/// The inputs and the record of an enrichment; with `FORGET`, those that a person is known by.
#[derive(Debug, Clone)]
pub struct Flags<const FORGET: bool> {
    /// The inputs that are given.
    pub inputs: Vec<(Field, String)>,
    /// The record.
    pub record_id: Option<String>,
}

const RECORD_ID: &str = "record_id";

fn flag(field: Field) -> Arg {
    let (value, help) = field.input().flag;
    let word = field.as_str();
    Arg::new(word).long(word).value_name(value).help(help)
}

/// The flags of `forget`: what names somebody by itself, the record, and what does so together.
fn of_a_person(record: Arg) -> Vec<Arg> {
    let known = Field::ALL.into_iter();
    let known = known.filter(|field| field.input().forget.is_some());
    let (alone, together): (Vec<_>, Vec<_>) = known.partition(|field| field.names_somebody());
    let of = |field: &Field| {
        let flag = flag(*field).value_name("VALUE");
        flag.help(field.input().forget)
    };
    let others = |field: &Field| {
        let others = together.iter().filter(|other| *other != field);
        others.map(|other| other.as_str()).collect::<Vec<_>>()
    };
    let pairs = together.iter();
    let pairs = pairs.map(|field| of(field).requires_all(others(field)));
    let record = record.help("Their record in the CRM");
    let flags = alone.iter().map(of).chain([record]).chain(pairs);
    flags.map(|flag| flag.allow_hyphen_values(true)).collect()
}

impl<const FORGET: bool> Args for Flags<FORGET> {
    fn augment_args(command: Command) -> Command {
        let record = Arg::new(RECORD_ID).long("record-id").value_name("ID");
        if FORGET {
            return command.args(of_a_person(record));
        }
        let record = record.help("The record that the enrichment belongs to");
        command.arg(record).args(Field::ALL.map(flag))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<const FORGET: bool> FromArgMatches for Flags<FORGET> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        // Not every input has a flag everywhere.
        let value = |word: &str| matches.try_get_one::<String>(word).ok().flatten().cloned();
        let given = |field: Field| Some((field, value(field.as_str())?));
        Ok(Self {
            inputs: Field::ALL.into_iter().filter_map(given).collect(),
            record_id: value(RECORD_ID),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::args::{Cli, Command};

    #[test]
    fn each_input_has_a_flag_that_reaches_it() {
        for field in Field::ALL {
            let line = ["ziadeck", "submit", &format!("--{field}"), "Ada"];
            let Some(Command::Submit(args)) = Cli::parse_from(line).command else {
                panic!("{field}")
            };
            assert_eq!(args.inputs.values.inputs, [(field, "Ada".to_owned())]);
        }
    }
}
