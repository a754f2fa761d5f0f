//! From raw entries to items that can be applied: each item is one report and the place that it came from.

use domain::channel::Provider;
use domain::id::AccountId;
use domain::inbound::Place;
use domain::report::{Address, BadItem, Hint, Report};
use sha2::{Digest, Sha256};
use store::journal::{Entry, Quarantined};
use whatsapp::meta::webhook::parse_change;

use crate::App;
use crate::chance::hex;
use crate::directory::{Directory, Line};
use crate::receive_webhook::REDUCED;

/// One report of an entry.
#[derive(Debug, Clone)]
pub struct Item {
    pub journal_seq: i64,
    pub position: i64,
    pub report: Report,
    pub place: Place,
    pub account_id: Option<AccountId>,
    /// Whose codes its failures speak.
    pub provider: Provider,
}

/// What became of some entries.
#[derive(Debug, Default)]
pub struct Understood {
    /// In the order of the journal.
    pub items: Vec<Item>,
    pub quarantined: Vec<Quarantined>,
    /// All entries that are dealt with when the items are applied and the rest is put aside.
    pub entries: Vec<i64>,
}

/// Reads entries. A number that nobody knows is looked for again before its entry is put aside: another process may
/// have connected it a moment ago.
pub(super) async fn entries(app: &App, entries: &[Entry]) -> crate::Result<Understood> {
    let mut understood = Understood::default();
    let mut reloaded = false;
    for entry in entries {
        understood.entries.push(entry.seq);
        let mut directory = app.directory.get();
        let mut read = read(app, &directory, entry);
        if matches!(read, Read::NumberUnknown) && !reloaded {
            app.reload_directory().await?;
            directory = app.directory.get();
            reloaded = true;
            read = self::read(app, &directory, entry);
        }
        let (line, reports) = match read {
            Read::Reports(line, reports) => (line, reports),
            Read::NotUnderstood(reason) => {
                understood.quarantined.push(whole(entry, reason));
                continue;
            }
            Read::NumberUnknown => {
                understood.quarantined.push(whole(entry, "number_unknown"));
                continue;
            }
        };
        let digest = hex(&digest(entry));
        for (position, report) in reports.into_iter().enumerate() {
            let position = i64::try_from(position).unwrap_or(i64::MAX);
            if position < entry.applied_items {
                continue;
            }
            match report {
                Ok(report) => understood
                    .items
                    .push(item(entry, position, report, line, &digest)),
                Err(bad) => understood.quarantined.push(Quarantined {
                    journal_seq: entry.seq,
                    position,
                    reason: bad.reason,
                }),
            }
        }
    }
    Ok(understood)
}

/// What an entry says, and of which number.
enum Read<'d> {
    Reports(&'d Line, Vec<Result<Report, BadItem>>),
    NotUnderstood(&'static str),
    NumberUnknown,
}

fn read<'d>(app: &App, directory: &'d Directory, entry: &Entry) -> Read<'d> {
    if entry.source == Provider::Meta.as_str() {
        return match parse_change(&entry.entry_id, entry.entry_time, &entry.raw) {
            Ok(change) => match line(directory, entry, &change.address) {
                Some(line) => Read::Reports(line, change.reports),
                None => Read::NumberUnknown,
            },
            Err(error) => Read::NotUnderstood(error.code()),
        };
    }
    // Other providers report to an address of each connection, whose id the entry bears.
    let line = entry
        .entry_id
        .parse()
        .ok()
        .and_then(|id| directory.line_of_connection(id));
    let Some(line) = line else {
        return Read::NumberUnknown;
    };
    if entry.source == REDUCED {
        return match serde_json::from_slice::<Vec<Report>>(&entry.raw) {
            Ok(reports) => Read::Reports(line, reports.into_iter().map(Ok).collect()),
            Err(_) => Read::NotUnderstood("not_json"),
        };
    }
    let Some(number) = directory.number(&line.channel) else {
        return Read::NumberUnknown;
    };
    match app.speaker.parse(&number, &entry.raw) {
        Ok(change) => Read::Reports(line, change.reports),
        Err(error) => Read::NotUnderstood(error.code()),
    }
}

/// Of the app's own numbers and accounts only: one app's secret vouches for no other's.
fn line<'d>(directory: &'d Directory, entry: &Entry, address: &Address) -> Option<&'d Line> {
    let app_id = entry.app_id?;
    match (&address.phone_number_id, &address.display_phone) {
        (Some(id), _) => directory.line_of_number(app_id, id),
        (None, Some(phone)) => directory.line_of_phone(app_id, phone),
        (None, None) => directory.line_of_account(
            app_id,
            address.waba_id.as_deref(),
            address.portfolio_id.as_deref(),
        ),
    }
}

fn item(entry: &Entry, position: i64, report: Report, line: &Line, digest: &str) -> Item {
    let connection = line.channel.connection.as_ref();
    let account_id = connection.map(|known| known.account_id);
    let account_scope = account_id.map(|id| id.bare()).unwrap_or_default();
    Item {
        journal_seq: entry.seq,
        position,
        place: Place {
            channel_id: line.channel.id,
            connection_id: connection
                .map_or_else(|| domain::id::Id::from_bits(0), |known| known.id),
            pipeline_id: line.channel.pipeline_id,
            first_status_id: line.first_status_id,
            portfolio_scope: connection
                .and_then(|known| known.portfolio_id.clone())
                .unwrap_or_else(|| account_scope.clone()),
            account_scope,
            received_at: entry.received_at,
            digest: match &report {
                // A gateway says "connected" in the same words each time, without a time: each is news.
                Report::Hint(Hint { at: None, .. }) => {
                    format!("{digest}:{position}:{}", entry.seq)
                }
                _ => format!("{digest}:{position}"),
            },
        },
        account_id,
        provider: line.channel.provider,
        report,
    }
}

fn digest(entry: &Entry) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(entry.entry_id.as_bytes());
    digest.update(entry.entry_time.unwrap_or_default().to_be_bytes());
    digest.update(&entry.raw);
    digest.finalize().into()
}

fn whole(entry: &Entry, reason: &str) -> Quarantined {
    Quarantined {
        journal_seq: entry.seq,
        position: -1,
        reason: reason.to_owned(),
    }
}
