//! Channels: connecting, changing, checking.

use std::sync::Arc;

use app::connect_channel::{self, ConnectChannel};
use app::connect_number::{self, ConnectNumber};
use app::edit_channel::{self, EditChannel};
use app::link_number::{self, LinkBy};
use app::set_up_number;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::channel::{InstantReply, Level, Link, Provider};
use domain::id::{ChannelId, PipelineId};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::keys::Once;
use utoipa::ToSchema;
use whatsapp::meta::client::CodeMethod;
use whatsapp::provider::Secret;

use super::auth::Signed;
use super::input::{Body, Named, given, id, opt_id};
use crate::capabilities::Capabilities;
use crate::door::Door;
use crate::problems::Problem;
use crate::shapes::{Channel, Check, Checks, Linking, List, NumberSetup, SetupStep, WorkingHours};

/// A number to connect. What each provider needs is told by `GET /capabilities`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChannel {
    name: String,
    /// `none`, `meta`, `360dialog`, `twilio`, `vonage`, `gupshup`, `infobip`, `waha`, `green_api`, `evolution`,
    /// `wuzapi`.
    provider: String,
    /// `personal_app`, `business_app`, `business_api`.
    level: String,
    /// `none`, `gateway_one_way`, `gateway_two_way`, `coexistence`, `api`.
    link: String,
    base_url: Option<String>,
    /// Meta only.
    app: Option<NewApp>,
    waba_id: Option<String>,
    phone_number_id: Option<String>,
    /// The provider's id of the account.
    account: Option<String>,
    /// The provider's name of the number: a session, an instance.
    number: Option<String>,
    phone: Option<String>,
    token: Option<String>,
    /// What the provider signs its webhooks with, where it makes that itself (Vonage, Twilio with an API key).
    webhook_secret: Option<String>,
    /// The warnings of an unofficial gateway were read and accepted.
    #[serde(default)]
    accept_risk: bool,
    pipeline_id: Option<String>,
}

/// Where a channel moves.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveChannel {
    version: i64,
    to: NewChannel,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApp {
    app_id: String,
    app_secret: String,
    verify_token: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelChange {
    version: i64,
    name: Option<String>,
    token: Option<String>,
    app_secret: Option<String>,
    /// `gateway_one_way` or `gateway_two_way`.
    link: Option<String>,
    working_hours: Option<WorkingHours>,
    /// `null` takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<NewInstantReply>)]
    instant_reply: Option<Option<NewInstantReply>>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInstantReply {
    enabled: bool,
    text: String,
    /// Nobody gets it twice within so many hours.
    period_hours: u32,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLink {
    /// `qr` or `code`.
    method: String,
    /// The phone that is linked by a code.
    phone: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskCode {
    /// `sms` or `voice`.
    method: String,
    /// `he` or `en`.
    language: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenCode {
    code: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenPin {
    pin: String,
}

/// A word of the table, as JSON has it.
fn named<T: DeserializeOwned>(text: &str, field: &str) -> Result<T, Problem> {
    serde_json::from_value(Value::from(text)).map_err(|_| Problem::field("bad_value", field))
}

/// What every kind of number may do: the table that also decides.
#[utoipa::path(get, path = "/capabilities", tag = "channels", responses((status = 200, body = Capabilities)))]
pub async fn capabilities(
    State(door): State<Arc<Door>>,
    _: Signed,
) -> Result<Json<Capabilities>, Problem> {
    Ok(Json(Capabilities::new(&door.app.speaker)))
}

/// All channels.
#[utoipa::path(get, path = "/channels", tag = "channels", responses((status = 200, body = List<Channel>)))]
pub async fn list(
    State(door): State<Arc<Door>>,
    signed: Signed,
) -> Result<Json<List<Channel>>, Problem> {
    let all = app::browse::settings::channel_list(&door.app, &signed.caller).await?;
    Ok(Json(List::whole(
        all.into_iter()
            .map(|row| Channel::new(&door, row))
            .collect(),
    )))
}

async fn one(
    door: &Door,
    signed: &Signed,
    channel_id: ChannelId,
) -> Result<Json<Channel>, Problem> {
    let row = app::browse::settings::channel(&door.app, &signed.caller, channel_id).await?;
    Ok(Json(Channel::new(door, row)))
}

/// One channel.
#[utoipa::path(get, path = "/channels/{id}", tag = "channels", params(("id" = String, Path)), responses((status = 200, body = Channel)))]
pub async fn get(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<Json<Channel>, Problem> {
    one(&door, &signed, id(&name)?).await
}

/// Connects a number.
#[utoipa::path(post, path = "/channels", tag = "channels", request_body = NewChannel, responses((status = 201, body = Channel)))]
pub async fn connect(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Body { value, once }: Body<NewChannel>,
) -> Result<(StatusCode, Json<Channel>), Problem> {
    let made = if value.provider == Provider::Meta.as_str() {
        let request = at_meta(value, once)?;
        connect_channel::connect(&door.app, &signed.caller, request).await?
    } else {
        let request = elsewhere(&door, value, once, None)?;
        connect_number::connect(&door.app, &signed.caller, request).await?
    };
    Ok((StatusCode::CREATED, one(&door, &signed, made).await?))
}

/// Moves a channel to another provider or level; its conversations go on.
#[utoipa::path(post, path = "/channels/{id}/move", tag = "channels", params(("id" = String, Path)), request_body = MoveChannel, responses((status = 200, body = Channel)))]
pub async fn move_to(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Body { value, once }: Body<MoveChannel>,
) -> Result<Json<Channel>, Problem> {
    let channel_id = id(&name)?;
    let moved = Some((channel_id, value.version));
    if value.to.provider == Provider::Meta.as_str() {
        let request = ConnectChannel {
            moved,
            ..at_meta(value.to, once)?
        };
        connect_channel::connect(&door.app, &signed.caller, request).await?;
    } else {
        let request = elsewhere(&door, value.to, once, moved)?;
        connect_number::connect(&door.app, &signed.caller, request).await?;
    }
    one(&door, &signed, channel_id).await
}

fn at_meta(value: NewChannel, once: Option<Once>) -> Result<ConnectChannel, Problem> {
    let missing = |field| Problem::field("missing", field);
    let level: Level = named(&value.level, "level")?;
    let link: Link = named(&value.link, "link")?;
    if !Provider::Meta.carries(level, link) {
        return Err(Problem::field("pair_not_possible", "link"));
    }
    let app = value.app.ok_or_else(|| missing("app"))?;
    Ok(ConnectChannel {
        name: value.name,
        level,
        link,
        base_url: value.base_url.filter(|url| !url.is_empty()),
        app_id: app.app_id,
        app_secret: Secret::new(app.app_secret),
        verify_token: Secret::new(app.verify_token),
        waba_id: value.waba_id.ok_or_else(|| missing("waba_id"))?,
        phone_number_id: value
            .phone_number_id
            .or(value.number)
            .ok_or_else(|| missing("phone_number_id"))?,
        token: Secret::new(value.token.ok_or_else(|| missing("token"))?),
        pipeline_id: pipeline(value.pipeline_id.as_deref())?,
        once,
        moved: None,
    })
}

fn elsewhere(
    door: &Door,
    value: NewChannel,
    once: Option<Once>,
    moved: Option<(ChannelId, i64)>,
) -> Result<ConnectNumber, Problem> {
    let provider = Provider::from_name(&value.provider)
        .filter(|one| *one == Provider::None || door.app.speaker.capabilities(*one).is_some())
        .ok_or_else(|| Problem::field("not_offered_yet", "provider"))?;
    Ok(ConnectNumber {
        name: value.name,
        provider,
        level: named(&value.level, "level")?,
        link: named(&value.link, "link")?,
        base_url: value.base_url,
        account: value.account.or(value.waba_id),
        number: value.number.or(value.phone_number_id),
        phone: value.phone,
        token: value.token.map(Secret::new),
        webhook_secret: value
            .webhook_secret
            .filter(|secret| !secret.is_empty())
            .map(Secret::new),
        accept_risk: value.accept_risk,
        pipeline_id: pipeline(value.pipeline_id.as_deref())?,
        once,
        moved,
    })
}

fn pipeline(text: Option<&str>) -> Result<Option<PipelineId>, Problem> {
    opt_id(text).map_err(|_| Problem::field("pipeline_unknown", "pipeline_id"))
}

/// How far the linking is.
#[utoipa::path(get, path = "/channels/{id}/link", tag = "channels", params(("id" = String, Path)), responses((status = 200, body = Linking)))]
pub async fn linking(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<Json<Linking>, Problem> {
    let linking = link_number::linking(&door.app, &signed.caller, id(&name)?).await?;
    Ok(Json(Linking::from(linking)))
}

/// Links the phone: a QR code to scan, or a code to type on it.
#[utoipa::path(post, path = "/channels/{id}/link", tag = "channels", params(("id" = String, Path)), request_body = NewLink, responses((status = 200, body = Linking)))]
pub async fn link(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Body { value, .. }: Body<NewLink>,
) -> Result<Json<Linking>, Problem> {
    let how = match value.method.as_str() {
        "qr" => LinkBy::Qr,
        "code" => LinkBy::Code(
            value
                .phone
                .ok_or_else(|| Problem::field("missing", "phone"))?,
        ),
        _ => return Err(Problem::field("bad_value", "method")),
    };
    let linking = link_number::link(&door.app, &signed.caller, id(&name)?, how).await?;
    Ok(Json(Linking::from(linking)))
}

/// Ends the link.
#[utoipa::path(delete, path = "/channels/{id}/link", tag = "channels", params(("id" = String, Path)), responses((status = 204)))]
pub async fn unlink(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<StatusCode, Problem> {
    link_number::unlink(&door.app, &signed.caller, id(&name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The checklist of a number at Meta.
#[utoipa::path(get, path = "/channels/{id}/setup", tag = "channels", params(("id" = String, Path)), responses((status = 200, body = NumberSetup)))]
pub async fn setup(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<Json<NumberSetup>, Problem> {
    steps(&door, &signed, id(&name)?).await
}

async fn steps(
    door: &Door,
    signed: &Signed,
    channel_id: ChannelId,
) -> Result<Json<NumberSetup>, Problem> {
    let steps = set_up_number::steps(&door.app, &signed.caller, channel_id).await?;
    Ok(Json(NumberSetup {
        steps: steps.into_iter().map(SetupStep::from).collect(),
    }))
}

/// Asks Meta to send the number its code.
#[utoipa::path(post, path = "/channels/{id}/setup/request-code", tag = "channels", params(("id" = String, Path)), request_body = AskCode, responses((status = 200, body = NumberSetup)))]
pub async fn request_code(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Body { value, .. }: Body<AskCode>,
) -> Result<Json<NumberSetup>, Problem> {
    let channel_id = id(&name)?;
    let method = match value.method.as_str() {
        "sms" => CodeMethod::Sms,
        "voice" => CodeMethod::Voice,
        _ => return Err(Problem::field("bad_value", "method")),
    };
    let (app, by) = (&door.app, &signed.caller);
    set_up_number::request_code(app, by, channel_id, method, &value.language).await?;
    steps(&door, &signed, channel_id).await
}

/// Gives Meta the code that came.
#[utoipa::path(post, path = "/channels/{id}/setup/verify-code", tag = "channels", params(("id" = String, Path)), request_body = GivenCode, responses((status = 200, body = NumberSetup)))]
pub async fn verify_code(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Body { value, .. }: Body<GivenCode>,
) -> Result<Json<NumberSetup>, Problem> {
    let channel_id = id(&name)?;
    set_up_number::verify_code(&door.app, &signed.caller, channel_id, &value.code).await?;
    steps(&door, &signed, channel_id).await
}

/// Registers the number with a PIN: from here on it sends.
#[utoipa::path(post, path = "/channels/{id}/setup/register", tag = "channels", params(("id" = String, Path)), request_body = GivenPin, responses((status = 200, body = NumberSetup)))]
pub async fn register(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Body { value, .. }: Body<GivenPin>,
) -> Result<Json<NumberSetup>, Problem> {
    let channel_id = id(&name)?;
    let pin = Secret::new(value.pin);
    set_up_number::register(&door.app, &signed.caller, channel_id, pin).await?;
    steps(&door, &signed, channel_id).await
}

/// Changes a channel's name, token or secret.
#[utoipa::path(patch, path = "/channels/{id}", tag = "channels", params(("id" = String, Path)), request_body = ChannelChange, responses((status = 200, body = Channel)))]
pub async fn edit(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
    Body { value, .. }: Body<ChannelChange>,
) -> Result<Json<Channel>, Problem> {
    let channel_id = id(&name)?;
    let edit = EditChannel {
        version: value.version,
        name: value.name,
        token: value.token.map(Secret::new),
        app_secret: value.app_secret.map(Secret::new),
        link: value
            .link
            .as_deref()
            .map(|link| named(link, "link"))
            .transpose()?,
        hours: value
            .working_hours
            .map(|hours| {
                hours
                    .read()
                    .ok_or_else(|| Problem::field("hours_invalid", "working_hours"))
            })
            .transpose()?,
        instant_reply: value.instant_reply.map(|reply| {
            reply.map(|reply| InstantReply {
                enabled: reply.enabled,
                text: reply.text,
                period_hours: reply.period_hours,
            })
        }),
    };
    match edit_channel::edit(&door.app, &signed.caller, channel_id, edit).await {
        Ok(()) => one(&door, &signed, channel_id).await,
        Err(error) => {
            let problem = Problem::from(error);
            if problem.is_changed_meanwhile() {
                let current = one(&door, &signed, channel_id).await?;
                return Err(problem.with_current(&current.0));
            }
            Err(problem)
        }
    }
}

/// Tests each thing that the channel needs.
#[utoipa::path(post, path = "/channels/{id}/check", tag = "channels", params(("id" = String, Path)), responses((status = 200, body = Checks)))]
pub async fn check(
    State(door): State<Arc<Door>>,
    signed: Signed,
    Named(name): Named,
) -> Result<Json<Checks>, Problem> {
    let checks = app::check_channel::check(&door.app, &signed.caller, id(&name)?).await?;
    Ok(Json(Checks {
        checks: checks.into_iter().map(Check::from).collect(),
    }))
}
