//! What we say is, as JSON, what Meta's samples say. The contents are typed by hand from the samples.

use domain::content::{
    CardEntry, CardPhone, CarouselCard, ContactCard, Content, FormAction, Interactive,
    InteractiveAction, InteractiveHeader, ListRow, ListSection, Location, MediaContent, MediaKind,
    MediaSource, ReplyButton, TemplateButton, TemplateButtonValue, TemplateComponent,
    TemplateContent, TemplateParameter,
};
use serde_json::json;
use whatsapp::meta::limits::check;
use whatsapp::meta::send::{mark_read_json, reaction_json, request_json};
use whatsapp::provider::{CannotSay, Recipient};

const INBOUND: &str = "wamid.HBgMOTcyNTAwMDAwMDEwFQIAEhgUODdEQUM1MTUwNkQwNjY1MkJFMDIA";

fn phone() -> Recipient {
    Recipient::Phone("972500000010".to_owned())
}

pub fn text(text: &str) -> Content {
    Content::Text {
        text: text.to_owned(),
        preview_url: false,
    }
}

pub fn by_id(kind: MediaKind, id: &str) -> MediaContent {
    MediaContent {
        source: Some(MediaSource::Id(id.to_owned())),
        ..MediaContent::new(kind)
    }
}

pub fn interactive(body: &str, action: InteractiveAction) -> Interactive {
    Interactive {
        header: None,
        body: body.to_owned(),
        footer: None,
        action,
    }
}

pub fn template(name: &str, components: Vec<TemplateComponent>) -> Content {
    Content::Template(TemplateContent {
        template_id: None,
        name: name.to_owned(),
        language: "he".to_owned(),
        components,
        rendered: None,
    })
}

fn said(text: &str) -> TemplateParameter {
    TemplateParameter::Text {
        name: None,
        text: text.to_owned(),
    }
}

fn named(name: &str, text: &str) -> TemplateParameter {
    TemplateParameter::Text {
        name: Some(name.to_owned()),
        text: text.to_owned(),
    }
}

pub fn body(texts: &[&str]) -> TemplateComponent {
    TemplateComponent::Body {
        parameters: texts.iter().map(|text| said(text)).collect(),
    }
}

fn header(parameter: TemplateParameter) -> TemplateComponent {
    TemplateComponent::Header {
        parameters: vec![parameter],
    }
}

fn image_header(id: &str) -> TemplateComponent {
    header(TemplateParameter::Media(by_id(MediaKind::Image, id)))
}

fn button(index: u8, value: TemplateButtonValue) -> TemplateComponent {
    TemplateComponent::Button(TemplateButton { index, value })
}

fn url(index: u8, suffix: &str) -> TemplateComponent {
    let suffix = suffix.to_owned();
    button(index, TemplateButtonValue::Url { suffix })
}

fn quick_reply(index: u8, payload: &str) -> TemplateComponent {
    let payload = payload.to_owned();
    button(index, TemplateButtonValue::QuickReply { payload })
}

fn coupon() -> TemplateComponent {
    let code = "SUMMER25".to_owned();
    button(0, TemplateButtonValue::CopyCode { code })
}

/// The content that a sample says; where a sample needs more than a content, see the tests below.
fn content_of(sample: &str) -> Option<Content> {
    Some(match sample {
        "send-text-by-bsuid" => text("Hello"),
        "send-text-reply" => text("כמובן"),
        "send-text-group" => text("עדכון לקבוצה"),
        "send-text" => Content::Text {
            text: "שלום! המשלוח בדרך: https://shop.example.co.il/track/7731".to_owned(),
            preview_url: true,
        },
        "send-image-by-id" => Content::Media(MediaContent {
            caption: Some("המוצר החדש".to_owned()),
            ..by_id(MediaKind::Image, "1037543291543636")
        }),
        "send-video-by-link" => Content::Media(MediaContent {
            source: Some(MediaSource::Link(
                "https://cdn.example.co.il/v.mp4".to_owned(),
            )),
            caption: Some("הדגמה".to_owned()),
            ..MediaContent::new(MediaKind::Video)
        }),
        "send-document" => Content::Media(MediaContent {
            filename: Some("invoice-7731.pdf".to_owned()),
            caption: Some("חשבונית".to_owned()),
            ..by_id(MediaKind::Document, "1037543291543637")
        }),
        "send-audio-voice" => Content::Media(MediaContent {
            voice: true,
            ..by_id(MediaKind::Audio, "1037543291543638")
        }),
        "send-sticker" => Content::Media(by_id(MediaKind::Sticker, "1037543291543639")),
        "send-location" => Content::Location(Location {
            latitude: 32.0853,
            longitude: 34.7818,
            name: Some("החנות שלנו".to_owned()),
            address: Some("דרך מנחם בגין 132, תל אביב".to_owned()),
            url: None,
        }),
        "send-contacts" => Content::Contacts {
            cards: vec![support_card()],
        },
        sample if sample.starts_with("send-interactive") => {
            Content::Interactive(interactive_of(sample)?)
        }
        sample => template_of(sample)?,
    })
}

fn support_card() -> ContactCard {
    let work = || Some("WORK".to_owned());
    ContactCard {
        formatted_name: Some("שירות לקוחות".to_owned()),
        first_name: Some("שירות".to_owned()),
        phones: vec![CardPhone {
            phone: "+972500000001".to_owned(),
            wa_id: Some("972500000001".to_owned()),
            label: work(),
        }],
        emails: vec![CardEntry {
            value: "help@example.co.il".to_owned(),
            label: work(),
        }],
        urls: vec![CardEntry {
            value: "https://shop.example.co.il".to_owned(),
            label: work(),
        }],
        company: Some("חנות לדוגמה".to_owned()),
        ..ContactCard::default()
    }
}

pub fn row(id: &str, title: &str, description: Option<&str>) -> ListRow {
    ListRow {
        id: id.to_owned(),
        title: title.to_owned(),
        description: description.map(str::to_owned),
    }
}

pub fn reply(id: &str, title: &str) -> ReplyButton {
    ReplyButton {
        id: id.to_owned(),
        title: title.to_owned(),
    }
}

fn interactive_of(sample: &str) -> Option<Interactive> {
    let text_header = |text: &str| {
        Some(InteractiveHeader::Text {
            text: text.to_owned(),
        })
    };
    Some(match sample {
        "send-interactive-buttons" => Interactive {
            header: text_header("אישור תור"),
            footer: Some("מרפאה לדוגמה".to_owned()),
            ..interactive(
                "התור ב-30.11 בשעה 09:30 מתאים?",
                InteractiveAction::Buttons {
                    buttons: vec![reply("confirm-1", "אישור"), reply("cancel-1", "ביטול")],
                },
            )
        },
        "send-interactive-list" => Interactive {
            header: text_header("בחירת שעה"),
            ..interactive(
                "באיזו שעה נוח לך?",
                InteractiveAction::List {
                    button: "בחירה".to_owned(),
                    sections: vec![
                        ListSection {
                            title: Some("בוקר".to_owned()),
                            rows: vec![
                                row("slot-0930", "09:30", Some("יום ראשון")),
                                row("slot-1000", "10:00", None),
                            ],
                        },
                        ListSection {
                            title: Some("ערב".to_owned()),
                            rows: vec![row("slot-1800", "18:00", None)],
                        },
                    ],
                },
            )
        },
        "send-interactive-cta-url" => Interactive {
            header: Some(InteractiveHeader::Media(MediaContent {
                source: Some(MediaSource::Link(
                    "https://cdn.example.co.il/h.jpg".to_owned(),
                )),
                ..MediaContent::new(MediaKind::Image)
            })),
            footer: Some("בתוקף 24 שעות".to_owned()),
            ..interactive(
                "לתשלום מאובטח",
                InteractiveAction::UrlButton {
                    display_text: "לתשלום".to_owned(),
                    url: "https://pay.example.co.il/i/7731".to_owned(),
                },
            )
        },
        "send-interactive-location-request" => {
            interactive("שתפו מיקום לאיסוף", InteractiveAction::LocationRequest)
        }
        "send-interactive-request-contact-info" => interactive(
            "אפשר את מספר הטלפון שלך?",
            InteractiveAction::ContactRequest,
        ),
        "send-interactive-call-permission-request" => interactive(
            "נוכל להתקשר אליך?",
            InteractiveAction::CallPermissionRequest,
        ),
        "send-interactive-voice-call-button" => interactive(
            "אפשר להתקשר אלינו כאן",
            InteractiveAction::VoiceCall {
                display_text: "התקשר".to_owned(),
                ttl_minutes: Some(100),
                payload: Some("campaign-7".to_owned()),
            },
        ),
        "send-interactive-flow" => interactive(
            "קביעת תור",
            InteractiveAction::Form(FormAction {
                form_id: "6627390910605886".to_owned(),
                button: "קבע תור".to_owned(),
                token: Some("flow-tok-0001".to_owned()),
                screen: Some("APPOINTMENT".to_owned()),
                data: Some(json!({"branch": "TLV"})),
                draft: false,
            }),
        ),
        _ => return None,
    })
}

fn template_of(sample: &str) -> Option<Content> {
    let order = |components| template("order_confirmation", components);
    Some(match sample {
        "send-template-positional" => order(vec![body(&["דנה", "7731"]), url(0, "7731")]),
        "send-template-named" => template(
            "reservation_confirmation",
            vec![
                image_header("1037543291543636"),
                TemplateComponent::Body {
                    parameters: vec![named("first_name", "דנה"), named("date", "30.11.2026")],
                },
            ],
        ),
        "send-template-quick-reply-payloads" => template(
            "seasonal_promotion",
            vec![
                body(&["סוף החודש"]),
                quick_reply(0, "STOP_PROMOS"),
                quick_reply(1, "MORE_INFO"),
            ],
        ),
        "send-template-otp-copy-code" => {
            template("auth_code_he", vec![body(&["482913"]), url(0, "482913")])
        }
        "send-template-coupon" => template("coupon_he", vec![body(&["25%"]), coupon()]),
        "send-template-limited-time-offer" => template(
            "lto_he",
            vec![
                image_header("1037543291543636"),
                body(&["דנה"]),
                TemplateComponent::LimitedTimeOffer {
                    expires_at_ms: 1_795_420_800_000,
                },
                coupon(),
            ],
        ),
        "send-template-location-header" => template(
            "order_delivery_update",
            vec![
                header(TemplateParameter::Location(Location {
                    latitude: 32.0853,
                    longitude: 34.7818,
                    name: Some("נקודת איסוף".to_owned()),
                    address: Some("תל אביב".to_owned()),
                    url: None,
                })),
                body(&["דנה", "7731"]),
            ],
        ),
        "send-template-carousel" => {
            let card = |card_index, image, more, page| CarouselCard {
                card_index,
                components: vec![image_header(image), quick_reply(0, more), url(1, page)],
            };
            let cards = vec![
                card(0, "1037543291543640", "more-0", "p0"),
                card(1, "1037543291543641", "more-1", "p1"),
            ];
            template(
                "carousel_he",
                vec![body(&["דנה"]), TemplateComponent::Carousel { cards }],
            )
        }
        "send-template-flow-button" => template(
            "booking_flow_he",
            vec![button(
                0,
                TemplateButtonValue::Form {
                    token: Some("flow-tok-0002".to_owned()),
                    data: Some(json!({"branch": "TLV"})),
                },
            )],
        ),
        _ => return None,
    })
}

/// Left to Meta's other APIs, or to shops: there is no content for them yet.
const NOT_SAID: &[&str] = &[
    "send-interactive-catalog",
    "send-interactive-media-carousel",
    "send-interactive-product",
    "send-interactive-product-list",
    "send-marketing-message",
    "send-text-identity-check",
];

#[test]
fn every_message_is_said_as_in_metas_samples() {
    let bsuid = Recipient::Bsuid("IL.13491208655302741918".to_owned());
    let group =
        Recipient::Group("Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0MDQ2OTQyMzM4MjAZD".to_owned());
    for (name, raw) in crate::samples("requests") {
        if !name.starts_with("send-") || name.starts_with("send-reaction") {
            continue;
        }
        if NOT_SAID.contains(&name.as_str()) {
            assert_eq!(content_of(&name), None, "{name} can be said now");
            continue;
        }
        let content = content_of(&name).unwrap_or_else(|| panic!("{name} has no line here"));
        let (recipient, reply_to, our_id) = match name.as_str() {
            "send-text-by-bsuid" | "send-interactive-request-contact-info" => {
                (bsuid.clone(), None, None)
            }
            "send-text-group" => (group.clone(), None, None),
            "send-text-reply" => (phone(), Some(INBOUND), None),
            "send-text" => (phone(), None, Some("order=7731;tenant=acme")),
            _ => (phone(), None, None),
        };
        let request = request_json(&recipient, &content, reply_to, our_id).unwrap();
        let expected: serde_json::Value = serde_json::from_slice(&raw).unwrap();
        assert_eq!(request, expected, "{name}");
        assert_eq!(check(&content), [], "{name}");
        let kept: Content =
            serde_json::from_value(serde_json::to_value(&content).unwrap()).unwrap();
        assert_eq!(kept, content, "{name} survives our own JSON");
    }
}

#[test]
fn reactions_and_read_marks_are_said_as_in_metas_samples() {
    for (name, request) in [
        (
            "send-reaction",
            reaction_json(&phone(), INBOUND, Some("😀"), None).unwrap(),
        ),
        (
            "send-reaction-remove",
            reaction_json(&phone(), INBOUND, None, None).unwrap(),
        ),
        ("mark-as-read", mark_read_json(INBOUND, false)),
        ("mark-as-read-with-typing", mark_read_json(INBOUND, true)),
    ] {
        assert_eq!(request, crate::json_sample("requests", name), "{name}");
    }
}

#[test]
fn a_phone_number_is_always_said_with_a_plus() {
    for written in ["972500000010", "+972500000010", "+972 50-000-0010"] {
        let to = Recipient::Phone(written.to_owned());
        let request = request_json(&to, &text("x"), None, None).unwrap();
        assert_eq!(request["to"], "+972500000010", "{written}");
    }
    for wrong in ["", "+", "dana", "IL.1349"] {
        let to = Recipient::Phone(wrong.to_owned());
        assert_eq!(
            request_json(&to, &text("x"), None, None),
            Err(CannotSay::BadRecipient),
            "{wrong}"
        );
    }
}

#[test]
fn what_would_be_lost_is_not_said() {
    let cannot = |content: &Content| request_json(&phone(), content, None, None).unwrap_err();
    let inbound = Content::ButtonReply {
        id: "1".to_owned(),
        title: "x".to_owned(),
    };
    assert_eq!(
        cannot(&inbound),
        CannotSay::InboundOnly {
            kind: "button_reply"
        }
    );
    let nowhere = Content::Media(MediaContent::new(MediaKind::Image));
    assert_eq!(cannot(&nowhere), CannotSay::MediaNotUploaded);
    let captioned = Content::Media(MediaContent {
        caption: Some("x".to_owned()),
        ..by_id(MediaKind::Audio, "1")
    });
    assert_eq!(
        cannot(&captioned),
        CannotSay::NoPlaceFor { field: "caption" }
    );
}
