//! Changing an enrichment configuration: the change is worked out and shown first, then made, then
//! read back.
//!
//! ```text
//!   what is there, what may be ──┐
//!   Edit, or a file ─────────────┴─► Shape wanted ──► Plan { differences }     changes nothing
//!                                                       └──apply──► the configuration as it is now
//! ```
//!
//! A change sends the configuration whole: both mappings, as they were read and with what is different
//! (contract 9). So it is read in full before, and an output mapping is never lost on the way.

mod body;
mod file;
mod shape;

use std::str::FromStr;

pub use file::{ConfigurationFile, Entry, FileReport};
pub use shape::{Difference, Shape, Side};

use serde_json::Value;

use super::error::OpsError;
use super::session::ProfileSession;
use super::setup::{configuration_type, configurations};
use crate::base::{EnrichmentKind, ModuleName};
use crate::wire::mappings::AllowedMappings;
use crate::wire::settings::EnrichmentConfiguration;
use crate::zoho::ZohoError;
use crate::zoho::configure::ConfigurationChange;

/// An input or an output and its CRM field, written `NAME=FIELD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The input or the output, by the configuration's word for it; an input by ours, too.
    pub name: String,
    /// The CRM field's API name.
    pub field: String,
}

impl FromStr for Mapping {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("{text:?} is not NAME=FIELD, such as email=Email");
        let (name, field) = text.split_once('=').ok_or_else(bad)?;
        let (name, field) = (name.trim(), field.trim());
        // A field's API name is made like a module's.
        if name.is_empty() || field.parse::<ModuleName>().is_err() {
            return Err(bad());
        }
        Ok(Self {
            name: name.to_owned(),
            field: field.to_owned(),
        })
    }
}

/// What shall become of a module's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// It is made, with these mappings.
    Create(Vec<Mapping>),
    /// It is switched on.
    Enable,
    /// It is switched off.
    Disable,
    /// These are mapped; the others stay.
    Map(Vec<Mapping>),
    /// These are no longer mapped.
    Unmap(Vec<String>),
    /// It is deleted.
    Delete,
}

/// A change that has been worked out and not made.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// The module.
    pub module: ModuleName,
    /// What becomes different; nothing where it is like that already.
    pub differences: Vec<Difference>,
    change: ConfigurationChange,
    /// What it is made from: another one may change it while a person reads.
    from: Option<Shape>,
    /// Whether one that is made has to be switched off: it cannot be made so.
    is_off: bool,
}

impl Plan {
    /// What is sent to make it, if there is a body.
    pub fn body(&self) -> Option<&Value> {
        match &self.change {
            ConfigurationChange::Create(item) | ConfigurationChange::Update(_, item) => Some(item),
            ConfigurationChange::Delete(_) => None,
        }
    }
}

/// A change that has been made.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// What the server said.
    pub message: String,
    /// The configuration as it is now; `None` after a deletion.
    pub now: Option<EnrichmentConfiguration>,
}

/// What is there, and what may be.
#[derive(Debug, Clone, Default)]
struct There {
    own: Option<EnrichmentConfiguration>,
    /// The modules that can be enriched, where they were asked for.
    modules: Option<Vec<String>>,
    module_id: Option<String>,
    allowed: AllowedMappings,
    /// Fields that are known otherwise: name and id.
    fields: Vec<(String, String)>,
}

impl There {
    fn id_of(&self, field: &str) -> Option<&str> {
        let allowed = self.allowed.inputs.iter().chain(&self.allowed.outputs);
        let allowed = allowed.flat_map(|one| &one.fields);
        let mut allowed = allowed.filter(|known| known.api_name == field);
        let listed = || self.fields.iter().find(|(name, _)| name == field);
        allowed
            .next()
            .map(|known| known.id.as_str())
            .or_else(|| self.own_id_of(field))
            .or_else(|| listed().map(|(_, id)| id.as_str()))
    }

    /// As the configuration itself shows it.
    fn own_id_of(&self, field: &str) -> Option<&str> {
        let raw = &self.own.as_ref()?.raw;
        let lists = [body::INPUTS, body::OUTPUTS].map(|key| raw.get(key)?.as_array());
        let mut fields = lists
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|item| item.get("crm_field"));
        fields
            .find(|known| known.get("api_name").and_then(Value::as_str) == Some(field))
            .and_then(|known| known.get("id")?.as_str())
    }
}

/// Works a change out. Nothing is changed.
///
/// # Errors
/// When the configurations cannot be read, when there is no such configuration, when a field may not be
/// mapped like that, or when nothing would become different.
pub async fn plan(
    session: &ProfileSession,
    (kind, module): (EnrichmentKind, &ModuleName),
    edit: &Edit,
) -> Result<Plan, OpsError> {
    let there = there(session, (kind, module)).await?;
    let made = work_out(&there, (kind, module), edit)?;
    if made.differences.is_empty() {
        return Err(OpsError::Refused(format!(
            "the configuration of {module} is like that already; nothing was changed"
        )));
    }
    Ok(made)
}

/// The configuration of a module with its outputs, if there is one.
///
/// # Errors
/// When there is no token or the scope does not allow it.
pub async fn whole_configuration(
    session: &ProfileSession,
    (kind, module): (EnrichmentKind, &str),
) -> Result<Option<EnrichmentConfiguration>, OpsError> {
    let all = configurations(session).await?;
    match of_module(&all, kind, module) {
        Some(listed) => whole(session, listed).await,
        None => Ok(None),
    }
}

/// All that has to be known of a module.
async fn there(
    session: &ProfileSession,
    (kind, module): (EnrichmentKind, &ModuleName),
) -> Result<There, OpsError> {
    let own = whole_configuration(session, (kind, module.as_str())).await?;
    let asked = (module.as_str(), configuration_type(kind));
    let allowed =
        session.ask(|token| async move { session.client().allowed_mappings(asked, &token).await });
    // Without an answer the server decides what may be mapped.
    let allowed = allowed.await.unwrap_or_default();
    let mut there = There {
        own,
        modules: None,
        module_id: None,
        allowed,
        fields: Vec::new(),
    };
    if there.own.is_none() {
        let modules = super::setup::modules(session, kind).await.ok();
        let mut listed = modules.iter().flatten();
        let found = listed.find(|known| known.api_name == module.as_str());
        there.module_id = found.and_then(|module| module.id.clone());
        there.modules = modules.map(|all| all.into_iter().map(|module| module.api_name).collect());
    }
    if there.allowed == AllowedMappings::default() {
        let module = module.as_str();
        let asked =
            session.ask(|token| async move { session.client().fields(module, &token).await });
        there.fields = asked.await.unwrap_or_default();
    }
    Ok(there)
}

/// A configuration that a list showed, with its outputs.
async fn whole(
    session: &ProfileSession,
    listed: &EnrichmentConfiguration,
) -> Result<Option<EnrichmentConfiguration>, OpsError> {
    let id = listed.id.as_str();
    session
        .ask(|token| async move { session.client().configuration(id, &token).await })
        .await
}

/// All configurations, each with its outputs.
///
/// # Errors
/// When there is no token or the scope does not allow it.
pub async fn whole_configurations(
    session: &ProfileSession,
) -> Result<Vec<EnrichmentConfiguration>, OpsError> {
    let mut found = Vec::new();
    for listed in configurations(session).await? {
        let one = whole(session, &listed).await?;
        found.push(one.unwrap_or(listed));
    }
    Ok(found)
}

/// Makes a change and reads the configuration back.
///
/// # Errors
/// When it is no longer what the change was worked out from, or the server refuses the change. When no
/// answer comes, whether it was made is open: read it again.
pub async fn apply(session: &ProfileSession, plan: &Plan) -> Result<Applied, OpsError> {
    session.may_change()?;
    let place = (plan.kind, plan.module.as_str());
    let now = whole_configuration(session, place).await?;
    if now.as_ref().map(Shape::of) != plan.from {
        return Err(OpsError::Refused(format!(
            "the configuration of {} was changed meanwhile; this change was not made: look at it again",
            plan.module
        )));
    }
    let open = |is_made: bool, source: OpsError| OpsError::ChangeOpen {
        module: plan.module.to_string(),
        is_made,
        source: Box::new(source),
    };
    let message = match change(session, &plan.change).await {
        Ok(message) => message,
        Err(OpsError::Zoho(error @ ZohoError::Refused { status, .. }))
            if status < 500 && !error.is_token_refused() =>
        {
            return Err(OpsError::ChangeRefused(error));
        }
        Err(
            error @ OpsError::Zoho(
                ZohoError::Refused { status: 500.., .. }
                | ZohoError::NoAnswer { .. }
                | ZohoError::Unreadable { .. },
            ),
        ) => return Err(open(false, error)),
        Err(error) => return Err(error),
    };
    let read = whole_configuration(session, place).await;
    let mut now = read.map_err(|error| open(true, error))?;
    if let Some(own) = now.as_ref().filter(|own| plan.is_off && own.is_active) {
        let shape = Shape {
            is_active: false,
            ..Shape::of(own)
        };
        let there = There {
            own: now.clone(),
            ..There::default()
        };
        let off = change(session, &body::update(&there, own, &shape)).await;
        off.map_err(|error| open(true, error))?;
        let read = whole_configuration(session, place).await;
        now = read.map_err(|error| open(true, error))?;
    }
    Ok(Applied { message, now })
}

async fn change(
    session: &ProfileSession,
    change: &ConfigurationChange,
) -> Result<String, OpsError> {
    session
        .ask(|token| async move { session.client().change_configuration(change, &token).await })
        .await
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
    there: &There,
    (kind, module): (EnrichmentKind, &ModuleName),
    edit: &Edit,
) -> Result<Plan, OpsError> {
    let names = shape::Names::of(kind, &there.allowed, there.own.as_ref());
    let place = (kind, module);
    if let Some(modules) = there
        .modules
        .as_ref()
        .filter(|all| there.own.is_none() && !all.iter().any(|one| one == module.as_str()))
    {
        return Err(OpsError::NotFound(shape::no_such_module(module, modules)));
    }
    let own = match (edit, &there.own) {
        (Edit::Create(_), Some(_)) => {
            return Err(OpsError::Refused(format!(
                "module {module} has a configuration for {kind} already; map, enable or delete it"
            )));
        }
        (Edit::Create(mappings), None) => {
            let mut wanted = Shape::empty(&names);
            wanted.map(&names, mappings)?;
            if !wanted.has_input() {
                return Err(OpsError::Refused(
                    "a configuration needs at least one input, as INPUT=FIELD".to_owned(),
                ));
            }
            return made(there, place, wanted);
        }
        (_, None) => {
            return Err(OpsError::NotFound(format!(
                "module {module} has no configuration for {kind}; make one with `ziadeck enrichment config create`"
            )));
        }
        (_, Some(own)) => own,
    };
    let mut wanted = Shape::of(own);
    match edit {
        Edit::Create(_) => {}
        Edit::Enable => wanted.is_active = true,
        Edit::Disable => wanted.is_active = false,
        Edit::Map(mappings) => wanted.map(&names, mappings)?,
        Edit::Unmap(unmapped) => {
            for name in unmapped {
                let (side, name) = names.find(name)?;
                wanted.put(side, &name, None);
            }
        }
        Edit::Delete => {
            return Ok(Plan {
                kind,
                module: module.clone(),
                differences: Shape::of(own).gone(),
                change: ConfigurationChange::Delete(own.id.clone()),
                from: Some(Shape::of(own)),
                is_off: false,
            });
        }
    }
    made(there, place, wanted)
}

/// The plan that makes what is there into what is wanted.
fn made(
    there: &There,
    (kind, module): (EnrichmentKind, &ModuleName),
    wanted: Shape,
) -> Result<Plan, OpsError> {
    wanted.check(&there.allowed, module)?;
    let (differences, change) = match &there.own {
        None => (
            wanted.made(),
            body::create(there, (configuration_type(kind), module), &wanted),
        ),
        Some(own) => (
            Shape::of(own).differences(&wanted),
            body::update(there, own, &wanted),
        ),
    };
    let is_off = there.own.is_none() && !wanted.is_active;
    if let Some(field) = body::field_without_id(&change).filter(|_| !there.fields.is_empty()) {
        return Err(shape::no_such_field(module, field, there));
    }
    Ok(Plan {
        kind,
        module: module.clone(),
        differences,
        change,
        from: there.own.as_ref().map(Shape::of),
        is_off,
    })
}

#[cfg(test)]
mod tests;
