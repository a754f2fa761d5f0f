//! What Meta refuses, found before anything is sent, so that the refusal names the field and the mend.
//! (Meta, messages page, 2026-06; media page, 2025-12.) A limit that Meta does not state is not here.

use std::collections::BTreeSet;

use domain::content::{
    ContactCard, Content, Interactive, InteractiveAction, InteractiveHeader, ListSection,
    MediaContent, MediaKind, ReplyButton, TemplateButton, TemplateButtonValue, TemplateComponent,
    TemplateContent, TemplateParameter,
};

use crate::provider::{Problem, ProblemCode};

/// Characters of a text message.
pub const TEXT_MAX: usize = 4096;
/// Characters of a caption.
pub const CAPTION_MAX: usize = 1024;
/// Characters of the id that comes back with every status.
pub const OUR_ID_MAX: usize = 512;
/// Cards in one contacts message.
pub const CARDS_MAX: usize = 257;

const HEADER_MAX: usize = 60;
const FOOTER_MAX: usize = 60;
const BODY_MAX: usize = 1024;
const LIST_BODY_MAX: usize = 4096;
const BUTTONS_MAX: usize = 3;
const BUTTON_TITLE_MAX: usize = 20;
const BUTTON_ID_MAX: usize = 256;
const SECTIONS_MAX: usize = 10;
const ROWS_MAX: usize = 10;
const SECTION_TITLE_MAX: usize = 24;
const ROW_ID_MAX: usize = 200;
const ROW_TITLE_MAX: usize = 24;
const ROW_DESCRIPTION_MAX: usize = 72;
const TEMPLATE_NAME_MAX: usize = 512;
const TEMPLATE_BUTTONS_MAX: usize = 10;
const TEMPLATE_PAYLOAD_MAX: usize = 256;
const COUPON_MAX: usize = 20;
const CAROUSEL_CARDS: std::ops::RangeInclusive<usize> = 2..=10;

const KB: u64 = 1024;
const MB: u64 = 1024 * KB;

/// What Meta takes of one kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaRules {
    pub max_bytes: u64,
    /// Without parameters (`audio/ogg`, not `audio/ogg; codecs=opus`).
    pub mime_types: &'static [&'static str],
    /// Other types usually pass too.
    pub any_type: bool,
    pub caption: bool,
}

/// The rules of a kind. An animated sticker may have 500 KB; a voice message must be OGG with OPUS, mono.
#[must_use]
pub const fn media_rules(kind: MediaKind) -> MediaRules {
    let (max_bytes, mime_types, any_type, caption): (u64, &[&str], bool, bool) = match kind {
        MediaKind::Image => (5 * MB, &["image/jpeg", "image/png"], false, true),
        MediaKind::Video => (16 * MB, &["video/mp4", "video/3gpp"], false, true),
        MediaKind::Audio => (
            16 * MB,
            &[
                "audio/aac",
                "audio/amr",
                "audio/mpeg",
                "audio/mp4",
                "audio/ogg",
            ],
            false,
            false,
        ),
        MediaKind::Document => (
            100 * MB,
            &[
                "text/plain",
                "application/pdf",
                "application/msword",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                "application/vnd.ms-excel",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "application/vnd.ms-powerpoint",
                "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            ],
            true,
            true,
        ),
        MediaKind::Sticker => (100 * KB, &["image/webp"], false, false),
    };
    MediaRules {
        max_bytes,
        mime_types,
        any_type,
        caption,
    }
}

const ANIMATED_STICKER_MAX: u64 = 500 * KB;

/// Whether a file of this type and size can be sent as this kind. Asked before it is uploaded.
#[must_use]
pub fn check_file(media: &MediaContent, size_bytes: u64) -> Vec<Problem> {
    let mut problems = Problems::default();
    problems.media_type(media);
    let limit = if media.media_kind == MediaKind::Sticker && media.animated {
        ANIMATED_STICKER_MAX
    } else {
        media_rules(media.media_kind).max_bytes
    };
    if size_bytes > limit {
        problems.push("size_bytes", ProblemCode::TooLarge, limit, size_bytes);
    }
    problems.0
}

/// Every limit that this content breaks; empty when Meta has nothing against its form.
#[must_use]
pub fn check(content: &Content) -> Vec<Problem> {
    let mut problems = Problems::default();
    match content {
        Content::Text { text, .. } => problems.required("text", text, TEXT_MAX),
        Content::Media(media) => problems.media(media),
        Content::Location(place) => {
            problems.within("latitude", place.latitude, 90.0);
            problems.within("longitude", place.longitude, 180.0);
        }
        Content::Contacts { cards } => problems.cards(cards),
        Content::Interactive(interactive) => problems.interactive(interactive),
        Content::Template(template) => problems.template(template),
        Content::ButtonReply { .. }
        | Content::ListReply { .. }
        | Content::FormReply { .. }
        | Content::CallPermissionReply { .. }
        | Content::Order { .. }
        | Content::Unsupported { .. }
        | Content::Unknown { .. } => problems.plain("kind", ProblemCode::NotAllowed),
    }
    problems.0
}

#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn push(&mut self, field: &str, code: ProblemCode, limit: u64, got: u64) {
        self.0.push(Problem {
            field: field.to_owned(),
            code,
            limit: Some(limit),
            got: Some(got),
        });
    }

    fn plain(&mut self, field: &str, code: ProblemCode) {
        self.0.push(Problem {
            field: field.to_owned(),
            code,
            limit: None,
            got: None,
        });
    }

    fn at_most(&mut self, field: &str, text: &str, limit: usize) {
        let got = text.chars().count();
        if got > limit {
            self.push(field, ProblemCode::TooLong, limit as u64, got as u64);
        }
    }

    fn required(&mut self, field: &str, text: &str, limit: usize) {
        if text.trim().is_empty() {
            self.plain(field, ProblemCode::Missing);
        }
        self.at_most(field, text, limit);
    }

    fn count(&mut self, field: &str, got: usize, least: usize, most: usize) {
        if got < least {
            self.push(field, ProblemCode::TooFew, least as u64, got as u64);
        } else if got > most {
            self.push(field, ProblemCode::TooMany, most as u64, got as u64);
        }
    }

    /// Degrees from minus to plus the limit; NaN is outside.
    fn within(&mut self, field: &str, degrees: f64, limit: f64) {
        if !(-limit..=limit).contains(&degrees) {
            self.plain(field, ProblemCode::BadValue);
        }
    }

    fn media(&mut self, media: &MediaContent) {
        self.media_type(media);
        if let Some(caption) = &media.caption {
            if media_rules(media.media_kind).caption {
                self.at_most("caption", caption, CAPTION_MAX);
            } else {
                self.plain("caption", ProblemCode::NotAllowed);
            }
        }
        if media.source.is_none() && media.media_id.is_none() {
            self.plain("media_id", ProblemCode::Missing);
        }
    }

    fn media_type(&mut self, media: &MediaContent) {
        let Some(mime_type) = &media.mime_type else {
            return;
        };
        let rules = media_rules(media.media_kind);
        let bare = mime_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let is_taken = rules.any_type || rules.mime_types.contains(&bare.as_str());
        if !is_taken || (media.voice && bare != "audio/ogg") {
            self.plain("mime_type", ProblemCode::BadType);
        }
    }

    fn cards(&mut self, cards: &[ContactCard]) {
        self.count("cards", cards.len(), 1, CARDS_MAX);
        for (index, card) in cards.iter().enumerate() {
            let has_name = [&card.formatted_name, &card.first_name, &card.last_name]
                .into_iter()
                .flatten()
                .any(|name| !name.trim().is_empty());
            if !has_name {
                self.plain(
                    &format!("cards[{index}].formatted_name"),
                    ProblemCode::Missing,
                );
            }
        }
    }

    fn interactive(&mut self, interactive: &Interactive) {
        let is_list = matches!(interactive.action, InteractiveAction::List { .. });
        let body_max = if is_list { LIST_BODY_MAX } else { BODY_MAX };
        self.required("body", &interactive.body, body_max);
        if let Some(footer) = &interactive.footer {
            self.at_most("footer", footer, FOOTER_MAX);
        }
        self.header(interactive.header.as_ref(), &interactive.action);
        match &interactive.action {
            InteractiveAction::Buttons { buttons } => self.buttons(buttons),
            InteractiveAction::List { button, sections } => {
                self.required("action.button", button, BUTTON_TITLE_MAX);
                self.sections(sections);
            }
            InteractiveAction::UrlButton { display_text, url } => {
                self.required("action.display_text", display_text, BUTTON_TITLE_MAX);
                if !(url.starts_with("https://") || url.starts_with("http://")) {
                    self.plain("action.url", ProblemCode::BadValue);
                }
            }
            InteractiveAction::VoiceCall { display_text, .. } => {
                self.required("action.display_text", display_text, BUTTON_TITLE_MAX);
            }
            InteractiveAction::Form(form) => {
                self.required("action.button", &form.button, BUTTON_TITLE_MAX);
                if form.form_id.is_empty() {
                    self.plain("action.form_id", ProblemCode::Missing);
                }
            }
            InteractiveAction::LocationRequest
            | InteractiveAction::ContactRequest
            | InteractiveAction::CallPermissionRequest => {}
        }
    }

    /// A list's header is text only; an image, video or document may stand over buttons and links.
    fn header(&mut self, header: Option<&InteractiveHeader>, action: &InteractiveAction) {
        match header {
            None => {}
            Some(InteractiveHeader::Text { text }) => {
                self.required("header.text", text, HEADER_MAX);
            }
            Some(InteractiveHeader::Media(media)) => {
                let kind_fits = matches!(
                    media.media_kind,
                    MediaKind::Image | MediaKind::Video | MediaKind::Document
                );
                if !kind_fits || matches!(action, InteractiveAction::List { .. }) {
                    self.plain("header", ProblemCode::NotAllowed);
                } else {
                    self.media_type(media);
                }
            }
        }
    }

    fn buttons(&mut self, buttons: &[ReplyButton]) {
        self.count("action.buttons", buttons.len(), 1, BUTTONS_MAX);
        let mut ids = BTreeSet::new();
        for (index, button) in buttons.iter().enumerate() {
            let id = format!("action.buttons[{index}].id");
            self.required(&id, &button.id, BUTTON_ID_MAX);
            if !ids.insert(&button.id) {
                self.plain(&id, ProblemCode::NotUnique);
            }
            let title = format!("action.buttons[{index}].title");
            self.required(&title, &button.title, BUTTON_TITLE_MAX);
        }
    }

    fn sections(&mut self, sections: &[ListSection]) {
        self.count("action.sections", sections.len(), 1, SECTIONS_MAX);
        let rows = sections.iter().map(|section| section.rows.len()).sum();
        self.count("action.sections[].rows", rows, 1, ROWS_MAX);
        let mut ids = BTreeSet::new();
        for (index, section) in sections.iter().enumerate() {
            let at = format!("action.sections[{index}]");
            match &section.title {
                Some(title) => self.at_most(&format!("{at}.title"), title, SECTION_TITLE_MAX),
                None if sections.len() > 1 => {
                    self.plain(&format!("{at}.title"), ProblemCode::Missing);
                }
                None => {}
            }
            for (index, row) in section.rows.iter().enumerate() {
                let at = format!("{at}.rows[{index}]");
                self.required(&format!("{at}.id"), &row.id, ROW_ID_MAX);
                if !ids.insert(&row.id) {
                    self.plain(&format!("{at}.id"), ProblemCode::NotUnique);
                }
                self.required(&format!("{at}.title"), &row.title, ROW_TITLE_MAX);
                if let Some(description) = &row.description {
                    let field = format!("{at}.description");
                    self.at_most(&field, description, ROW_DESCRIPTION_MAX);
                }
            }
        }
    }

    fn template(&mut self, template: &TemplateContent) {
        self.required("name", &template.name, TEMPLATE_NAME_MAX);
        self.required("language", &template.language, TEMPLATE_NAME_MAX);
        self.components("components", &template.components);
        if let Some(rendered) = &template.rendered {
            self.at_most("rendered.body", &rendered.body, BODY_MAX);
        }
    }

    fn components(&mut self, at: &str, components: &[TemplateComponent]) {
        let buttons = components
            .iter()
            .filter(|component| matches!(component, TemplateComponent::Button(_)))
            .count();
        self.count(at, buttons, 0, TEMPLATE_BUTTONS_MAX);
        for (index, component) in components.iter().enumerate() {
            let at = format!("{at}[{index}]");
            match component {
                TemplateComponent::Header { parameters } => self.header_parameters(&at, parameters),
                TemplateComponent::Body { parameters } => self.body_parameters(&at, parameters),
                TemplateComponent::Button(button) => self.template_button(&at, button),
                TemplateComponent::LimitedTimeOffer { .. } => {}
                TemplateComponent::Carousel { cards } => {
                    let (least, most) = (*CAROUSEL_CARDS.start(), *CAROUSEL_CARDS.end());
                    self.count(&format!("{at}.cards"), cards.len(), least, most);
                    for (index, card) in cards.iter().enumerate() {
                        self.components(
                            &format!("{at}.cards[{index}].components"),
                            &card.components,
                        );
                    }
                }
            }
        }
    }

    fn header_parameters(&mut self, at: &str, parameters: &[TemplateParameter]) {
        self.count(&format!("{at}.parameters"), parameters.len(), 0, 1);
        for (index, parameter) in parameters.iter().enumerate() {
            if let TemplateParameter::Text { text, .. } = parameter {
                self.required(&format!("{at}.parameters[{index}].text"), text, HEADER_MAX);
            }
        }
    }

    /// A line break, a tab or more than four spaces in a row are refused (132012).
    fn body_parameters(&mut self, at: &str, parameters: &[TemplateParameter]) {
        for (index, parameter) in parameters.iter().enumerate() {
            if let TemplateParameter::Text { text, .. } = parameter {
                let field = format!("{at}.parameters[{index}].text");
                self.required(&field, text, BODY_MAX);
                if text.contains(['\n', '\r', '\t']) || text.contains("     ") {
                    self.plain(&field, ProblemCode::BadValue);
                }
            }
        }
    }

    fn template_button(&mut self, at: &str, button: &TemplateButton) {
        match &button.value {
            TemplateButtonValue::QuickReply { payload } => {
                self.required(&format!("{at}.payload"), payload, TEMPLATE_PAYLOAD_MAX);
            }
            TemplateButtonValue::Url { suffix } => {
                self.required(&format!("{at}.suffix"), suffix, 2000);
            }
            TemplateButtonValue::CopyCode { code } => {
                self.required(&format!("{at}.code"), code, COUPON_MAX);
            }
            TemplateButtonValue::Form { .. }
            | TemplateButtonValue::Action { .. }
            | TemplateButtonValue::VoiceCall { .. } => {}
        }
    }
}
