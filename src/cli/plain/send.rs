//! Sending, question by question.

use super::{Break, Talk, words};
use crate::base::EnrichmentKind;
use crate::cli::commands::submit::report_lines;
use crate::enrichment::doubt::doubts;
use crate::enrichment::usage::UsageLevel;
use crate::enrichment::verdict::Word;
use crate::enrichment::{Draft, EnrichmentRequest, Field, Known, Severity, validate};
use crate::ledger::{BudgetRule, LedgerError};
use crate::ops::gate::Doubtful;
use crate::ops::submit::{SubmitOptions, submit};
use crate::ops::{OpsError, gate, usage};

impl Talk {
    pub(super) async fn send(&mut self) -> Result<(), Break> {
        self.say("Every value needs at least three characters in English. An empty line leaves an input out, a dot stops.");
        let mut draft = self.compose().await?;
        loop {
            self.read_out(&draft).await?;
            let is_refused = self.check(&draft);
            let Some(given) = self.seen(&draft).await? else {
                let question = "Nothing is sent. Type the name of an input to change it, or a dot:";
                let answer = self.ask_anew(question).await?.to_lowercase();
                self.change(&mut draft, &answer).await?;
                continue;
            };
            let word = match (is_refused, given.known.is_some()) {
                (false, false) => "send",
                (true, false) => "force",
                (false, true) => "again",
                (true, true) => "force again",
            };
            let question =
                format!("Type {word} to send it, the name of an input to change it, or a dot:");
            let answer = self.ask_anew(&question).await?.to_lowercase();
            if answer == word && !self.may_send {
                self.say("Nothing was sent.");
                self.say(words::NOT_ALLOWED);
                return Ok(());
            }
            if answer == word {
                match self.submit(&draft, given).await {
                    Err(Break::Ops(OpsError::Ledger(error @ LedgerError::Already(_)))) => {
                        self.say(&format!("Nothing was sent: {error}."));
                        continue;
                    }
                    done => return done,
                }
            }
            self.change(&mut draft, &answer).await?;
        }
    }

    /// Asks for the input that was named.
    async fn change(&mut self, draft: &mut Draft, answer: &str) -> Result<(), Break> {
        match answer {
            "module" => draft.module = self.ask("Module:").await?,
            "record" | "record id" => draft.record_id = self.ask("Record id:").await?,
            name => match name.parse::<Field>() {
                Ok(field) => self.input(draft, field).await?,
                Err(_) => self.say("Nothing was sent. That is no input."),
            },
        }
        Ok(())
    }

    async fn compose(&mut self) -> Result<Draft, Break> {
        let default = self.session.profile().default_module.clone();
        let question = match &default {
            Some(module) => format!("Module, {module} if left empty:"),
            None => "Module, by its API name such as Leads:".to_owned(),
        };
        let module = self.ask(&question).await?;
        let mut draft = Draft::new(EnrichmentKind::People, &module);
        if let (true, Some(default)) = (module.is_empty(), default) {
            default.as_str().clone_into(&mut draft.module);
        }
        draft.record_id = self.ask("Record id, if it belongs to a record:").await?;
        for field in Field::of(draft.kind) {
            self.input(&mut draft, *field).await?;
        }
        Ok(draft)
    }

    async fn input(&mut self, draft: &mut Draft, field: Field) -> Result<(), Break> {
        let value = self.ask(&format!("{}:", field.input().question)).await?;
        draft.set(field, &value);
        Ok(())
    }

    /// Says what would be sent, and what it spends.
    async fn read_out(&self, draft: &Draft) -> Result<(), Break> {
        let inputs: Vec<String> = draft
            .given()
            .map(|(field, value)| format!("{} {value}", field.as_str()))
            .collect();
        self.say(&format!(
            "For profile {}, {}, module {}: {}.",
            self.session.profile().name,
            self.session.profile().environment,
            draft.module,
            inputs.join(", ")
        ));
        let usage = usage::local(&self.session, draft.kind).await?;
        self.say(&format!(
            "Spends 1 unit if accepted: {} to {} of {}.",
            usage.used,
            usage.used.saturating_add(1),
            usage.limit
        ));
        Ok(())
    }

    /// Says what is wrong; whether the server would refuse it.
    fn check(&self, draft: &Draft) -> bool {
        let violations = validate(draft, &Known::default());
        for violation in &violations {
            let how = match violation.severity {
                Severity::Error => "Would be rejected",
                Severity::Warning => "May be rejected",
            };
            self.say(&format!(
                "{how}: {}, {}: {}.",
                violation.place.as_str(),
                violation.code,
                violation.hint
            ));
        }
        violations
            .iter()
            .any(|violation| violation.severity == Severity::Error)
    }

    /// Says what is doubtful and what was asked before; the word of a person who has heard that, or
    /// `None` where no word counts.
    async fn seen(&self, draft: &Draft) -> Result<Option<Word>, Break> {
        let seen = gate::in_the_way(&self.session, draft).await?;
        for doubt in Doubtful::all(&doubts(draft), &seen.shared) {
            self.say(&format!("Doubtful: {}: {}.", doubt.field, doubt.hint));
        }
        for line in seen.told(self.session.clock().now()) {
            self.say(&line);
        }
        Ok((!seen.is_forgotten()).then(|| seen.overruled()))
    }

    async fn submit(&mut self, draft: &Draft, word: Word) -> Result<(), Break> {
        let before = usage::local(&self.session, draft.kind).await?;
        let rule = match before.level() {
            UsageLevel::Reached => {
                let question = "The limit is reached; the server will most likely refuse. Type override to send it all the same, or a dot:";
                match self.ask_anew(question).await?.as_str() {
                    "override" => BudgetRule::Override,
                    _ => return Err(Break::Stop),
                }
            }
            UsageLevel::Calm | UsageLevel::High | UsageLevel::Critical => BudgetRule::Hold,
        };
        let request = EnrichmentRequest::checked(draft, &Known::default())
            .unwrap_or_else(|_| EnrichmentRequest::forced(draft));
        let options = SubmitOptions {
            rule,
            word,
            ..SubmitOptions::single()
        };
        self.say("Sending; wait for the answer.");
        let report = submit(&self.session, &request, options).await?;
        self.told.push(report.row.id);
        for line in report_lines(&report, before.used) {
            self.say(&line);
        }
        match report.sign_in_error() {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }
}
