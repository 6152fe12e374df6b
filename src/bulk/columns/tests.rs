use super::*;
use proptest::prelude::*;
use rstest::rstest;

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The header of an export of a file with these columns.
fn header(users: &[&str]) -> Vec<String> {
    let users = texts(users);
    let added = beside(&users);
    users.into_iter().chain(added).collect()
}

/// What is left of the header for the user.
fn left(headers: &[String]) -> Vec<&str> {
    let added = Added::find(headers).unwrap();
    let all = headers.iter().enumerate();
    let users = all.filter(|(at, _)| !added.has(*at));
    users.map(|(_, name)| name.as_str()).collect()
}

#[rstest]
#[case::none_of_ours(&["Name", "Email"], "ziadeck_check")]
#[case::one_of_ours(&["Name", "Company"], "ziadeck_check ziadeck_company")]
#[case::almost_one(&["First Name", "Job ID"], "ziadeck_check job_id first_name")]
#[case::prefixed(&["ziadeck_company"], "ziadeck_check company")]
fn the_mark_names_what_could_be_mistaken(#[case] users: &[&str], #[case] mark: &str) {
    let header = header(users);

    assert_eq!(header.last().unwrap(), mark);
    assert_eq!(left(&header), users);
}

#[test]
fn what_the_user_deleted_of_ours_makes_nothing_of_theirs_ours() {
    let mut header = header(&["Email", "Company", "First Name"]);
    header.retain(|name| !matches!(name.as_str(), "ziadeck_company" | "first_name" | "outcome"));

    assert_eq!(left(&header), ["Email", "Company", "First Name"]);
}

#[rstest]
#[case::other_programs(&["email", "outcome", "attempt", "reason"])]
#[case::a_shop_of_work(&["Name", "Outcome", "Code", "Job ID", "Attempt"])]
#[case::people(&["first_name", "last_name", "company", "phone", "website", "linkedin", "twitter", "city", "outcome", "job_id"])]
#[case::a_crm(&["Record Id", "First Name", "Last Name", "Email", "Company"])]
fn a_file_of_the_users_own_is_no_export(#[case] names: &[&str]) {
    assert_eq!(Added::find(&texts(names)), None);
}

#[test]
fn a_file_for_the_crm_is_all_ours_but_the_record() {
    let mut header: Vec<String> = write_back().map(str::to_uppercase).collect();
    header.reverse();

    assert_eq!(left(&header), ["RECORD ID"]);
}

fn draft(inputs: &[(Field, &str)]) -> Draft {
    let mut draft = Draft::new(crate::base::EnrichmentKind::People, "Leads");
    for (field, value) in inputs {
        draft.set(*field, value);
    }
    draft
}

fn ada() -> Draft {
    draft(&[(Field::Name, "Ada"), (Field::Email, "ada@acme.example")])
}

fn told(outcome: &str, code: &str, check: &str) -> Told {
    let texts = |text: &str| text.to_owned();
    Told {
        outcome: texts(outcome),
        code: texts(code),
        check: texts(check),
        ..Told::default()
    }
}

#[rstest]
#[case::paid_for("scheduled", "SCHEDULED", Some(Standing::Spent))]
#[case::perhaps_paid_for("unknown", "", Some(Standing::Open))]
#[case::refused("rejected", "INVALID_DATA", Some(Standing::NotSent))]
#[case::asked_before("skipped", "already", Some(Standing::NotSent))]
#[case::by_hand("skipped", "", Some(Standing::NotSent))]
#[case::judged_anew("skipped", "duplicate", None)]
#[case::doubtful("skipped", "doubtful", None)]
#[case::never_sent("pending", "", None)]
#[case::no_connection("not_sent", "", None)]
#[case::proven_absent("absent", "", None)]
#[case::emptied("", "SCHEDULED", None)]
fn an_export_settles_a_row_until_an_input_changes(
    #[case] outcome: &str,
    #[case] code: &str,
    #[case] standing: Option<Standing>,
) {
    let told = told(outcome, code, &check_of(&asked(&ada())));

    assert_eq!(told.standing(&ada()), standing);
    let other = draft(&[(Field::Name, "Ada Lovelace")]);
    assert_eq!(told.standing(&other), None);
    let mut more = ada();
    more.set(Field::Company, "Acme");
    assert_eq!(told.standing(&more), None);
}

#[rstest]
#[case::paid_for("scheduled", "", Some(Standing::Spent))]
#[case::asked_before("skipped", "already", Some(Standing::NotSent))]
#[case::refused("rejected", "INVALID_DATA", None)]
#[case::by_hand("skipped", "", None)]
fn what_cost_nothing_is_mended_by_any_change(
    #[case] outcome: &str,
    #[case] code: &str,
    #[case] standing: Option<Standing>,
) {
    let told = told(outcome, code, &check_of(&asked(&ada())));

    let less = draft(&[(Field::Email, "ada@acme.example")]);
    let (mut elsewhere, mut recorded) = (ada(), ada());
    "Contacts".clone_into(&mut elsewhere.module);
    "5725767000003019012".clone_into(&mut recorded.record_id);

    for changed in [less, elsewhere, recorded] {
        assert_eq!(told.standing(&changed), standing, "{changed:?}");
    }
}

#[test]
fn without_a_check_what_was_refused_may_have_been_mended() {
    assert_eq!(told("rejected", "", "").standing(&ada()), None);
    assert_eq!(
        told("scheduled", "", "").standing(&ada()),
        Some(Standing::Spent)
    );
}

#[test]
fn what_an_export_says_is_one_sentence() {
    let told = Told {
        job_id: "42".to_owned(),
        job_status: "COMPLETED".to_owned(),
        ..told("scheduled", "SCHEDULED", "")
    };

    assert_eq!(told.sentence(), "scheduled, COMPLETED, job 42");
}

proptest! {
    #[test]
    fn a_check_is_text_to_a_spreadsheet(value in "\\PC{0,12}") {
        let inputs = serde_json::json!({"name": value, "email": value, "other": "7"});

        let check = check_of(inputs.as_object().unwrap());

        prop_assert!(check.split(' ').all(|part| part.is_empty() || part.starts_with(['n', 'e'])));
        prop_assert!(matches!(check.len(), 0 | 15));
    }
}

#[rstest]
#[case::paid_for("SCHEDULED", "1", "1", Some(Standing::Spent))]
#[case::paid_for_without_its_code("", "1", "1", Some(Standing::Spent))]
#[case::perhaps_paid_for("", "", "1", Some(Standing::Open))]
#[case::refused("INVALID_DATA", "", "1", Some(Standing::NotSent))]
#[case::asked_before("already", "", "", Some(Standing::NotSent))]
#[case::never_sent("", "", "", None)]
fn without_the_column_of_the_outcome_the_others_tell_it(
    #[case] code: &str,
    #[case] job: &str,
    #[case] attempt: &str,
    #[case] standing: Option<Standing>,
) {
    let told = Told {
        job_id: job.to_owned(),
        attempt: attempt.to_owned(),
        ..told("", code, &check_of(&asked(&ada())))
    };

    assert_eq!(told.inferred().standing(&ada()), standing);
}
