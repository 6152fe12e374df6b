//! The set-up guide: from nothing to a profile that can send.
//!
//! ```text
//!  Where ─► Name ─► Client ─► Secret ─► Code ─► working ─► done
//!                                        ▲         └─► failed: back to the code, with the reason
//! ```
//! Secrets stay in fields that show nothing; a grant code that was used is forgotten, because it
//! works once.

use crate::base::{DataCenter, Environment, ProfileName};
use crate::tui::data::profile::SignedIn;
use crate::tui::model::Failure;
use crate::tui::ui::field::{SecretField, TextField};

/// A step of the guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Data centre and environment.
    Where,
    /// The profile's name.
    Name,
    /// The client id.
    Client,
    /// The client secret.
    Secret,
    /// The grant code.
    Code,
}

impl Step {
    /// All steps in their order.
    pub const ALL: [Self; 5] = [
        Self::Where,
        Self::Name,
        Self::Client,
        Self::Secret,
        Self::Code,
    ];

    /// The label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Where => "Data centre",
            Self::Name => "Profile name",
            Self::Client => "Client id",
            Self::Secret => "Client secret",
            Self::Code => "Grant code",
        }
    }
}

/// How far the last step is.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// Being filled in.
    Filling,
    /// The code is being exchanged and a test call made.
    Working,
    /// It did not work.
    Failed(Failure),
    /// The profile is saved and works.
    Done(SignedIn),
}

/// The guide.
#[derive(Debug, Clone, PartialEq)]
pub struct Guide {
    /// The step with the focus.
    pub step: Step,
    /// Where.
    pub data_center: DataCenter,
    /// Which organisation there.
    pub environment: Environment,
    /// The profile's name, as typed.
    pub name: TextField,
    /// The client id, as typed.
    pub client_id: TextField,
    /// The client secret.
    pub client_secret: SecretField,
    /// The grant code.
    pub code: SecretField,
    /// What is wrong with the step that has the focus.
    pub problem: Option<String>,
    /// How far it is.
    pub progress: Progress,
}

impl Guide {
    /// A guide for a data centre.
    pub fn new(data_center: DataCenter) -> Self {
        let mut guide = Self {
            step: Step::Where,
            data_center,
            environment: Environment::Production,
            name: TextField::default(),
            client_id: TextField::default(),
            client_secret: SecretField::default(),
            code: SecretField::default(),
            problem: None,
            progress: Progress::Filling,
        };
        guide.propose_name(&[]);
        guide
    }

    /// Proposes a name that no profile has, such as `us-prod`.
    pub fn propose_name(&mut self, taken: &[ProfileName]) {
        let environment = match self.environment {
            Environment::Production => "prod",
            Environment::Sandbox => "sandbox",
            Environment::Developer => "dev",
        };
        let stem = format!("{}-{environment}", self.data_center.code().to_lowercase());
        let is_free = |name: &str| !taken.iter().any(|known| known.as_str() == name);
        let name = std::iter::once(stem.clone())
            .chain((2..100).map(|number| format!("{stem}-{number}")))
            .find(|name| is_free(name))
            .unwrap_or(stem);
        self.name.set(&name);
    }

    /// Whether the step with the focus takes text.
    pub fn types_text(&self) -> bool {
        matches!(self.progress, Progress::Filling | Progress::Failed(_)) && self.step != Step::Where
    }

    /// What is wrong with a step, in a sentence.
    pub fn problem_of(&self, step: Step) -> Option<String> {
        match step {
            Step::Where => None,
            Step::Name => self
                .name
                .value()
                .trim()
                .parse::<ProfileName>()
                .err()
                .map(|error| error.to_string()),
            Step::Client => {
                let id = self.client_id.value().trim();
                let is_plausible = id.starts_with("1000.") && id.len() > 10 && !id.contains(' ');
                (!is_plausible)
                    .then(|| "a client id begins with 1000. and has no spaces".to_owned())
            }
            Step::Secret => {
                (self.client_secret.length() < 10).then(|| "paste the client secret".to_owned())
            }
            Step::Code => (self.code.length() < 10).then(|| "paste the grant code".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proposed_name_is_free_and_valid() {
        let mut guide = Guide::new(DataCenter::Ca);
        guide.environment = Environment::Sandbox;

        guide.propose_name(&["ca-sandbox".parse().unwrap()]);

        assert_eq!(guide.name.value(), "ca-sandbox-2");
        assert_eq!(guide.problem_of(Step::Name), None);
    }

    #[test]
    fn each_step_says_what_it_wants() {
        let guide = Guide::new(DataCenter::Us);

        for step in [Step::Client, Step::Secret, Step::Code] {
            assert!(guide.problem_of(step).is_some(), "{step:?}");
        }
    }
}
