//! Twilio: forms out, forms in, signatures, templates of its own kind, and codes.

use domain::channel::Provider;
use domain::content::{
    Content, Location, MediaContent, MediaKind, MediaSource, TemplateButton, TemplateButtonValue,
    TemplateComponent, TemplateContent, TemplateParameter,
};
use domain::failure::FailureReason;
use domain::report::{ProviderError, Report};
use proptest::prelude::*;
use serde_json::Value;
use whatsapp::adapter::{Adapter, Number, WebhookRefused};
use whatsapp::failure::Class;
use whatsapp::provider::{CannotSay, Recipient};
use whatsapp::twilio::Client;
use whatsapp::twilio::content::Layout;
use whatsapp::twilio::errors::{failure_of, verdict_on};
use whatsapp::twilio::send::{Pairs, content_form, message_form};

use crate::providers::{
    PATIENT, dana, form, http, image, json_sample, names, number as number_of, read_any, sample,
    text, told, verified,
};

pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub const HX: &str = "HXccccccccccccccccccccccccccccccc3";

pub fn number(base_url: &str) -> Number {
    let mut number = number_of(Provider::Twilio, base_url);
    number.account = ACCOUNT.to_owned();
    number.token = "12345invented67890token".into();
    number.webhook_secrets = Vec::new();
    number
}

pub fn client() -> Client {
    Client::new(http(PATIENT))
}

fn encoded(pairs: &Pairs) -> Vec<(String, String)> {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    form(body.as_bytes())
}

pub fn template_of(components: Vec<TemplateComponent>) -> TemplateContent {
    TemplateContent {
        template_id: None,
        name: "meeting_reminder_he".to_owned(),
        language: "he".to_owned(),
        components,
        rendered: None,
    }
}

pub fn body(texts: &[&str]) -> TemplateComponent {
    let parameters = texts
        .iter()
        .map(|text| TemplateParameter::Text {
            name: None,
            text: (*text).to_owned(),
        })
        .collect();
    TemplateComponent::Body { parameters }
}

pub const fn button(index: u8, value: TemplateButtonValue) -> TemplateComponent {
    TemplateComponent::Button(TemplateButton { index, value })
}

#[test]
fn every_request_of_the_samples_is_said() {
    let number = number("http://x");
    let callback = |order: u8| format!("https://leads.example.co.il/hooks/twilio/status?o={order}");
    let said = message_form(
        &number,
        &dana(),
        &text("שלום דנה, קיבלנו את הפנייה שלך."),
        Some(&callback(77)),
    );
    let expected = form(&sample("twilio_send_text.request.form"));
    assert_eq!(encoded(&said.unwrap()), expected);

    let filled = template_of(vec![body(&["דנה", "20.8 10:30"])]);
    let create = json_sample("twilio_content_create.request.json");
    let variables = Layout::read(&create).unwrap().variables(&filled).unwrap();
    let said = content_form(&number, &dana(), HX, &variables, Some(&callback(78)));
    let expected = form(&sample("twilio_send_template.request.form"));
    assert_eq!(encoded(&said.unwrap()), expected);
}

#[test]
fn every_webhook_of_the_samples_is_understood() {
    let media = "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages/SMbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb2/Media/MEdddddddddddddddddddddddddddddddd";
    #[rustfmt::skip]
    let expected = [
        ("inbound_button", "message bbbbbbb2 972500000010 דנה לוי ? button_reply confirm:4711 מאשרת re=aaaaaaa1".to_owned()),
        ("inbound_image", format!("message bbbbbbb2 972500000010 דנה לוי ? image link={media} image/jpeg caption=התמונה מהשטח")),
        ("inbound_text", "message bbbbbbb2 972500000010 דנה לוי ? text \"כן, מחר ב-10\"".to_owned()),
        ("status_delivered", "delivered aaaaaaa1 972500000010 ?".to_owned()),
        ("status_undelivered_63016", "failed aaaaaaa1 972500000010 ? error=63016 \"Message failed to send because more than 24 hours have passed since the customer last replied to this number\"".to_owned()),
    ];
    let webhooks = names("twilio")
        .iter()
        .filter(|name| name.contains("webhook."))
        .count();
    assert_eq!(webhooks, expected.len());
    let number = number("http://x");
    for (file, line) in expected {
        let body = sample(&format!("twilio_{file}.webhook.form"));
        assert_eq!(told(&client(), &number, &body), [line], "{file}");
        let address = client().parse(&number, &body).unwrap().address;
        assert_eq!(address.waba_id.as_deref(), Some(ACCOUNT));
        assert_eq!(address.phone_number_id.as_deref(), Some("972500000001"));
    }
}

#[test]
fn what_the_samples_do_not_show_is_understood_too() {
    #[rustfmt::skip]
    let cases = [
        ("MessageType=location&Latitude=32.08&Longitude=34.78&Label=Caf%C3%A9&Address=Tel+Aviv", "message SM1 972500000010 ? location 32.08 34.78 | Café | Tel Aviv"),
        ("MessageType=interactive&ListId=a&ListTitle=A&Body=A", "message SM1 972500000010 ? list_reply a A"),
        ("MessageType=interactive&InteractiveData=%7B%22a%22%3A1%7D", "message SM1 972500000010 ? form_reply flow  {\"a\":1}"),
        ("MessageType=reaction&Body=%F0%9F%91%8D&OriginalRepliedMessageSid=SM9", "reaction SM1 972500000010 ? 👍 on SM9"),
        ("MessageType=order", "message SM1 972500000010 ? unknown order"),
        ("MessageType=unsupported", "message SM1 972500000010 ? unsupported"),
        ("Body=hi&Forwarded=true", "message SM1 972500000010 ? text \"hi\" forwarded"),
        ("Body=hi&ReferralSourceId=7&ReferralCtwaClid=c", "message SM1 972500000010 ? text \"hi\" referral=|7|||||c"),
        ("MessageType=sticker&NumMedia=1&MediaUrl0=https%3A%2F%2Fx%2F1&MediaContentType0=image%2Fwebp", "message SM1 972500000010 ? sticker link=https://x/1 image/webp"),
        ("MessageType=document&NumMedia=1&MediaUrl0=https%3A%2F%2Fx%2F1&MediaContentType0=image%2Fpng", "message SM1 972500000010 ? document link=https://x/1 image/png"),
    ];
    let number = number("http://x");
    for (more, expected) in cases {
        let body =
            format!("MessageSid=SM1&SmsStatus=received&From=whatsapp%3A%2B972500000010&{more}");
        assert_eq!(
            told(&client(), &number, body.as_bytes()),
            [expected],
            "{more}"
        );
    }
    let two = "MessageSid=SM1&From=whatsapp%3A%2B972500000010&NumMedia=2&MediaUrl0=https%3A%2F%2Fx%2F1&MediaUrl1=https%3A%2F%2Fx%2F2&Body=b";
    let lines = told(&client(), &number, two.as_bytes());
    assert_eq!(lines.len(), 2);
    assert!(lines[1].starts_with("message SM1.1 "));
    // Nobody's phone: a business-scoped id in its place.
    let hidden = "MessageSid=SM1&From=whatsapp%3AIL.13491208655302741918&Body=b";
    assert_eq!(
        told(&client(), &number, hidden.as_bytes()),
        ["message SM1 -/02741918 ? text \"b\""]
    );
    let queued = "MessageSid=SM1&MessageStatus=queued&To=whatsapp%3A%2B972500000010";
    assert_eq!(
        told(&client(), &number, queued.as_bytes()),
        ["notice messages.statuses.queued ? message_id=SM1"]
    );
    let nobody = "MessageSid=SM1&Body=b";
    assert_eq!(
        told(&client(), &number, nobody.as_bytes()),
        ["bad: From names nobody"]
    );
    assert!(client().parse(&number, b"Body=x").is_err());
    // Another number of the same account.
    let other =
        "MessageSid=SM1&From=whatsapp%3A%2B972500000010&To=whatsapp%3A%2B972500000009&Body=b";
    let address = client().parse(&number, other.as_bytes()).unwrap().address;
    assert_eq!(address.phone_number_id.as_deref(), Some("972500000009"));
}

#[test]
fn an_unknown_type_is_kept_whole() {
    let body = b"MessageSid=SM1&From=whatsapp%3A%2B972500000010&MessageType=poll&Question=why";
    let change = client().parse(&number("http://x"), body).unwrap();
    let Ok(Report::Message(message)) = &change.reports[0] else {
        panic!()
    };
    let Content::Unknown { original, raw } = &message.content else {
        panic!()
    };
    assert_eq!(original, "poll");
    let raw: Value = serde_json::from_str(raw).unwrap();
    assert_eq!(raw["Question"], "why");
}

#[test]
fn what_twilio_cannot_say_is_not_said() {
    let number = number("http://x");
    let said = |to: &Recipient, content: &Content| message_form(&number, to, content, None).err();
    let bsuid = Recipient::Bsuid("IL.1349".to_owned());
    assert_eq!(said(&bsuid, &text("x")), Some(CannotSay::NeedsPhone));
    let nobody = Recipient::Phone("x".to_owned());
    assert_eq!(said(&nobody, &text("x")), Some(CannotSay::BadRecipient));
    let contacts = Content::Contacts { cards: Vec::new() };
    assert_eq!(
        said(&dana(), &contacts),
        Some(CannotSay::NoSuchMessage { kind: "contacts" })
    );
    let mut voice = MediaContent::new(MediaKind::Audio);
    voice.source = Some(MediaSource::Id("1".to_owned()));
    assert_eq!(
        said(&dana(), &Content::Media(voice.clone())),
        Some(CannotSay::MediaNotUploaded)
    );
    voice.source = Some(MediaSource::Link("https://x/1".to_owned()));
    voice.caption = Some("c".to_owned());
    assert_eq!(
        said(&dana(), &Content::Media(voice)),
        Some(CannotSay::NoPlaceFor { field: "caption" })
    );
    let reply = Content::ButtonReply {
        id: String::new(),
        title: String::new(),
    };
    assert_eq!(
        said(&dana(), &reply),
        Some(CannotSay::InboundOnly {
            kind: "button_reply"
        })
    );
}

#[test]
fn a_place_and_a_file_are_said() {
    let number = number("http://x");
    let place = Content::Location(Location {
        latitude: 32.0853,
        longitude: 34.7818,
        name: Some("המשרד".to_owned()),
        address: None,
        url: None,
    });
    let pairs = message_form(&number, &dana(), &place, None).unwrap();
    assert!(pairs.contains(&("PersistentAction", "geo:32.0853,34.7818|המשרד".to_owned())));
    assert!(pairs.contains(&("Body", "המשרד".to_owned())));
    let pairs = message_form(&number, &dana(), &image("https://x/1.png"), None).unwrap();
    assert!(pairs.contains(&("MediaUrl", "https://x/1.png".to_owned())));

    let mut service = number.clone();
    service.number = "MG1".to_owned();
    let pairs = message_form(&service, &dana(), &text("x"), None).unwrap();
    assert!(pairs.contains(&("MessagingServiceSid", "MG1".to_owned())));
    assert!(pairs.contains(&("From", "whatsapp:+972500000001".to_owned())));
}

#[test]
fn a_signature_of_the_vectors_is_taken_and_of_any_other_address_refused() {
    let vectors = json_sample("signatures.json");
    let text = |vector: &Value, key: &str| vector[key].as_str().unwrap().to_owned();
    let mut number = number("http://x");

    let vector = &vectors["twilio_form"];
    let url = text(vector, "url");
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(
            vector["params"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, value)| (name, value.as_str().unwrap())),
        )
        .finish();
    let signature = text(vector, "X-Twilio-Signature");
    let check = |number: &Number, url: &str, signature: &str, body: &str| {
        let headers = [("x-twilio-signature", signature)];
        verified(&client(), number, url, &headers, body.as_bytes())
    };
    assert_eq!(check(&number, &url, &signature, &body), Ok(()));
    // Doubled pairs count once, the order does not matter, a port comes and goes.
    let doubled = format!("{body}&NumMedia=0");
    assert_eq!(check(&number, &url, &signature, &doubled), Ok(()));
    let with_port = url.replace(".co.il", ".co.il:443");
    assert_eq!(check(&number, &with_port, &signature, &body), Ok(()));
    for (url, body) in [
        (url.replace("wa", "wb"), body.clone()),
        (url.replace("https", "http"), body.clone()),
        (url.replace(".co.il", ".co.il:8443/x"), body.clone()),
        (url.clone(), body.replace("NumMedia=0", "NumMedia=1")),
        (url.clone(), format!("{body}&More=1")),
        (url.clone(), String::new()),
    ] {
        let refused = check(&number, &url, &signature, &body);
        assert_eq!(refused, Err(WebhookRefused::Wrong), "{url} {body}");
    }
    let missing = verified(&client(), &number, &url, &[], body.as_bytes());
    assert_eq!(missing, Err(WebhookRefused::Missing));
    for malformed in ["", "x", "AAAA", "sha1=ItYVSo+bmYJAvUBC0MljwEG8mkQ="] {
        let refused = check(&number, &url, malformed, &body);
        assert_eq!(refused, Err(WebhookRefused::Malformed), "{malformed}");
    }
    // An API key signs nothing: the account's token has to stand among the secrets.
    let token = number.token.clone();
    number.token = "SK1:secret".into();
    assert!(check(&number, &url, &signature, &body).is_err());
    number.webhook_secrets = vec!["other".into(), token];
    assert_eq!(check(&number, &url, &signature, &body), Ok(()));

    let vector = &vectors["twilio_json"];
    let (url, body) = (text(vector, "url"), text(vector, "raw_body"));
    let signature = text(vector, "X-Twilio-Signature");
    assert_eq!(check(&number, &url, &signature, &body), Ok(()));
    let refused = check(&number, &url, &signature, "{\"hello\":\"world\"} ");
    assert_eq!(refused, Err(WebhookRefused::Wrong));
}

#[test]
fn codes_are_sorted() {
    use FailureReason as R;
    for (code, reason, class) in [
        (20003, R::TokenInvalid, Class::Credentials),
        (20429, R::AccountRateLimited, Class::Wait),
        (21211, R::RecipientInvalid, Class::Refuse),
        (21610, R::MarketingStopped, Class::Refuse),
        (21655, R::TemplateMissing, Class::Refuse),
        (63007, R::NumberNotRegistered, Class::Restricted),
        (63016, R::WindowClosed, Class::Refuse),
        (63018, R::NumberRateLimited, Class::Wait),
        (63019, R::MediaInvalid, Class::Refuse),
        (63024, R::Undeliverable, Class::Refuse),
        (63028, R::TemplateParameters, Class::Refuse),
        (63032, R::ExperimentHoldout, Class::Refuse),
        (63041, R::TemplatePaused, Class::Wait),
        (63049, R::MarketingLimited, Class::Wait),
        (63005, R::ServiceUnavailable, Class::Retry),
    ] {
        let verdict = verdict_on(code).unwrap();
        assert_eq!((verdict.reason, verdict.class), (reason, class), "{code}");
        assert!(!verdict.before_acceptance, "{code}");
    }
    assert_eq!(verdict_on(99999), None);
    let error = |code| ProviderError {
        code,
        title: Some("t".to_owned()),
        details: None,
    };
    assert_eq!(failure_of(&error(63016)).reason, R::WindowClosed);
    assert_eq!(failure_of(&error(1)).reason, R::Unknown);
    assert_eq!(
        client().failure_of(&error(63049)).reason,
        R::MarketingLimited
    );
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        read_any(&client(), &number("http://x"), &bytes);
    }

    #[test]
    fn any_form_is_read_or_refused(pairs in prop::collection::vec((
        prop::sample::select(vec!["MessageSid", "From", "To", "MessageStatus", "SmsStatus", "Body", "MessageType",
            "NumMedia", "MediaUrl0", "MediaContentType0", "ErrorCode", "ListId", "Latitude", "Longitude", "WaId"]),
        "(\\PC|\u{0}){0,12}",
    ), 0..12)) {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        read_any(&client(), &number("http://x"), body.as_bytes());
    }

    #[test]
    fn any_changed_byte_is_refused(at: prop::sample::Index, byte: u8) {
        let url = "https://leads.example.co.il/hooks/twilio/json?bodySHA256=93a23971a914e5eacbf0a8d25154cda309c3c1c72fbb9914d47c60f3cb681588";
        let mut body = b"{\"hello\":\"world\"}".to_vec();
        let at = at.index(body.len());
        let same = body[at] == byte;
        body[at] = byte;
        let headers = [("x-twilio-signature", "U+V3RcYKW7B2pvh8Yof3XCqNXLk=")];
        let let_in = verified(&client(), &number("http://x"), url, &headers, &body).is_ok();
        prop_assert_eq!(let_in, same);
    }
}
