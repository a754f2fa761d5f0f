//! What a history may have sent, by the product's page and the sandbox's clock.

use jiff::{SignedDuration, Timestamp};

use super::{Asked, History, Out, may};

/// What was on its way when something changed may still arrive.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_secs(1);

impl History {
    /// Holds everything that was accepted against the rules; answers what went out, by link and purpose.
    pub(super) async fn judge(&self) -> Out {
        let accepted = self.accepted().await;
        let mut seen = vec![false; self.asked.len() * 2];
        let mut last: Option<Timestamp> = None;
        let mut out = Vec::new();
        for item in &accepted {
            let at: Timestamp = item["accepted_at"].as_str().unwrap().parse().unwrap();
            let wrong =
                |why: &str| panic!("history {}: {why}: {item:#}\n{:#?}", self.seed, self.log);
            let words = item["text"].as_str().unwrap();
            let number = words
                .split_once('#')
                .and_then(|(_, rest)| rest.split_once('.')?.0.parse::<usize>().ok());
            let Some(number) = number else {
                wrong("nobody asked for it");
                continue;
            };
            let asked = &self.asked[number];
            let person = self
                .people
                .iter()
                .position(|phone| item["to"] == *phone)
                .unwrap();
            let place = number * 2 + person;
            if std::mem::replace(&mut seen[place], true) {
                wrong("it went twice");
            }
            if asked.person.is_some_and(|to| to != person) {
                wrong("it went to somebody else");
            }
            if !self
                .links_at(at)
                .iter()
                .any(|link| may(self.level, link).contains(&asked.purpose))
            {
                wrong("the table forbids it");
            }
            out.push((self.links_at(at)[0], asked.purpose));
            self.judge_content(asked, person, at, &wrong);
            let mailed =
                asked.purpose == "mailing" || (asked.purpose == "triggered" && self.is_gateway());
            if mailed && self.out[person].is_some_and(|out| at > out + ON_ITS_WAY) {
                wrong("they had asked to be left alone");
            }
            let stopped = asked.campaign.and_then(|nth| self.campaigns[nth].1);
            if stopped.is_some_and(|stopped| at > stopped + ON_ITS_WAY) {
                wrong("its mailing was stopped");
            }
            if self.is_gateway() {
                let gap = last.map_or(i64::MAX, |last| at.duration_since(last).as_secs());
                if gap < 19 {
                    wrong("it went too soon");
                }
                last = Some(self.left_at(at));
            }
        }
        out
    }

    fn judge_content(&self, asked: &Asked, person: usize, at: Timestamp, wrong: &dyn Fn(&str)) {
        if self.is_gateway() {
            if asked.kind != "text" {
                wrong("a gateway has texts and files alone");
            }
            return;
        }
        let day = SignedDuration::from_hours(24);
        let left_at = self.left_at(at);
        let is_open = self
            .wrote
            .iter()
            .any(|(who, before, after)| *who == person && *before <= at && left_at <= *after + day);
        if asked.kind != "template" && !is_open {
            wrong("the window was closed");
        }
    }

    /// The sandbox is wound a moment before us: what was on its way then arrives after the leap.
    fn left_at(&self, at: Timestamp) -> Timestamp {
        let leapt = self
            .winds
            .iter()
            .find(|(before, after)| *before <= at && at <= *after + ON_ITS_WAY);
        leapt.map_or(at, |(before, _)| *before)
    }

    /// The links that held around this instant.
    fn links_at(&self, at: Timestamp) -> Vec<&'static str> {
        let mut found = Vec::new();
        for (nth, (since, link)) in self.links.iter().enumerate() {
            let until = self
                .links
                .get(nth + 1)
                .map(|(until, _)| *until + ON_ITS_WAY);
            if *since <= at + ON_ITS_WAY && until.is_none_or(|until| at <= until) {
                found.push(*link);
            }
        }
        found
    }
}
