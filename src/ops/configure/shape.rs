//! What a configuration is, or is to be, by names alone: the same in every organisation.

use super::{Mapping, There};
use crate::base::{EnrichmentKind, ModuleName, nearest};
use crate::enrichment::Field;
use crate::ops::error::OpsError;
use crate::wire::mappings::{Allowed, AllowedMappings};
use crate::wire::settings::EnrichmentConfiguration;

/// Which way a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// From a field of the CRM to Zia.
    Input,
    /// From Zia to a field of the CRM.
    Output,
}

/// One thing that a change makes different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What: an input, `output` and an output, `status`, or the configuration as a whole.
    pub what: String,
    /// What it is now.
    pub before: String,
    /// What it becomes.
    pub after: String,
}

impl Difference {
    pub(super) fn new(what: &str, before: &str, after: &str) -> Self {
        Self {
            what: what.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
        }
    }
}

/// Names with the field of each.
pub(super) type Pairs = Vec<(String, Option<String>)>;

/// A configuration by its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Whether it is on.
    pub is_active: bool,
    /// Each input with the field that feeds it.
    pub inputs: Pairs,
    /// Each output with the field that it fills.
    pub outputs: Pairs,
}

/// The names that can be mapped.
pub(super) struct Names {
    kind: EnrichmentKind,
    inputs: Vec<String>,
    outputs: Vec<String>,
}

impl Names {
    /// What the server allows, what the configuration has, and the inputs that are known anyhow.
    pub(super) fn of(
        kind: EnrichmentKind,
        allowed: &AllowedMappings,
        own: Option<&EnrichmentConfiguration>,
    ) -> Self {
        let mut names = Self {
            kind,
            inputs: all(&allowed.inputs, own.map(|own| &own.inputs)),
            outputs: all(&allowed.outputs, own.map(|own| &own.outputs)),
        };
        if allowed.inputs.is_empty() {
            for known in Field::of(kind)
                .iter()
                .filter_map(|field| field.mapping_name(kind))
            {
                if !names.inputs.iter().any(|name| name == known) {
                    names.inputs.push(known.to_owned());
                }
            }
        }
        names
    }

    /// The side and the configuration's own word for a name: its own (`org_name`), ours (`company`), or one
    /// with its side before it (`output.first_name`).
    pub(super) fn find(&self, given: &str) -> Result<(Side, String), OpsError> {
        let (side, name) = match given.split_once('.') {
            Some(("input", name)) => (Some(Side::Input), name),
            Some(("output", name)) => (Some(Side::Output), name),
            _ => (None, given),
        };
        let field = Field::of(self.kind)
            .iter()
            .find(|field| field.as_str() == name);
        let ours = field.and_then(|field| field.mapping_name(self.kind));
        let is_known = |list: &[String], name: &str| list.iter().any(|known| known == name);
        let input = [Some(name), ours].into_iter().flatten();
        let input = input
            .filter(|name| is_known(&self.inputs, name))
            .find(|_| side != Some(Side::Output));
        if let Some(input) = input {
            return Ok((Side::Input, input.to_owned()));
        }
        if is_known(&self.outputs, name) && side != Some(Side::Input) {
            return Ok((Side::Output, name.to_owned()));
        }
        let mut words = format!("the inputs are {}", self.inputs.join(", "));
        if !self.outputs.is_empty() {
            words.push_str(&format!("; the outputs are {}", self.outputs.join(", ")));
        }
        Err(OpsError::Refused(format!(
            "{given:?} is not an input or an output that can be mapped; {words}"
        )))
    }
}

fn all(allowed: &[Allowed], own: Option<&Pairs>) -> Vec<String> {
    let mut names: Vec<String> = allowed.iter().map(|one| one.name.clone()).collect();
    for (name, _) in own.into_iter().flatten() {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

impl Shape {
    /// One in which nothing is mapped.
    pub(super) fn empty(names: &Names) -> Self {
        let none = |names: &[String]| names.iter().map(|name| (name.clone(), None)).collect();
        Self {
            is_active: true,
            inputs: none(&names.inputs),
            outputs: none(&names.outputs),
        }
    }

    /// What a configuration is.
    pub fn of(own: &EnrichmentConfiguration) -> Self {
        Self {
            is_active: own.is_active,
            inputs: own.inputs.clone(),
            outputs: own.outputs.clone(),
        }
    }

    pub(super) fn has_input(&self) -> bool {
        self.inputs.iter().any(|(_, field)| field.is_some())
    }

    pub(super) fn map(&mut self, names: &Names, mappings: &[Mapping]) -> Result<(), OpsError> {
        let mut given = Vec::new();
        for mapping in mappings {
            let (side, name) = names.find(&mapping.name)?;
            if given.contains(&(side, name.clone())) {
                let name = what(side, &name);
                return Err(OpsError::Refused(format!("{name} is given twice")));
            }
            given.push((side, name.clone()));
            self.put(side, &name, Some(mapping.field.clone()));
        }
        Ok(())
    }

    pub(super) fn put(&mut self, side: Side, name: &str, field: Option<String>) {
        let pairs = match side {
            Side::Input => &mut self.inputs,
            Side::Output => &mut self.outputs,
        };
        match pairs.iter_mut().find(|(own, _)| own == name) {
            Some(place) => place.1 = field,
            None => pairs.push((name.to_owned(), field)),
        }
    }

    /// Everything that is mapped, with its side.
    pub(super) fn mapped(&self) -> impl Iterator<Item = (Side, &str, &str)> {
        let both = [(Side::Input, &self.inputs), (Side::Output, &self.outputs)];
        both.into_iter().flat_map(|(side, pairs)| {
            let mapped = pairs.iter();
            mapped.filter_map(move |(name, field)| Some((side, name.as_str(), field.as_deref()?)))
        })
    }

    /// Refuses a field that may not take its name, where the server has told which may.
    pub(super) fn check(
        &self,
        allowed: &AllowedMappings,
        module: &ModuleName,
    ) -> Result<(), OpsError> {
        match self.unfit(allowed).into_iter().next() {
            Some(unfit) => Err(OpsError::Refused(format!("module {module}: {unfit}"))),
            None => Ok(()),
        }
    }

    /// What cannot be mapped like that, each in a sentence.
    pub(super) fn unfit(&self, allowed: &AllowedMappings) -> Vec<String> {
        self.mapped()
            .filter_map(|(side, name, field)| {
                let list = match side {
                    Side::Input => &allowed.inputs,
                    Side::Output => &allowed.outputs,
                };
                let one = list.iter().find(|one| one.name == name);
                let Some(one) = one else {
                    let is_told = !list.is_empty();
                    return is_told.then(|| format!("there is no {} here", what(side, name)));
                };
                let is_fit = one.fields.iter().any(|known| known.api_name == field);
                (!is_fit).then(|| {
                    let fit: Vec<&str> = one
                        .fields
                        .iter()
                        .map(|known| known.api_name.as_str())
                        .collect();
                    let names = fit.iter().map(|own| (own.to_lowercase(), own));
                    let meant = nearest(&field.to_lowercase(), 0.8, names)
                        .map_or_else(String::new, |own| format!("; did you mean {own}?"));
                    let fit = match fit.as_slice() {
                        [] => "no field of the module may".to_owned(),
                        fit => format!("the fields that may are {}", fit.join(", ")),
                    };
                    format!(
                        "{field} may not be mapped to {}: {fit}{meant}",
                        what(side, name)
                    )
                })
            })
            .collect()
    }

    /// What becomes different when this becomes another.
    pub(super) fn differences(&self, wanted: &Self) -> Vec<Difference> {
        let mut found = Vec::new();
        if self.is_active != wanted.is_active {
            let words = (switch(self.is_active), switch(wanted.is_active));
            found.push(Difference::new("status", words.0, words.1));
        }
        for (side, mine, theirs) in [
            (Side::Input, &self.inputs, &wanted.inputs),
            (Side::Output, &self.outputs, &wanted.outputs),
        ] {
            for (name, after) in theirs {
                let before = mine.iter().find(|(own, _)| own == name);
                let before = before.and_then(|(_, field)| field.as_ref());
                if before != after.as_ref() {
                    found.push(Difference::new(
                        &what(side, name),
                        word(before),
                        word(after.as_ref()),
                    ));
                }
            }
        }
        found
    }

    /// What is made where nothing was.
    pub(super) fn made(&self) -> Vec<Difference> {
        let status = format!("made, {}", switch(self.is_active));
        let mut found = vec![Difference::new("configuration", "none", &status)];
        let mapped = self.mapped();
        found.extend(
            mapped.map(|(side, name, field)| Difference::new(&what(side, name), word(None), field)),
        );
        found
    }

    /// What goes when it is deleted: all of it.
    pub(super) fn gone(&self) -> Vec<Difference> {
        let mut found = vec![Difference::new(
            "configuration",
            switch(self.is_active),
            "deleted",
        )];
        let mapped = self.mapped();
        found.extend(
            mapped.map(|(side, name, field)| Difference::new(&what(side, name), field, "gone")),
        );
        found
    }
}

fn switch(is_active: bool) -> &'static str {
    if is_active { "on" } else { "off" }
}

fn word(field: Option<&String>) -> &str {
    field.map_or("not mapped", String::as_str)
}

/// How a name is called: an input by itself, an output with that word.
pub(super) fn what(side: Side, name: &str) -> String {
    match side {
        Side::Input => name.to_owned(),
        Side::Output => format!("output {name}"),
    }
}

/// That a module is not offered, with those that are.
pub(super) fn no_such_module(module: &ModuleName, modules: &[String]) -> String {
    let names = modules.iter().map(|own| (own.to_lowercase(), own));
    let meant = nearest(&module.as_str().to_lowercase(), 0.7, names)
        .map_or_else(String::new, |own| format!("; did you mean {own}?"));
    format!(
        "module {module} is not here, or cannot be enriched; those that can are {}{meant}",
        modules.join(", ")
    )
}

pub(super) fn no_such_field(module: &ModuleName, field: &str, there: &There) -> OpsError {
    let names = there
        .fields
        .iter()
        .map(|(own, _)| (own.to_lowercase(), own));
    let nearest = nearest(&field.to_lowercase(), 0.8, names)
        .map_or_else(String::new, |own| format!("; did you mean {own}?"));
    OpsError::Refused(format!("module {module} has no field {field:?}{nearest}"))
}
