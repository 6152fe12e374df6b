//! Configurations as a file: written from one organisation, applied to another. Fields are known by their
//! API names, because ids differ.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::shape::{Names, Side, no_such_module, what};
use super::{Plan, Shape, made, there, whole_configurations};
use crate::base::{EnrichmentKind, ModuleName};
use crate::ops::error::OpsError;
use crate::ops::session::ProfileSession;
use crate::ops::setup::configuration_type;
use crate::wire::mappings::AllowedMappings;

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigurationFile {
    /// Each configuration.
    #[serde(default)]
    pub configuration: Vec<Entry>,
}

/// A configuration of the file. What a table does not name is not mapped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The module's API name.
    pub module: String,
    /// people or org.
    pub kind: EnrichmentKind,
    /// Whether it is on; as it is where that is not said, and on where it is made.
    pub active: Option<bool>,
    /// Inputs, each with the field that feeds it; as they are where there is no such table.
    pub inputs: Option<BTreeMap<String, String>>,
    /// Outputs, each with the field that it fills.
    pub outputs: Option<BTreeMap<String, String>>,
}

/// What a file would change.
#[derive(Debug, Clone, PartialEq)]
pub struct FileReport {
    /// The changes, in the order of the file.
    pub plans: Vec<Plan>,
    /// Configurations that are like that already.
    pub same: Vec<String>,
    /// What the file has and this organisation has not, each in a sentence.
    pub missing: Vec<String>,
}

impl ConfigurationFile {
    /// All configurations of an organisation.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn of(session: &ProfileSession) -> Result<Self, OpsError> {
        let mut configuration = Vec::new();
        for own in whole_configurations(session).await? {
            let kinds = EnrichmentKind::ALL.into_iter();
            let mut kinds =
                kinds.filter(|kind| configuration_type(*kind).eq_ignore_ascii_case(&own.kind));
            let Some(kind) = kinds.next() else { continue };
            let shape = Shape::of(&own);
            let side = |wanted: Side| -> BTreeMap<String, String> {
                let mapped = shape.mapped().filter(|(side, ..)| *side == wanted);
                mapped
                    .map(|(_, name, field)| (name.to_owned(), field.to_owned()))
                    .collect()
            };
            configuration.push(Entry {
                kind,
                active: Some(own.is_active),
                inputs: Some(side(Side::Input)),
                outputs: Some(side(Side::Output)),
                module: own.module,
            });
        }
        Ok(Self { configuration })
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let body = toml::to_string_pretty(self).unwrap_or_default();
        format!(
            "# Enrichment configurations: ziadeck enrichment config apply FILE makes an organisation like this.\n\
             # What a table does not name is not mapped; a table and a module that are not here are left alone.\n\n{body}"
        )
    }

    /// Reads a file.
    ///
    /// # Errors
    /// With what is wrong and on which line.
    pub fn read(text: &str) -> Result<Self, String> {
        let file: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| {
                1 + text
                    .get(..span.start)
                    .unwrap_or_default()
                    .matches('\n')
                    .count()
            });
            format!("line {line}: {}", error.message())
        })?;
        if file.configuration.is_empty() {
            return Err("there is no [[configuration]] in it".to_owned());
        }
        for (index, entry) in file.configuration.iter().enumerate() {
            entry.module.parse::<ModuleName>().map_err(|error| {
                format!(
                    "configuration {}: {:?} is no module: {}",
                    index + 1,
                    entry.module,
                    error.rule
                )
            })?;
            let twin = |other: &Entry| other.module == entry.module && other.kind == entry.kind;
            if file.configuration.iter().take(index).any(twin) {
                return Err(format!(
                    "{} ({}) is in the file twice",
                    entry.module, entry.kind
                ));
            }
        }
        Ok(file)
    }

    /// What it would change. Nothing is changed.
    ///
    /// # Errors
    /// When what is there cannot be read.
    pub async fn plan(&self, session: &ProfileSession) -> Result<FileReport, OpsError> {
        let mut report = FileReport {
            plans: Vec::new(),
            same: Vec::new(),
            missing: Vec::new(),
        };
        for entry in &self.configuration {
            let Ok(module) = entry.module.parse::<ModuleName>() else {
                continue;
            };
            let place = (entry.kind, &module);
            let there = there(session, place).await?;
            let modules = there.modules.as_deref().unwrap_or_default();
            if there.own.is_none() && !modules.contains(&entry.module) {
                report.missing.push(no_such_module(&module, modules));
                continue;
            }
            let names = Names::of(entry.kind, &there.allowed, there.own.as_ref());
            let own = there.own.as_ref().map(Shape::of);
            let own = own.unwrap_or_else(|| Shape::empty(&names));
            let (wanted, missing) = entry.wanted(own, (&names, &there.allowed));
            let missing = missing.into_iter().map(|what| format!("{module}: {what}"));
            report.missing.extend(missing);
            let plan = made(&there, place, wanted)?;
            match plan.differences.is_empty() {
                true => report.same.push(format!("{module} ({})", entry.kind)),
                false => report.plans.push(plan),
            }
        }
        Ok(report)
    }
}

impl Entry {
    /// What is wanted of what is here, and what is not here: that stays as it is.
    pub(super) fn wanted(
        &self,
        own: Shape,
        (names, allowed): (&Names, &AllowedMappings),
    ) -> (Shape, Vec<String>) {
        let mut wanted = own.clone();
        wanted.is_active = self.active.unwrap_or(own.is_active);
        let mut missing = Vec::new();
        for (side, pairs) in [(Side::Input, &self.inputs), (Side::Output, &self.outputs)] {
            let Some(pairs) = pairs else { continue };
            let listed = match side {
                Side::Input => &own.inputs,
                Side::Output => &own.outputs,
            };
            for (name, _) in listed.iter().filter(|(name, _)| !pairs.contains_key(name)) {
                wanted.put(side, name, None);
            }
            for (name, field) in pairs {
                let mut one = Shape::empty(names);
                one.put(side, name, Some(field.clone()));
                let unfit = one.unfit(allowed);
                if unfit.is_empty() {
                    wanted.put(side, name, Some(field.clone()));
                }
                missing.extend(
                    unfit
                        .into_iter()
                        .map(|why| format!("{}: {why}", what(side, name))),
                );
            }
        }
        (wanted, missing)
    }
}
