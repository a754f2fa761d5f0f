//! Every answer of the samples is understood: one line for each file, typed by hand.

use domain::failure::FailureReason as R;
use serde::de::DeserializeOwned;
use serde_json::Value;
use whatsapp::meta::answers::{self, *};
use whatsapp::meta::answers_more::*;
use whatsapp::meta::errors::ApiError;
use whatsapp::provider::SendOutcome;

fn read<T: DeserializeOwned>(answer: &Value) -> T {
    answers::read(answer.clone()).expect("the reader fits")
}

fn page<T: DeserializeOwned>(answer: &Value) -> Page<T> {
    Page::read(answer).expect("it is a page")
}

fn refused(answer: &Value) -> (i64, R) {
    let error = ApiError::read(answer).expect("Meta's own form");
    (error.code, error.failure().reason)
}

fn sent(answer: &Value) -> String {
    match accepted(answer) {
        Some(SendOutcome::Accepted {
            provider_id,
            wa_id,
            user_id,
            held,
        }) => format!("{} {wa_id:?} {user_id:?} {held}", &provider_id[..6]),
        other => panic!("{other:?}"),
    }
}

fn understood(name: &str, answer: &Value) -> bool {
    let some = |text: &str| Some(text.to_owned());
    match name {
        "send-ok-phone" | "send-ok-template-accepted" => {
            sent(answer) == r#"wamid. Some("972500000010") None false"#
        }
        "send-ok-bsuid" => sent(answer) == r#"wamid. None Some("IL.13491208655302741918") false"#,
        "send-ok-group" => sent(answer) == "wamid. None None false",
        "send-ok-template-held" => sent(answer) == r#"wamid. Some("972500000010") None true"#,

        "error-10-permission" => refused(answer) == (10, R::PermissionMissing),
        "error-100-invalid-parameter" => refused(answer) == (100, R::MessageInvalid),
        "error-130429-throughput" => refused(answer) == (130_429, R::NumberRateLimited),
        "error-131030-not-in-allowed-list" => refused(answer) == (131_030, R::RecipientNotAllowed),
        "error-131056-pair-rate" => refused(answer) == (131_056, R::PairRateLimited),
        "error-131062-bsuid-not-supported" => refused(answer) == (131_062, R::RecipientNeedsPhone),
        "error-132000-param-count" => refused(answer) == (132_000, R::TemplateParameters),
        "error-132001-template-missing" => refused(answer) == (132_001, R::TemplateMissing),
        "error-190-token-expired" => refused(answer) == (190, R::TokenInvalid),
        "error-33-object-missing" => refused(answer) == (33, R::ObjectMissing),
        "error-4-app-rate" => refused(answer) == (4, R::AppRateLimited),
        "error-80007-waba-rate" => refused(answer) == (80_007, R::AccountRateLimited),
        "error-template-create-2388299" => refused(answer) == (2_388_299, R::TemplateInvalid),

        "success-true" => read::<Done>(answer).success,
        "contact-book-delete" => read::<Done>(answer).deleted == Some(true),
        "media-upload" => read::<Created>(answer).id == "1037543291543636",
        "media-retrieve" => read::<MediaInfo>(answer).file_size == Some(303_833),
        "resumable-upload-session" => read::<UploadSession>(answer).file_offset.is_none(),
        "resumable-upload-offset" => read::<UploadSession>(answer).file_offset == Some(0),
        "resumable-upload-handle" => read::<UploadHandle>(answer).h.starts_with("4::"),
        "phone-number-get" => {
            let number: NumberInfo = read(answer);
            number.status == some("CONNECTED")
                && number.throughput.and_then(|throughput| throughput.level) == some("STANDARD")
                && number.whatsapp_business_manager_messaging_limit == some("TIER_2K")
                && number.is_on_biz_app == Some(false)
        }
        "phone-numbers-list" => {
            let numbers: Page<NumberInfo> = page(answer);
            numbers.next.is_none() && numbers.items[0].id == "106540352240001"
        }
        "health-status" => {
            let health = read::<HealthAnswer>(answer).health_status;
            health.can_send_message == "LIMITED"
                && health.entities[1].additional_info
                    == ["Your business portfolio is not verified."]
        }
        "template-create" => read::<TemplateCreated>(answer).status == some("PENDING"),
        "template-list" => {
            let templates: Page<TemplateInfo> = page(answer);
            templates.next == some("MjQZD") && templates.items[1].sub_category == some("CUSTOM")
        }
        "template-quality-score" => {
            let template: TemplateInfo = read(answer);
            template.quality_score.is_some_and(|quality| {
                quality.score == "GREEN" && quality.date == Some(1_795_334_400)
            })
        }
        "templates-archive-partial" => {
            let archived: TemplatesArchived = read(answer);
            archived.archived_templates == ["1689556908129832"]
                && archived.failed_templates.len() == 1
        }
        "subscribed-apps" => {
            let apps: Page<SubscribedApp> = page(answer);
            apps.items[0].whatsapp_business_api_data.id == "670843887433847"
                && apps.items[0].override_callback_uri
                    == some("https://hooks.example.co.il/wa/waba")
        }
        "business-profile" => {
            let profiles: Page<BusinessProfile> = page(answer);
            profiles.items[0].vertical == some("RETAIL") && profiles.items[0].websites.len() == 1
        }
        "smb-app-data" => read::<Requested>(answer).request_id == "3EB0EXAMPLE",

        "block-users-partial-failure" => {
            let blocked = read::<BlockAnswer>(answer).block_users;
            refused(answer) == (139_100, R::BlockListRefused)
                && blocked.added_users.len() == 1
                && blocked.failed_users[0].errors[0]["code"] == 131_047
        }
        "call-initiate-ok" => read::<CallStarted>(answer).calls[0]
            .id
            .starts_with("wacid."),
        "call-permissions" => {
            let permissions: CallPermissions = read(answer);
            permissions.permission.status == "temporary"
                && !permissions.actions[0].can_perform_action
                && permissions.actions[1].limits[0].max_allowed == 10
        }
        "flow-create" => read::<FormCreated>(answer).success,
        "flow-endpoint-plain-complete" => {
            read::<FormEndpointAnswer>(answer).screen == some("SUCCESS")
        }
        "flow-endpoint-plain-health-ok" => {
            read::<FormEndpointAnswer>(answer).data["status"] == "active"
        }
        "flow-endpoint-plain-next-screen" => {
            read::<FormEndpointAnswer>(answer).screen == some("CONFIRM")
        }
        "username-current" => read::<Username>(answer).username == some("example_shop"),
        "username-suggestions" => {
            let suggestions: Page<UsernameSuggestions> = page(answer);
            suggestions.items[0].username_suggestions.len() == 2
        }
        "parent-bsuid-accounts" => {
            read::<ParentBsuidAccounts>(answer)
                .enrolled_business_portfolios
                .len()
                == 2
        }
        "pricing-analytics" => {
            let points = read::<PricingAnalytics>(answer)
                .pricing_analytics
                .data
                .remove(0)
                .data_points;
            points[0].volume == 120 && points[1].tier == some("0:250000")
        }
        "template-analytics" => {
            let points = read::<AnalyticsData<TemplatePoint>>(answer)
                .data
                .remove(0)
                .data_points;
            points[0].read == 610 && points[0].clicked.len() == 1
        }
        "embedded-signup-session-event" => {
            let event: SignupEvent = read(answer);
            event.event == "FINISH" && event.data.waba_id == some("102030405060701")
        }
        other => panic!("{other} has no line here"),
    }
}

#[test]
fn every_answer_of_the_samples_is_understood() {
    let samples = crate::samples("responses");
    assert_eq!(samples.len(), 48);
    for (name, raw) in samples {
        let answer: Value = serde_json::from_slice(&raw).unwrap();
        assert!(understood(&name, &answer), "{name}: {answer}");
    }
}

#[test]
fn an_answer_is_read_leniently() {
    let odd = serde_json::json!({
        "id": "1", "url": "https://x", "file_size": "17", "mime_type": null, "new": {"a": 1}
    });
    assert_eq!(read::<MediaInfo>(&odd).file_size, Some(17));
    let odd = serde_json::json!({"id": "1", "components": null, "message_send_ttl_seconds": "600"});
    assert_eq!(
        read::<TemplateInfo>(&odd).message_send_ttl_seconds,
        Some(600)
    );
    assert_eq!(accepted(&serde_json::json!({"messages": [{}]})), None);
    assert_eq!(accepted(&serde_json::json!([])), None);
    let page: Page<TemplateInfo> =
        page(&serde_json::json!({"data": [{"id": "1"}, 5, {"name": "x"}]}));
    assert_eq!(page.items.len(), 1);
}

#[test]
fn a_token_says_for_which_accounts_it_is() {
    let answer = serde_json::json!({"data": {
        "app_id": "670843887433847", "type": "SYSTEM_USER", "is_valid": true, "expires_at": 0,
        "scopes": ["whatsapp_business_messaging"],
        "granular_scopes": [
            {"scope": "whatsapp_business_messaging", "target_ids": ["102030405060701"]},
            {"scope": "business_management"}
        ]
    }});
    let token = read::<Wrapped<TokenInfo>>(&answer).data;
    assert!(token.is_valid);
    assert_eq!(token.granular_scopes[0].target_ids, ["102030405060701"]);
    assert!(token.granular_scopes[1].target_ids.is_empty());
}
