//! The table of capabilities in words: for the API, the screens and the guides. Every cell's code comes from
//! `domain::capability`; here is only how it is said.

mod texts;

use domain::capability::{Abilities, Family, Purpose, Way, pairs};
use domain::channel::{Level, Link, Provider};
use serde::Serialize;
use utoipa::ToSchema;
use whatsapp::speaker::Speaker;

use crate::shapes::word;

pub use texts::Text;

/// What every kind of number may do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Capabilities {
    pub rows: Vec<Row>,
    pub pairs: Vec<Pair>,
    pub providers: Vec<ProviderRow>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Row {
    pub row: &'static str,
    pub title: Text,
    pub help: Text,
}

/// One level with one link.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pair {
    pub level: String,
    pub link: String,
    pub title: Text,
    pub cells: Vec<Cell>,
    pub purposes: Purposes,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Cell {
    pub row: &'static str,
    pub code: String,
    /// `yes`, `limited` or `no`.
    pub tone: &'static str,
    pub text: Text,
}

/// How each purpose goes out: `sends`, `sends_by_window`, `opens_app`, `becomes_task` or `refused`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Purposes {
    pub by_hand: String,
    pub instant_reply: String,
    pub triggered: String,
    pub mailing: String,
    pub multi_step: String,
    pub bot: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ProviderRow {
    pub provider: String,
    pub name: &'static str,
    /// `none`, `official` or `unofficial`.
    pub family: String,
    /// Whether somebody has used it against the live service.
    pub verified: bool,
    /// Whether this version has a module for it.
    pub available: bool,
    pub pairs: Vec<PairName>,
    pub needs: Vec<Need>,
    pub note: Text,
    pub can: Can,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PairName {
    pub level: String,
    pub link: String,
}

/// Something that has to be given to connect.
#[derive(Debug, Serialize, ToSchema)]
pub struct Need {
    pub field: &'static str,
    pub label: Text,
    pub hint: Text,
    pub secret: bool,
    pub example: Option<&'static str>,
    pub default: Option<&'static str>,
    pub required: bool,
}

#[derive(Debug, Default, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "a row of yes and no")]
pub struct Can {
    pub templates: bool,
    pub buttons: bool,
    pub lists: bool,
    pub reactions: bool,
    pub mark_read: bool,
    pub typing: bool,
    pub reports_replies: bool,
    pub reports_own_messages: bool,
    pub echoes_our_id: bool,
}

/// The rows of the table, in their order.
const ROWS: [&str; 11] = [
    "connect",
    "write",
    "triggered",
    "mailing",
    "replies",
    "instant_reply",
    "bot",
    "many_agents",
    "phone_messages",
    "pace",
    "risk",
];

impl Capabilities {
    /// The whole table. `speaker` knows what each provider's module can do.
    #[must_use]
    pub fn new(speaker: &Speaker) -> Self {
        Self {
            rows: ROWS
                .iter()
                .map(|row| Row {
                    row,
                    title: texts::row_title(row),
                    help: texts::row_help(row),
                })
                .collect(),
            pairs: pairs()
                .map(|(level, link, can)| pair(level, link, &can))
                .collect(),
            providers: Provider::ALL
                .iter()
                .map(|provider| provider_row(*provider, speaker))
                .collect(),
        }
    }
}

fn pair(level: Level, link: Link, can: &Abilities) -> Pair {
    let way = |purpose| word(&can.way(purpose));
    Pair {
        level: word(&level),
        link: word(&link),
        title: texts::pair_title(level, link),
        cells: ROWS.iter().map(|row| cell(row, can)).collect(),
        purposes: Purposes {
            by_hand: way(Purpose::ByHand),
            instant_reply: way(Purpose::InstantReply),
            triggered: way(Purpose::Triggered),
            mailing: way(Purpose::Mailing),
            multi_step: way(Purpose::MultiStep),
            bot: way(Purpose::Bot),
        },
    }
}

fn cell(row: &'static str, can: &Abilities) -> Cell {
    let yes_or_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let code = match row {
        "connect" => word(&can.connect),
        "write" => word(&can.write),
        "triggered" => word(&can.triggered),
        "mailing" => word(&can.mailing),
        "replies" => word(&can.replies),
        "instant_reply" => word(&can.instant_reply),
        "bot" => yes_or_no(can.bot && can.multi_step),
        "many_agents" => yes_or_no(can.many_agents),
        "phone_messages" => yes_or_no(can.phone_messages),
        "pace" => word(&can.pace),
        _ => word(&can.risk),
    };
    Cell {
        row,
        tone: texts::tone(row, &code),
        text: texts::cell(row, &code),
        code,
    }
}

fn provider_row(provider: Provider, speaker: &Speaker) -> ProviderRow {
    let can = speaker.capabilities(provider);
    let carried = pairs()
        .filter(|(level, link, _)| provider.carries(*level, *link))
        .map(|(level, link, _)| PairName {
            level: word(&level),
            link: word(&link),
        });
    ProviderRow {
        provider: provider.as_str().to_owned(),
        name: texts::provider_name(provider),
        family: word(&provider.family()),
        verified: provider == Provider::None,
        available: can.is_some() || provider == Provider::None,
        pairs: carried.collect(),
        needs: texts::needs(provider),
        note: texts::note(provider),
        can: can.map_or_else(Can::default, |can| Can {
            templates: can.templates,
            buttons: can.buttons,
            lists: can.lists,
            reactions: can.reactions,
            mark_read: can.mark_read,
            typing: can.typing,
            reports_replies: can.reports_replies,
            reports_own_messages: can.reports_own_messages,
            echoes_our_id: can.echoes_our_id,
        }),
    }
}

/// The guide's page, in one language: the same table as on the screen.
#[must_use]
pub fn guide(table: &Capabilities, hebrew: bool) -> String {
    let say = |text: &Text| if hebrew { text.he } else { text.en };
    let mut page = String::new();
    page.push_str(texts::guide_head(hebrew));
    let mut line = |cells: Vec<String>| {
        page.push_str("| ");
        page.push_str(&cells.join(" | "));
        page.push_str(" |\n");
    };
    let titles = table.pairs.iter().map(|pair| say(&pair.title).to_owned());
    line(std::iter::once(String::new()).chain(titles).collect());
    line(vec!["---".to_owned(); table.pairs.len() + 1]);
    for (place, row) in table.rows.iter().enumerate() {
        let cells = table
            .pairs
            .iter()
            .map(|pair| say(&pair.cells[place].text).to_owned());
        let title = format!("**{}**", say(&row.title));
        line(std::iter::once(title).chain(cells).collect());
    }
    page.push_str(texts::guide_providers(hebrew));
    for provider in table
        .providers
        .iter()
        .filter(|one| one.family != word(&Family::None))
    {
        page.push_str(&format!("- **{}**: {}", provider.name, say(&provider.note)));
        if !provider.available {
            page.push(' ');
            page.push_str(texts::not_yet(hebrew));
        }
        page.push('\n');
    }
    page.push_str(texts::guide_end(hebrew));
    page
}

/// How a way reads as a word of the API; for tests that walk the table.
#[must_use]
pub fn way_name(way: Way) -> String {
    word(&way)
}
