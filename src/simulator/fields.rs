//! The fields of the modules: names, labels, and what kind of thing each holds.
//!
//! Those of a new organisation, as far as enrichment reads or fills them, and some that somebody
//! has added.

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// A text that the CRM makes itself.
    Computed,
    Email,
    Phone,
    Website,
    TextArea,
    PickList,
    Integer,
    Currency,
    Lookup,
    Image,
    DateTime,
}

impl Kind {
    /// `data_type` of the field.
    pub(super) fn data_type(self) -> &'static str {
        match self {
            Self::Text | Self::Computed => "text",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Website => "website",
            Self::TextArea => "textarea",
            Self::PickList => "picklist",
            Self::Integer => "integer",
            Self::Currency => "currency",
            Self::Lookup => "lookup",
            Self::Image => "profileimage",
            Self::DateTime => "datetime",
        }
    }

    /// `json_type` of the field.
    pub(super) fn json_type(self) -> &'static str {
        match self {
            Self::Lookup => "jsonobject",
            Self::Integer => "integer",
            Self::Currency => "double",
            Self::Text
            | Self::Computed
            | Self::Email
            | Self::Phone
            | Self::Website
            | Self::TextArea
            | Self::PickList
            | Self::Image
            | Self::DateTime => "string",
        }
    }
}

/// A field of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) api_name: &'static str,
    pub(super) label: &'static str,
    pub(super) kind: Kind,
}

const fn field(api_name: &'static str, label: &'static str, kind: Kind) -> Field {
    Field {
        api_name,
        label,
        kind,
    }
}

/// What every module has besides `id`.
pub(super) const EVERYWHERE: &[Field] = &[
    field("Created_Time", "Created Time", Kind::DateTime),
    field("Enrich_Status__s", "Enrich Status", Kind::Computed),
    field(
        "Last_Enriched_Time__s",
        "Last Enriched Time",
        Kind::DateTime,
    ),
];

pub(super) const LEADS: &[Field] = &[
    field("Full_Name", "Full Name", Kind::Computed),
    field("First_Name", "First Name", Kind::Text),
    field("Last_Name", "Last Name", Kind::Text),
    field("Email", "Email", Kind::Email),
    field("Company", "Company", Kind::Text),
    field("Website", "Website", Kind::Website),
    field("Twitter", "Twitter", Kind::Text),
    field("Designation", "Title", Kind::Text),
    field("Facebook", "Facebook", Kind::Text),
    field("LinkedIn", "LinkedIn", Kind::Text),
    field("Phone", "Phone", Kind::Phone),
    field("Secondary_Email", "Secondary Email", Kind::Email),
    field("Skype_ID", "Skype ID", Kind::Text),
    field("Lead_Source", "Lead Source", Kind::PickList),
    field("Industry", "Industry", Kind::PickList),
    field("No_of_Employees", "No. of Employees", Kind::Integer),
    field("Annual_Revenue", "Annual Revenue", Kind::Currency),
    field("Street", "Street", Kind::Text),
    field("City", "City", Kind::Text),
    field("State", "State", Kind::Text),
    field("Zip_Code", "Zip Code", Kind::Text),
    field("Country", "Country", Kind::Text),
    field("Description", "Description", Kind::TextArea),
    field("Record_Image", "Lead Image", Kind::Image),
];

pub(super) const CONTACTS: &[Field] = &[
    field("Full_Name", "Full Name", Kind::Computed),
    field("First_Name", "First Name", Kind::Text),
    field("Last_Name", "Last Name", Kind::Text),
    field("Email", "Email", Kind::Email),
    field("Account_Name", "Account Name", Kind::Lookup),
    field("Twitter", "Twitter", Kind::Text),
    field("Title", "Title", Kind::Text),
    field("Website", "Website", Kind::Website),
    field("LinkedIn", "LinkedIn", Kind::Text),
    field("Phone", "Phone", Kind::Phone),
    field("Mobile", "Mobile", Kind::Phone),
    field("Secondary_Email", "Secondary Email", Kind::Email),
    field("Skype_ID", "Skype ID", Kind::Text),
    field("Lead_Source", "Lead Source", Kind::PickList),
    field("Mailing_Street", "Mailing Street", Kind::Text),
    field("Mailing_City", "Mailing City", Kind::Text),
    field("Mailing_State", "Mailing State", Kind::Text),
    field("Mailing_Zip", "Mailing Zip", Kind::Text),
    field("Mailing_Country", "Mailing Country", Kind::Text),
    field("Other_City", "Other City", Kind::Text),
    field("Other_State", "Other State", Kind::Text),
    field("Other_Country", "Other Country", Kind::Text),
    field("Description", "Description", Kind::TextArea),
    field("Record_Image", "Contact Image", Kind::Image),
];

pub(super) const ACCOUNTS: &[Field] = &[
    field("Account_Name", "Account Name", Kind::Text),
    field("Website", "Website", Kind::Website),
    field("Email", "Email", Kind::Email),
    field("Phone", "Phone", Kind::Phone),
    field("Account_Type", "Account Type", Kind::PickList),
    field("Industry", "Industry", Kind::PickList),
    field("Employees", "Employees", Kind::Integer),
    field("Annual_Revenue", "Annual Revenue", Kind::Currency),
    field("Billing_Street", "Billing Street", Kind::Text),
    field("Billing_City", "Billing City", Kind::Text),
    field("Billing_State", "Billing State", Kind::Text),
    field("Billing_Code", "Billing Code", Kind::Text),
    field("Billing_Country", "Billing Country", Kind::Text),
    field("Description", "Description", Kind::TextArea),
    field("Record_Image", "Account Image", Kind::Image),
];

pub(super) const VENDORS: &[Field] = &[
    field("Vendor_Name", "Vendor Name", Kind::Text),
    field("Email", "Email", Kind::Email),
    field("Website", "Website", Kind::Website),
    field("Phone", "Phone", Kind::Phone),
    field("Category", "Category", Kind::Text),
    field("Street", "Street", Kind::Text),
    field("City", "City", Kind::Text),
    field("State", "State", Kind::Text),
    field("Zip_Code", "Zip Code", Kind::Text),
    field("Country", "Country", Kind::Text),
    field("Description", "Description", Kind::TextArea),
];

pub(super) const EVENT_GUESTS: &[Field] = &[
    field("Name", "Event Guest Name", Kind::Text),
    field("Email", "Email", Kind::Email),
    field("Company", "Company", Kind::Text),
    field("Secondary_Email", "Secondary Email", Kind::Email),
];

pub(super) const DEALS: &[Field] = &[
    field("Deal_Name", "Deal Name", Kind::Text),
    field("Stage", "Stage", Kind::PickList),
];

pub(super) const TASKS: &[Field] = &[
    field("Subject", "Subject", Kind::Text),
    field("Status", "Status", Kind::PickList),
];
