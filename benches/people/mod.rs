//! Invented attempts, the same for every seed number.

use std::time::Duration;

use ziadeck::base::{
    DataCenter, EnrichmentKind, Environment, Outcome, ProfileName, RequestHead, Timestamp,
};
use ziadeck::enrichment::verdict::Word;
use ziadeck::enrichment::{Draft, Field};
use ziadeck::ledger::{
    Budget, BudgetRule, Forced, Ledger, NewAttempt, Origin, RowNext, ScopeKey, Seed, Settlement,
    Subject,
};

const NAMES: [&str; 16] = [
    "Ada", "Grace", "Lin", "Kim", "Noor", "Ines", "Omar", "Tove", "Yuki", "Raj", "Mona", "Piet",
    "Sara", "Ivan", "Lena", "Amir",
];
const PROFILES: [&str; 3] = ["us-prod", "us-sandbox", "in-prod"];

/// The scope of a profile.
pub(crate) fn scope(profile: usize) -> ScopeKey {
    let name: ProfileName = parse(PROFILES.get(profile % 3).copied().unwrap_or("us-prod"));
    ScopeKey::of_profile(DataCenter::Us, Environment::Production, &name)
}

fn parse<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| std::process::abort())
}

fn subject(ledger: &Ledger, draft: &Draft) -> Subject {
    let server = (DataCenter::Us, Environment::Production);
    ledger
        .subject(draft, server)
        .unwrap_or_else(|_| std::process::abort())
}

/// The attempt of a number.
pub(crate) fn attempt(ledger: &Ledger, n: u64) -> NewAttempt {
    let at = usize::try_from(n).unwrap_or(0);
    let pick = |step: usize| {
        NAMES
            .get((at / step) % NAMES.len())
            .copied()
            .unwrap_or("Ada")
    };
    let (first, last) = (pick(1), pick(16));
    let email = format!("{first}.{last}.{n}@example{}.com", n % 997);
    let mut draft = Draft::new(EnrichmentKind::People, "Leads");
    draft.set(Field::Name, &format!("{first} {last}"));
    draft.set(Field::Email, &email);
    draft.set(Field::Company, &format!("Company {}", n % 5_003));
    NewAttempt {
        profile: parse(PROFILES.get(at % 3).copied().unwrap_or("us-prod")),
        scope: scope(at),
        data_center: DataCenter::Us,
        environment: Environment::Production,
        kind: EnrichmentKind::People,
        module: "Leads".to_owned(),
        record_id: Some(format!("57257670000{n:08}")),
        inputs: format!(
            "{{\"name\":\"{first} {last}\",\"email\":\"{email}\",\"company\":\"Company {}\"}}",
            n % 5_003
        ),
        head: RequestHead {
            method: "POST".to_owned(),
            url: format!(
                "https://www.zohoapis.com/crm/v7/__zia_people_enrichment?module=Leads&record_id=57257670000{n:08}"
            ),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        },
        body: format!(
            "{{\"__zia_people_enrichment\":[{{\"enrich_based_on\":{{\"name\":\"{first} {last}\",\
             \"email\":\"{email}\",\"company\":{{\"name\":\"Company {}\"}}}}}}]}}",
            n % 5_003
        ),
        subject: subject(ledger, &draft),
        budget: Budget {
            limit: u64::MAX,
            reserve: 0,
            configured: 1_500,
            rule: BudgetRule::Hold,
        },
        origin: Origin::Single,
        forced: Forced::No,
        word: Word::default(),
    }
}

/// The answer of a number: nine of ten are scheduled.
pub(crate) fn answer(n: u64) -> Settlement {
    let mut answer = Settlement::bare(Outcome::Scheduled);
    answer.http_status = Some(202);
    answer.latency = Duration::from_millis(80 + n % 200);
    answer.row_next = RowNext::Pending;
    answer.response_headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    match n % 10 {
        3 => {
            answer.outcome = Outcome::Rejected;
            answer.http_status = Some(400);
            answer.code = Some("DEPENDENT_FIELD_MISSING".to_owned());
            answer.message = Some("company cannot be empty".to_owned());
        }
        _ => {
            answer.code = Some("SCHEDULED".to_owned());
            answer.job_id = Some(parse(&format!("5725767{n:012}")));
        }
    }
    answer.response_body = Some(format!(
        "{{\"__zia_people_enrichment\":[{{\"id\":\"{n}\"}}]}}"
    ));
    answer
}

/// The attempt of a number, for one of many people behind one mailbox.
#[allow(dead_code, reason = "one of two programs asks for it")]
pub(crate) fn of_one_mailbox(ledger: &Ledger, n: u64) -> NewAttempt {
    let mut draft = Draft::new(EnrichmentKind::People, "Leads");
    draft.set(Field::Name, &format!("Ada Number{n}"));
    draft.set(Field::Email, "office@example.com");
    NewAttempt {
        scope: scope(0),
        subject: subject(ledger, &draft),
        ..attempt(ledger, n)
    }
}

/// The same with its answer.
#[allow(dead_code, reason = "one of two programs asks for it")]
pub(crate) fn seed_of_one_mailbox(ledger: &Ledger, n: u64) -> Seed {
    let n = (1 << 39) + n;
    Seed {
        new: of_one_mailbox(ledger, n),
        ..seed(ledger, n)
    }
}

/// Both, at a time of their own: one every ten minutes.
pub(crate) fn seed(ledger: &Ledger, n: u64) -> Seed {
    let start = 1_600_000_000_i64;
    let second = start + i64::try_from(n).unwrap_or(0) * 600 / 10;
    Seed {
        new: attempt(ledger, n),
        settlement: answer(n),
        at: Timestamp::from_second(second).unwrap_or_default(),
    }
}
