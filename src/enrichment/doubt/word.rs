//! What can be doubtful about a value.

use crate::base::word_enum;

word_enum!(
    /// What is doubtful about a value.
    DoubtWord,
    "a doubt about a value",
    /// A word that stands for nothing: `NULL`, `N/A`, `-`.
    Placeholder = "placeholder",
    /// No address: not one `@` with a dot somewhere behind it.
    NotAnEmail = "not_an_email",
    /// Several addresses in one place.
    SeveralEmails = "several_emails",
    /// An address with a name, a remark or quotation marks around it.
    EmailWithMore = "email_with_more",
    /// A page where an address belongs.
    WebAddressAsEmail = "web_address_as_email",
    /// A telephone number where an address belongs.
    TelephoneAsEmail = "telephone_as_email",
    /// A mailbox that is typed where none is known.
    TestMailbox = "test_mailbox",
    /// An address where a name belongs.
    EmailAsName = "email_as_name",
    /// A name without a letter.
    NumberAsName = "number_as_name",
    /// A line that a report ends with, or a total of it.
    Note = "note",
    /// A letter was lost when the text changed its encoding.
    LostLetters = "lost_letters",
    /// An address of mail where a website belongs.
    EmailAsWebsite = "email_as_website",
    /// A page of another service than the one asked for.
    OtherHost = "other_host",
    /// The service without any page.
    HostAlone = "host_alone",
    /// The page of a company, a school or a group.
    NotAPerson = "not_a_person",
    /// What a search found.
    SearchPage = "search_page",
    /// A record's id that a spreadsheet rounded.
    RoundedId = "rounded_id",
    /// A record's id that a spreadsheet wrote with an exponent.
    ExponentId = "exponent_id",
);

impl DoubtWord {
    /// What is wrong and what to do, in one sentence.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Placeholder => "this stands for nothing: leave it empty",
            Self::NotAnEmail => {
                "this is no e-mail address: one @ is needed, and a dot somewhere behind it"
            }
            Self::SeveralEmails => "there are several addresses in it: give one of them",
            Self::EmailWithMore => {
                "there is more than an address in it: give the address alone, such as \
                 ada@acme.example"
            }
            Self::WebAddressAsEmail => {
                "this is the address of a page and not of a mailbox: give it as the website or \
                 the social page"
            }
            Self::TelephoneAsEmail => {
                "this is a telephone number, by which nobody is found: leave it out"
            }
            Self::TestMailbox => "this mailbox is nobody's: leave it out",
            Self::EmailAsName => "this is an e-mail address and no name: give it as the email",
            Self::NumberAsName => "there is no letter in this name: correct it, or leave it out",
            Self::Note => "this is a line of a report and nobody's name: leave the row out",
            Self::LostLetters => {
                "a letter was lost here before: export the file again as UTF-8, or write the name \
                 out"
            }
            Self::EmailAsWebsite => {
                "this is an e-mail address and no website: give it as the email"
            }
            Self::OtherHost => {
                "this is a page of another service: give it where it belongs, or leave it out"
            }
            Self::HostAlone => {
                "this is the service and nobody's page: give the page with the name in it"
            }
            Self::NotAPerson => {
                "this is the page of a company, a school or a group: give the person's own page"
            }
            Self::SearchPage => {
                "this is a page of search results: open the right one and give its address"
            }
            Self::RoundedId => {
                "this id was rounded by a spreadsheet: format the column as text and export again"
            }
            Self::ExponentId => {
                "this id was rounded and written with an exponent by a spreadsheet: format the \
                 column as text and export again"
            }
        }
    }
}
