//! Changing an enrichment configuration: the change is worked out and shown first, then made, then
//! read back.
//!
//! ```text
//!   Edit ──plan──► Plan { differences }      asks the server, changes nothing
//!                    └──apply──► the configuration as the server has it now
//! ```
//!
//! Only what changes is sent: PUT takes `status` and `input_data_field_mapping` each on its own
//! (contract 3), so that an output mapping is never written over by an old copy of it.

use std::str::FromStr;

use serde_json::{Value, json};

use super::desk::Desk;
use super::error::OpsError;
use super::setup::{configuration_type, configurations};
use crate::base::{EnrichmentKind, ModuleName, nearest};
use crate::enrichment::Field;
use crate::wire::settings::EnrichmentConfiguration;
use crate::zoho::configure::ConfigurationChange;

/// An input and the CRM field that feeds it, written `INPUT=FIELD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The input, by the configuration's word for it or by ours.
    pub input: String,
    /// The CRM field's API name.
    pub field: String,
}

impl FromStr for Mapping {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("{text:?} is not INPUT=FIELD, such as email=Email");
        let (input, field) = text.split_once('=').ok_or_else(bad)?;
        let (input, field) = (input.trim(), field.trim());
        // A field's API name is made like a module's.
        if input.is_empty() || field.parse::<ModuleName>().is_err() {
            return Err(bad());
        }
        Ok(Self {
            input: input.to_owned(),
            field: field.to_owned(),
        })
    }
}

/// What shall become of a module's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// It is made, with these inputs.
    Create(Vec<Mapping>),
    /// It is switched on.
    Enable,
    /// It is switched off.
    Disable,
    /// These inputs are mapped; the others stay.
    Map(Vec<Mapping>),
    /// These inputs are no longer mapped.
    Unmap(Vec<String>),
    /// It is deleted.
    Delete,
}

/// One thing that a change makes different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What: an input, `status`, or the configuration as a whole.
    pub what: String,
    /// What it is now.
    pub before: String,
    /// What it becomes.
    pub after: String,
}

/// A change that has been worked out and not made.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// The module.
    pub module: ModuleName,
    /// What becomes different.
    pub differences: Vec<Difference>,
    change: ConfigurationChange,
}

/// A change that has been made.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// What the server said.
    pub message: String,
    /// The configuration as it is now; `None` after a deletion.
    pub now: Option<EnrichmentConfiguration>,
}

/// Works a change out. Nothing is changed.
///
/// # Errors
/// When the configurations cannot be read, when there is no such configuration, or when nothing
/// would become different.
pub async fn plan(
    desk: &Desk,
    (kind, module): (EnrichmentKind, &ModuleName),
    edit: &Edit,
) -> Result<Plan, OpsError> {
    let mut plan = work_out(&configurations(desk).await?, (kind, module), edit)?;
    let body = match &mut plan.change {
        ConfigurationChange::Create(body) | ConfigurationChange::Update(_, body) => body,
        ConfigurationChange::Delete(_) => return Ok(plan),
    };
    if !fields_without_id(body).is_empty() {
        let module = module.as_str();
        let asked = desk.ask(|token| async move { desk.client().fields(module, &token).await });
        // Without the scope for fields the change may do all the same: the server decides.
        let known = asked.await.unwrap_or_default();
        for field in fields_without_id(body) {
            give_id(field, &known, module)?;
        }
    }
    Ok(plan)
}

/// Puts a field's id beside its name.
fn give_id(field: &mut Value, known: &[(String, String)], module: &str) -> Result<(), OpsError> {
    let Some(field) = field.as_object_mut().filter(|_| !known.is_empty()) else {
        return Ok(());
    };
    let name = field.get("api_name").and_then(Value::as_str);
    let name = name.unwrap_or_default().to_owned();
    let Some((_, id)) = known.iter().find(|(own, _)| *own == name) else {
        let names = known.iter().map(|(own, _)| (own.to_lowercase(), own));
        let nearest = nearest(&name.to_lowercase(), 0.8, names)
            .map_or_else(String::new, |own| format!("; did you mean {own}?"));
        return Err(OpsError::Refused(format!(
            "module {module} has no field {name:?}{nearest}"
        )));
    };
    field.insert("id".to_owned(), json!(id));
    Ok(())
}

/// The CRM fields of a change that are given by their name alone.
fn fields_without_id(body: &mut Value) -> Vec<&mut Value> {
    let mapping = body.get_mut("input_data_field_mapping");
    let entries = mapping.and_then(Value::as_array_mut).into_iter().flatten();
    entries
        .filter_map(|entry| entry.get_mut("crm_field"))
        .filter(|field| field.is_object() && field.get("id").is_none())
        .collect()
}

/// Makes a change and reads the configuration back.
///
/// # Errors
/// When the server refuses it. When no answer comes, whether it was made is open: read it again.
pub async fn apply(desk: &Desk, plan: &Plan) -> Result<Applied, OpsError> {
    desk.may_change()?;
    let message = desk
        .ask(|token| async move {
            desk.client()
                .change_configuration(&plan.change, &token)
                .await
        })
        .await?;
    let all = configurations(desk).await?;
    Ok(Applied {
        message,
        now: of_module(&all, plan.kind, plan.module.as_str()).cloned(),
    })
}

/// The configuration of a module and a kind.
pub fn of_module<'a>(
    all: &'a [EnrichmentConfiguration],
    kind: EnrichmentKind,
    module: &str,
) -> Option<&'a EnrichmentConfiguration> {
    let wanted = configuration_type(kind);
    all.iter()
        .find(|one| one.module == module && one.kind.eq_ignore_ascii_case(wanted))
}

fn work_out(
    all: &[EnrichmentConfiguration],
    (kind, module): (EnrichmentKind, &ModuleName),
    edit: &Edit,
) -> Result<Plan, OpsError> {
    let own = of_module(all, kind, module.as_str());
    let plan = |change, differences| Plan {
        kind,
        module: module.clone(),
        differences,
        change,
    };
    let made = match (edit, own) {
        (Edit::Create(_), Some(_)) => {
            return Err(OpsError::Refused(format!(
                "module {module} has a configuration for {kind} already; map, enable or delete it"
            )));
        }
        (Edit::Create(mappings), None) => {
            let inputs = named(kind, mappings)?;
            if inputs.is_empty() {
                return Err(OpsError::Refused(
                    "a configuration needs at least one INPUT=FIELD".to_owned(),
                ));
            }
            let mut differences = vec![difference("configuration", "none", "made, on")];
            differences.extend(inputs.iter().map(|(input, field)| {
                difference(input, "not mapped", field.as_deref().unwrap_or_default())
            }));
            let item = json!({
                "type": configuration_type(kind),
                "module": {"api_name": module},
                "status": true,
                "input_data_field_mapping": mapping_json(all, module.as_str(), &inputs),
            });
            plan(ConfigurationChange::Create(item), differences)
        }
        (_, None) => {
            return Err(OpsError::NotFound(format!(
                "module {module} has no configuration for {kind}; make one with `ziadeck enrichment config create`"
            )));
        }
        (Edit::Enable, Some(own)) => status(own, true, plan),
        (Edit::Disable, Some(own)) => status(own, false, plan),
        (Edit::Map(mappings), Some(own)) => mapped(all, own, named(kind, mappings)?, plan),
        (Edit::Unmap(inputs), Some(own)) => {
            let inputs: Result<Vec<_>, OpsError> = inputs
                .iter()
                .map(|input| Ok((input_name(kind, input)?, None)))
                .collect();
            mapped(all, own, inputs?, plan)
        }
        (Edit::Delete, Some(own)) => plan(
            ConfigurationChange::Delete(own.id.clone()),
            vec![difference(
                "configuration",
                switch(own.is_active),
                "deleted",
            )],
        ),
    };
    if made.differences.is_empty() {
        return Err(OpsError::Refused(format!(
            "the configuration of {module} is like that already; nothing was changed"
        )));
    }
    Ok(made)
}

fn difference(what: &str, before: &str, after: &str) -> Difference {
    Difference {
        what: what.to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
    }
}

fn switch(is_active: bool) -> &'static str {
    if is_active { "on" } else { "off" }
}

fn status(
    own: &EnrichmentConfiguration,
    wanted: bool,
    plan: impl Fn(ConfigurationChange, Vec<Difference>) -> Plan,
) -> Plan {
    let differences = if own.is_active == wanted {
        Vec::new()
    } else {
        vec![difference("status", switch(own.is_active), switch(wanted))]
    };
    let item = json!({"id": own.id, "status": wanted});
    plan(
        ConfigurationChange::Update(own.id.clone(), item),
        differences,
    )
}

type Inputs = Vec<(String, Option<String>)>;

fn mapped(
    all: &[EnrichmentConfiguration],
    own: &EnrichmentConfiguration,
    wanted: Inputs,
    plan: impl Fn(ConfigurationChange, Vec<Difference>) -> Plan,
) -> Plan {
    let mut inputs = own.inputs.clone();
    let mut differences = Vec::new();
    let word = |field: &Option<String>| field.clone().unwrap_or_else(|| "not mapped".to_owned());
    for (input, field) in wanted {
        let place = inputs.iter_mut().find(|(name, _)| *name == input);
        let before = place.as_ref().and_then(|(_, before)| before.clone());
        if before == field {
            continue;
        }
        differences.push(difference(&input, &word(&before), &word(&field)));
        match place {
            Some(place) => place.1 = field,
            None => inputs.push((input, field)),
        }
    }
    let item = json!({
        "id": own.id,
        "input_data_field_mapping": mapping_json(all, &own.module, &inputs),
    });
    plan(
        ConfigurationChange::Update(own.id.clone(), item),
        differences,
    )
}

fn named(kind: EnrichmentKind, mappings: &[Mapping]) -> Result<Inputs, OpsError> {
    mappings
        .iter()
        .map(|mapping| {
            Ok((
                input_name(kind, &mapping.input)?,
                Some(mapping.field.clone()),
            ))
        })
        .collect()
}

/// The configuration's own word for an input: its own (`org_name`) or ours (`company`).
fn input_name(kind: EnrichmentKind, given: &str) -> Result<String, OpsError> {
    let known: Vec<_> = Field::of(kind)
        .iter()
        .filter_map(|field| Some((field.as_str(), field.mapping_name(kind)?)))
        .collect();
    known
        .iter()
        .find(|(ours, theirs)| *ours == given || *theirs == given)
        .map(|(_, theirs)| (*theirs).to_owned())
        .ok_or_else(|| {
            let words: Vec<_> = known.iter().map(|(_, theirs)| *theirs).collect();
            OpsError::Refused(format!(
                "{given:?} is not an input that can be mapped; the inputs are {}",
                words.join(", ")
            ))
        })
}

/// The mapping as the API takes it. The official examples give a field's id beside its name; it is
/// given where any configuration of the module shows it.
fn mapping_json(
    all: &[EnrichmentConfiguration],
    module: &str,
    inputs: &[(String, Option<String>)],
) -> Value {
    inputs
        .iter()
        .map(|(input, field)| {
            let field = field
                .as_ref()
                .map(|field| match field_id(all, module, field) {
                    Some(id) => json!({"id": id, "api_name": field}),
                    None => json!({"api_name": field}),
                });
            json!({"enrich_field": {"name": input}, "crm_field": field})
        })
        .collect()
}

fn field_id<'a>(all: &'a [EnrichmentConfiguration], module: &str, field: &str) -> Option<&'a str> {
    all.iter()
        .filter(|one| one.module == module)
        .flat_map(|one| {
            ["input_data_field_mapping", "output_data_field_mapping"].map(|key| one.raw.get(key))
        })
        .filter_map(|list| list?.as_array())
        .flatten()
        .filter_map(|item| item.get("crm_field"))
        .find(|known| known.get("api_name").and_then(Value::as_str) == Some(field))
        .and_then(|known| known.get("id")?.as_str())
}

#[cfg(test)]
mod tests;
