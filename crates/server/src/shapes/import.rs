use app::import_chat::{Shown, phone_of};
use domain::chat_export::{self as export, Us, Whom};
use domain::id::ContactId;
use serde::Serialize;
use utoipa::ToSchema;

use super::{At, e164, word};

/// An exported chat: what the file is, what was chosen, and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Import {
    pub id: String,
    /// `preview`, `applying`, `applied`, `undoing`, `undone`, `failed`.
    pub state: String,
    pub channel_id: String,
    pub file_name: Option<String>,
    pub file_bytes: i64,
    pub created_by: Option<String>,
    pub created_at: At,
    pub applied_at: Option<At>,
    pub undone_at: Option<At>,

    /// `ios` or `android`.
    pub platform: String,
    /// `dmy`, `mdy` or `ymd`.
    pub date_order: String,
    /// The dates can be read in two ways, and nobody has said which is right.
    pub date_order_guessed: bool,
    /// One of them, in both.
    pub two_readings: Option<TwoReadings>,
    pub time_zone: String,
    pub group: bool,
    pub participants: Vec<ImportParticipant>,
    pub first: At,
    pub last: At,

    /// Without the app's own lines.
    pub messages: u64,
    pub media: u64,
    /// Files that are in the export.
    pub files: u64,
    pub new: u64,
    pub already_there: u64,
    pub warnings: Vec<ImportWarning>,
    /// The first entries, and the last ones.
    pub sample: Vec<ImportLine>,

    /// Somebody has said that none of the participants is the business.
    pub nobody_is_us: bool,
    pub contact: Option<ImportedContact>,
    /// The contact that will be made.
    pub new_contact: Option<ImportNewContact>,
    pub make_lead: bool,
    pub include_group: bool,
    /// What has to be said before it can be applied: `us`, `contact`, `group`, `news`.
    pub missing: Vec<String>,

    pub conversation_id: Option<String>,
    pub lead_id: Option<String>,
    pub progress: ImportProgress,
    /// Messages that it brought.
    pub added: i64,
    /// The code of a problem.
    pub failure: Option<String>,
    pub may_undo: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TwoReadings {
    pub text: String,
    /// A date without a time.
    pub dmy: String,
    pub mdy: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ImportParticipant {
    pub name: String,
    pub count: u64,
    /// Where the name is a number.
    pub phone: Option<String>,
    /// A contact that this seems to be.
    pub contact: Option<ImportedContact>,
    pub us: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ImportedContact {
    pub id: String,
    pub name: String,
    pub phone: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ImportNewContact {
    pub name: Option<String>,
    pub phone: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ImportWarning {
    /// `lines_before`, `out_of_time`, `no_such_date`, `may_be_cut`.
    pub code: String,
    pub count: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ImportLine {
    pub at: At,
    pub sender: Option<String>,
    pub us: bool,
    /// `text`, `media`, `deleted`, `call`, `poll`, `location`, `unsupported`, `system`.
    pub kind: String,
    pub text: Option<String>,
    pub media: Option<ImportMedia>,
    pub edited: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ImportMedia {
    /// `image`, `video`, `video_note`, `audio`, `voice`, `sticker`, `gif`, `document`, `contact`, `unknown`.
    pub kind: String,
    /// The file is not in the export.
    pub omitted: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ImportProgress {
    pub done: i64,
    pub total: i64,
}

impl From<Shown> for Import {
    fn from(shown: Shown) -> Self {
        let contact = |id: &ContactId| {
            shown.contacts.get(id).map(|contact| ImportedContact {
                id: contact.id.to_string(),
                name: contact.display_name(),
                phone: contact.phone.as_deref().map(e164),
            })
        };
        let import = &shown.import;
        let (choices, preview) = (&import.choices, &import.preview);
        let facts = &preview.facts;
        let whom = match (&import.contact_id, &choices.whom) {
            (Some(id), _) | (None, Whom::Contact { id }) => contact(id),
            _ => None,
        };
        let new_contact = match &choices.whom {
            Whom::New { name, phone } if import.contact_id.is_none() => Some(ImportNewContact {
                name: name.clone(),
                phone: phone.as_deref().map(e164),
            }),
            _ => None,
        };
        let participants = facts.participants.iter().map(|one| ImportParticipant {
            phone: phone_of(&one.name).map(|digits| e164(&digits)),
            contact: preview
                .known
                .iter()
                .find(|(name, _)| *name == one.name)
                .and_then(|(_, id)| contact(id)),
            us: choices.us.is(&one.name),
            name: one.name.clone(),
            count: one.count,
        });
        Self {
            id: import.id.to_string(),
            state: word(&import.state),
            channel_id: import.channel_id.to_string(),
            file_name: import.file_name.clone(),
            file_bytes: import.file_bytes,
            created_by: import.created_by.map(|id| id.to_string()),
            created_at: import.created_at.into(),
            applied_at: import.applied_at.map(At),
            undone_at: import.undone_at.map(At),
            platform: word(&facts.platform),
            date_order: word(&facts.date_order),
            date_order_guessed: facts.date_order_guessed,
            two_readings: facts.two_readings.as_ref().map(|two| TwoReadings {
                text: two.text.clone(),
                dmy: two.dmy.to_string(),
                mdy: two.mdy.to_string(),
            }),
            time_zone: choices.time_zone.clone(),
            group: facts.group,
            participants: participants.collect(),
            first: preview.first.into(),
            last: preview.last.into(),
            messages: preview.messages,
            media: preview.media,
            files: preview.files,
            new: preview.new,
            already_there: preview.already_there,
            warnings: facts.warnings.iter().map(ImportWarning::from).collect(),
            sample: preview.sample.iter().map(ImportLine::from).collect(),
            nobody_is_us: choices.us == Us::Nobody,
            contact: whom,
            new_contact,
            make_lead: choices.make_lead,
            include_group: choices.include_group,
            missing: shown.missing.iter().map(word).collect(),
            conversation_id: import.conversation_id.map(|id| id.to_string()),
            lead_id: import.lead_id.map(|id| id.to_string()),
            progress: ImportProgress {
                done: import.done,
                total: import.total,
            },
            added: import.added,
            failure: import.failure.clone(),
            may_undo: shown.may_undo,
        }
    }
}

impl From<&export::Warning> for ImportWarning {
    fn from(warning: &export::Warning) -> Self {
        use export::Warning as W;
        let (code, count) = match warning {
            W::LinesBefore { count } => ("lines_before", count),
            W::OutOfTime { count } => ("out_of_time", count),
            W::NoSuchDate { count } => ("no_such_date", count),
            W::MayBeCut { count } => ("may_be_cut", count),
        };
        Self {
            code: code.to_owned(),
            count: *count,
        }
    }
}

impl From<&export::Line> for ImportLine {
    fn from(line: &export::Line) -> Self {
        Self {
            at: line.at.into(),
            sender: line.sender.clone(),
            us: line.ours,
            kind: line.kind.clone(),
            text: line.text.clone(),
            media: line.media.map(|kind| ImportMedia {
                kind: word(&kind),
                omitted: !line.has_file,
            }),
            edited: line.edited,
        }
    }
}
