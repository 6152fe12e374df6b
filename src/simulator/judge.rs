//! The simulator's judgement without its network: what a POST would be answered.
//!
//! A door for the property test that holds the client's own checks against this second reading.
//! It answers by the same function as the server, and forgets the job at once, so that the limit
//! is never in the way.

use bytes::Bytes;
use serde_json::Value;

use super::enrichment;
use super::http::Request;
use super::options::{Rules, SimulatorOptions};
use super::replies::Body;
use super::state::State;
use crate::base::EnrichmentKind;

/// A judge of POSTs, with the configuration that every simulator starts with.
pub struct Judge {
    state: State,
}

impl std::fmt::Debug for Judge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Judge").finish_non_exhaustive()
    }
}

impl Judge {
    /// A judge with these rules.
    pub fn new(rules: Rules) -> Self {
        let options = SimulatorOptions {
            rules,
            ..SimulatorOptions::default()
        };
        Self {
            state: State::new(options, String::new()),
        }
    }

    /// Status and body of the answer to a POST with these query parameters and this body.
    pub fn judge(
        &mut self,
        kind: EnrichmentKind,
        query: &[(&str, &str)],
        body: &[u8],
    ) -> (u16, Value) {
        let request = Request {
            method: "POST".to_owned(),
            query: query
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: Bytes::copy_from_slice(body),
            ..Request::default()
        };
        let reply = enrichment::create(&mut self.state, kind, &request);
        self.state.jobs.clear();
        match reply.body {
            Body::Json(value) => (reply.status, value),
            Body::Empty | Body::Html(_) | Body::Text(_) => (reply.status, Value::Null),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{LazyLock, Mutex};

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn json_tree() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
            "[a-z.@]{3,12}".prop_map(Value::from),
        ];
        let key = prop_oneof![
            Just("name"),
            Just("email"),
            Just("company"),
            Just("social"),
            Just("website"),
            Just("twitter"),
            Just("other"),
        ];
        leaf.prop_recursive(3, 24, 5, move |inner| {
            prop_oneof![
                proptest::collection::vec((key.clone(), inner.clone()), 0..5).prop_map(|pairs| {
                    pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
                }),
                proptest::collection::vec(inner, 0..3).prop_map(Value::Array),
            ]
        })
    }

    /// One judge for all cases: it forgets each case, and is slow to make.
    static JUDGE: LazyLock<Mutex<Judge>> =
        LazyLock::new(|| Mutex::new(Judge::new(Rules::default())));

    proptest! {
        #[test]
        fn any_inputs_are_accepted_or_refused_with_a_code(inputs in json_tree()) {
            let body = json!({"__zia_people_enrichment": [{"enrich_based_on": inputs}]});

            let (status, answer) = JUDGE.lock().unwrap().judge(
                EnrichmentKind::People,
                &[("module", "Leads")],
                body.to_string().as_bytes(),
            );

            let item = &answer["__zia_people_enrichment"][0];
            prop_assert_eq!(status == 202, item["code"] == "SCHEDULED");
            prop_assert!(status == 202 || status == 400);
            prop_assert_eq!(item["status"] == "success", status == 202);
        }

        #[test]
        fn any_bytes_are_refused_flat_unless_they_are_a_request(body: Vec<u8>) {
            let (status, answer) = JUDGE.lock().unwrap().judge(
                EnrichmentKind::People,
                &[("module", "Leads")],
                &body,
            );

            prop_assert_eq!(status, 400);
            prop_assert_eq!(&answer["status"], "error");
        }
    }

    #[test]
    fn the_limit_is_never_in_the_way() {
        let mut judge = Judge::new(Rules::default());
        let body = json!({"__zia_people_enrichment":
            [{"enrich_based_on": {"email": "ada@acme.example"}}]})
        .to_string();

        for _ in 0..1_600 {
            let query = [("module", "Leads")];
            let (status, _) = judge.judge(EnrichmentKind::People, &query, body.as_bytes());
            assert_eq!(status, 202);
        }
    }
}
