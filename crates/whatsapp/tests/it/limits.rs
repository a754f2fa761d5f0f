//! What Meta would refuse, refused before it is sent.

use domain::content::{
    CarouselCard, ContactCard, Content, InteractiveAction, ListSection, Location, MediaContent,
    MediaKind, ReplyButton, TemplateComponent,
};
use whatsapp::meta::limits::{check, check_file};
use whatsapp::provider::ProblemCode;

use crate::requests::{body, by_id, interactive, reply, row, template, text};

#[track_caller]
fn breaks(content: &Content, expected: &[(&str, ProblemCode)]) {
    let found = check(content);
    let found: Vec<_> = found
        .iter()
        .map(|problem| (problem.field.as_str(), problem.code))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_limit_is_counted_in_characters_and_names_its_field() {
    breaks(&text(&"ש".repeat(4096)), &[]);
    breaks(&text(&"ש".repeat(4097)), &[("text", ProblemCode::TooLong)]);
    let problem = &check(&text(&"ש".repeat(4097)))[0];
    assert_eq!((problem.limit, problem.got), (Some(4096), Some(4097)));
    breaks(&text(" \n"), &[("text", ProblemCode::Missing)]);
    let image = |caption: usize| {
        Content::Media(MediaContent {
            caption: Some("a".repeat(caption)),
            ..by_id(MediaKind::Image, "1")
        })
    };
    breaks(&image(1024), &[]);
    breaks(&image(1025), &[("caption", ProblemCode::TooLong)]);
    let nowhere = Location {
        latitude: 91.0,
        longitude: f64::NAN,
        name: None,
        address: None,
        url: None,
    };
    breaks(
        &Content::Location(nowhere),
        &[
            ("latitude", ProblemCode::BadValue),
            ("longitude", ProblemCode::BadValue),
        ],
    );
    let no_name = Content::Contacts {
        cards: vec![ContactCard::default()],
    };
    breaks(
        &no_name,
        &[("cards[0].formatted_name", ProblemCode::Missing)],
    );
}

#[test]
fn buttons_and_lists_have_their_limits() {
    let buttons = |buttons: Vec<ReplyButton>| {
        Content::Interactive(interactive("b", InteractiveAction::Buttons { buttons }))
    };
    breaks(&buttons(vec![]), &[("action.buttons", ProblemCode::TooFew)]);
    let four = (0..4).map(|n| reply(&n.to_string(), "x")).collect();
    breaks(&buttons(four), &[("action.buttons", ProblemCode::TooMany)]);
    breaks(
        &buttons(vec![reply("1", &"x".repeat(21)), reply("1", "y")]),
        &[
            ("action.buttons[0].title", ProblemCode::TooLong),
            ("action.buttons[1].id", ProblemCode::NotUnique),
        ],
    );
    let list = |sections: Vec<ListSection>| {
        let button = "x".to_owned();
        Content::Interactive(interactive(
            "b",
            InteractiveAction::List { button, sections },
        ))
    };
    let rows = |from: usize, to: usize| ListSection {
        title: None,
        rows: (from..to).map(|n| row(&n.to_string(), "x", None)).collect(),
    };
    breaks(&list(vec![rows(0, 10)]), &[]);
    breaks(
        &list(vec![rows(0, 6), rows(6, 11)]),
        &[
            ("action.sections[].rows", ProblemCode::TooMany),
            ("action.sections[0].title", ProblemCode::Missing),
            ("action.sections[1].title", ProblemCode::Missing),
        ],
    );
    let long = ListSection {
        title: Some("t".repeat(25)),
        rows: vec![row("1", &"t".repeat(25), Some(&"d".repeat(73)))],
    };
    breaks(
        &list(vec![long]),
        &[
            ("action.sections[0].title", ProblemCode::TooLong),
            ("action.sections[0].rows[0].title", ProblemCode::TooLong),
            (
                "action.sections[0].rows[0].description",
                ProblemCode::TooLong,
            ),
        ],
    );
}

#[test]
fn a_template_is_checked_for_what_meta_refuses_blindly() {
    breaks(
        &template(
            "t",
            vec![body(&["line\nbreak", "a     b", "fine    four", ""])],
        ),
        &[
            ("components[0].parameters[0].text", ProblemCode::BadValue),
            ("components[0].parameters[1].text", ProblemCode::BadValue),
            ("components[0].parameters[3].text", ProblemCode::Missing),
        ],
    );
    let one_card = CarouselCard {
        card_index: 0,
        components: vec![],
    };
    let carousel = TemplateComponent::Carousel {
        cards: vec![one_card],
    };
    breaks(
        &template("t", vec![carousel]),
        &[("components[0].cards", ProblemCode::TooFew)],
    );
}

#[test]
fn a_file_is_checked_before_it_is_uploaded() {
    const MB: u64 = 1 << 20;
    for (kind, mime_type, animated, size, expected) in [
        (MediaKind::Image, "image/jpeg", false, 5 * MB, None),
        (
            MediaKind::Image,
            "image/jpeg",
            false,
            5 * MB + 1,
            Some(ProblemCode::TooLarge),
        ),
        (
            MediaKind::Image,
            "image/webp",
            false,
            1,
            Some(ProblemCode::BadType),
        ),
        (MediaKind::Video, "video/mp4", false, 16 * MB, None),
        (
            MediaKind::Audio,
            "audio/ogg; codecs=opus",
            false,
            16 * MB,
            None,
        ),
        (
            MediaKind::Audio,
            "audio/wav",
            false,
            1,
            Some(ProblemCode::BadType),
        ),
        (
            MediaKind::Document,
            "application/zip",
            false,
            100 * MB,
            None,
        ),
        (
            MediaKind::Document,
            "application/pdf",
            false,
            100 * MB + 1,
            Some(ProblemCode::TooLarge),
        ),
        (MediaKind::Sticker, "image/webp", false, 100 << 10, None),
        (
            MediaKind::Sticker,
            "image/webp",
            false,
            101 << 10,
            Some(ProblemCode::TooLarge),
        ),
        (MediaKind::Sticker, "image/webp", true, 500 << 10, None),
    ] {
        let media = MediaContent {
            mime_type: Some(mime_type.to_owned()),
            animated,
            ..MediaContent::new(kind)
        };
        let found = check_file(&media, size).first().map(|problem| problem.code);
        assert_eq!(found, expected, "{kind:?} {mime_type} {size}");
    }
    let voice = MediaContent {
        mime_type: Some("audio/mpeg".to_owned()),
        voice: true,
        ..MediaContent::new(MediaKind::Audio)
    };
    assert_eq!(check_file(&voice, 1)[0].code, ProblemCode::BadType);
}
