//! Accounts, numbers, apps and tokens. (Meta, accounts pages, 2026-06.)

use serde_json::{Value, json};

use super::Client;
use crate::call::UNREADABLE;
use crate::meta::answers::{
    AccessToken, AccountInfo, BusinessProfile, Health, HealthAnswer, NumberInfo, Page, Requested,
    SubscribedApp, Subscription, TokenInfo, Wrapped,
};
use crate::provider::{CallError, Secret};

const NUMBER_FIELDS: &str = "id,display_phone_number,verified_name,status,quality_rating,name_status,\
                             code_verification_status,account_mode,platform_type,throughput,\
                             is_official_business_account,is_on_biz_app,is_pin_enabled,webhook_configuration,\
                             whatsapp_business_manager_messaging_limit";
const ACCOUNT_FIELDS: &str = "id,name,currency,timezone_id,country,status,account_review_status,\
                              business_verification_status,owner_business_info,\
                              whatsapp_business_manager_messaging_limit";
const PROFILE_FIELDS: &str =
    "about,address,description,email,profile_picture_url,websites,vertical";

/// Where an account's messages go instead of the app's own address.
#[derive(Clone)]
pub struct WebhookOverride<'a> {
    /// At most 200 characters.
    pub callback_url: &'a str,
    pub verify_token: &'a Secret,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeMethod {
    Sms,
    Voice,
}

/// What a coexistence number hands over, once each and within 24 hours of its onboarding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncKind {
    /// The phone book.
    AppState,
    /// Up to 180 days of messages.
    History,
}

impl Client {
    /// # Errors
    /// As every call.
    pub async fn account(&self, waba_id: &str, token: &Secret) -> Result<AccountInfo, CallError> {
        let url = self.url(&[waba_id], &[("fields", ACCOUNT_FIELDS)]);
        self.read(self.http.get(url), token).await
    }

    /// # Errors
    /// As every call.
    pub async fn number(
        &self,
        phone_number_id: &str,
        token: &Secret,
    ) -> Result<NumberInfo, CallError> {
        let url = self.url(&[phone_number_id], &[("fields", NUMBER_FIELDS)]);
        self.read(self.http.get(url), token).await
    }

    /// A page of an account's numbers.
    ///
    /// # Errors
    /// As every call.
    pub async fn numbers(
        &self,
        waba_id: &str,
        token: &Secret,
        after: Option<&str>,
    ) -> Result<Page<NumberInfo>, CallError> {
        let mut query = vec![("fields", NUMBER_FIELDS)];
        query.extend(after.map(|after| ("after", after)));
        let url = self.url(&[waba_id, "phone_numbers"], &query);
        self.page(self.http.get(url), token).await
    }

    /// Whether a number, account, template, portfolio or app can send, and what hinders.
    ///
    /// # Errors
    /// As every call.
    pub async fn health(&self, id: &str, token: &Secret) -> Result<Health, CallError> {
        let url = self.url(&[id], &[("fields", "health_status")]);
        let answer: HealthAnswer = self.read(self.http.get(url), token).await?;
        Ok(answer.health_status)
    }

    /// The apps that get an account's webhooks.
    ///
    /// # Errors
    /// As every call.
    pub async fn subscribed_apps(
        &self,
        waba_id: &str,
        token: &Secret,
    ) -> Result<Vec<SubscribedApp>, CallError> {
        let url = self.url(&[waba_id, "subscribed_apps"], &[]);
        let page: Page<SubscribedApp> = self.page(self.http.get(url), token).await?;
        Ok(page.items)
    }

    /// Lets our app have an account's webhooks. Without an override an earlier override is taken away.
    ///
    /// # Errors
    /// As every call.
    pub async fn subscribe_app(
        &self,
        waba_id: &str,
        token: &Secret,
        to: Option<WebhookOverride<'_>>,
    ) -> Result<(), CallError> {
        let url = self.url(&[waba_id, "subscribed_apps"], &[]);
        let request = match to {
            None => self.http.post(url),
            Some(to) => self.http.post(url).json(&json!({
                "override_callback_uri": to.callback_url,
                "verify_token": to.verify_token.expose(),
            })),
        };
        self.done(request, token).await
    }

    /// # Errors
    /// As every call.
    pub async fn unsubscribe_app(&self, waba_id: &str, token: &Secret) -> Result<(), CallError> {
        let url = self.url(&[waba_id, "subscribed_apps"], &[]);
        self.done(self.http.delete(url), token).await
    }

    /// Sets an app's callback and its fields. The token is the app's own (`app_id|app_secret`); Meta calls the
    /// address with the handshake before it answers.
    ///
    /// # Errors
    /// As every call.
    pub async fn set_callback(
        &self,
        app_id: &str,
        app_token: &Secret,
        to: WebhookOverride<'_>,
        fields: &[&str],
    ) -> Result<(), CallError> {
        let url = self.url(&[app_id, "subscriptions"], &[]);
        let body = json!({
            "object": "whatsapp_business_account",
            "callback_url": to.callback_url,
            "verify_token": to.verify_token.expose(),
            "fields": fields.join(","),
        });
        self.done(self.http.post(url).json(&body), app_token).await
    }

    /// Which webhooks an app gets, and where. The token is the app's own (`app_id|app_secret`).
    ///
    /// # Errors
    /// As every call.
    pub async fn subscriptions(
        &self,
        app_id: &str,
        app_token: &Secret,
    ) -> Result<Vec<Subscription>, CallError> {
        let url = self.url(&[app_id, "subscriptions"], &[]);
        let page: Page<Subscription> = self.page(self.http.get(url), app_token).await?;
        Ok(page.items)
    }

    /// What a token is and may do.
    ///
    /// # Errors
    /// As every call.
    pub async fn debug_token(
        &self,
        inspected: &Secret,
        token: &Secret,
    ) -> Result<TokenInfo, CallError> {
        let url = self.url(&["debug_token"], &[("input_token", inspected.expose())]);
        let answer: Wrapped<TokenInfo> = self.read(self.http.get(url), token).await?;
        Ok(answer.data)
    }

    /// Exchanges the code of an embedded sign-up for a token. A code lives about 30 seconds.
    ///
    /// # Errors
    /// As every call.
    pub async fn exchange_code(
        &self,
        app_id: &str,
        app_secret: &Secret,
        code: &str,
    ) -> Result<Secret, CallError> {
        let query = [
            ("client_id", app_id),
            ("client_secret", app_secret.expose()),
            ("code", code),
        ];
        let url = self.url(&["oauth", "access_token"], &query);
        let response = self
            .http
            .get(url)
            .send()
            .await
            .map_err(|error| super::no_answer(&error))?;
        let answer = super::answer_of(response).await?;
        let token: AccessToken = super::answers::read(answer).ok_or(UNREADABLE)?;
        Ok(Secret::new(token.access_token))
    }

    /// Registers a number for the Cloud API; sets its PIN or must match it. Ten times in 72 hours at most. Not for
    /// coexistence numbers.
    ///
    /// # Errors
    /// As every call.
    pub async fn register(
        &self,
        phone_number_id: &str,
        token: &Secret,
        pin: &Secret,
    ) -> Result<(), CallError> {
        let url = self.url(&[phone_number_id, "register"], &[]);
        let body = json!({ "messaging_product": "whatsapp", "pin": pin.expose() });
        self.done(self.http.post(url).json(&body), token).await
    }

    /// # Errors
    /// As every call.
    pub async fn deregister(&self, phone_number_id: &str, token: &Secret) -> Result<(), CallError> {
        let url = self.url(&[phone_number_id, "deregister"], &[]);
        self.done(self.http.post(url), token).await
    }

    /// Asks Meta to send the number its code. `language` as in `he` or `en_US`.
    ///
    /// # Errors
    /// As every call.
    pub async fn request_code(
        &self,
        phone_number_id: &str,
        token: &Secret,
        method: CodeMethod,
        language: &str,
    ) -> Result<(), CallError> {
        let method = match method {
            CodeMethod::Sms => "SMS",
            CodeMethod::Voice => "VOICE",
        };
        let url = self.url(&[phone_number_id, "request_code"], &[]);
        let body = json!({ "code_method": method, "language": language });
        self.done(self.http.post(url).json(&body), token).await
    }

    /// # Errors
    /// As every call.
    pub async fn verify_code(
        &self,
        phone_number_id: &str,
        token: &Secret,
        code: &str,
    ) -> Result<(), CallError> {
        let url = self.url(&[phone_number_id, "verify_code"], &[]);
        self.done(self.http.post(url).json(&json!({ "code": code })), token)
            .await
    }

    /// # Errors
    /// As every call.
    pub async fn business_profile(
        &self,
        phone_number_id: &str,
        token: &Secret,
    ) -> Result<BusinessProfile, CallError> {
        let path = [phone_number_id, "whatsapp_business_profile"];
        let url = self.url(&path, &[("fields", PROFILE_FIELDS)]);
        let page: Page<BusinessProfile> = self.page(self.http.get(url), token).await?;
        Ok(page.items.into_iter().next().unwrap_or_default())
    }

    /// Changes the members that are given (`about`, `address`, `description`, `email`, `websites`, `vertical`,
    /// `profile_picture_handle`).
    ///
    /// # Errors
    /// As every call.
    pub async fn set_business_profile(
        &self,
        phone_number_id: &str,
        token: &Secret,
        changes: &Value,
    ) -> Result<(), CallError> {
        let mut body = changes.clone();
        if let Some(members) = body.as_object_mut() {
            members.insert("messaging_product".into(), "whatsapp".into());
        }
        let url = self.url(&[phone_number_id, "whatsapp_business_profile"], &[]);
        self.done(self.http.post(url).json(&body), token).await
    }

    /// Asks a coexistence number's phone to hand over its contacts or its history. They come by webhook.
    ///
    /// # Errors
    /// As every call.
    pub async fn sync_app_data(
        &self,
        phone_number_id: &str,
        token: &Secret,
        what: SyncKind,
    ) -> Result<String, CallError> {
        let sync_type = match what {
            SyncKind::AppState => "smb_app_state_sync",
            SyncKind::History => "history",
        };
        let body = json!({ "messaging_product": "whatsapp", "sync_type": sync_type });
        let url = self.url(&[phone_number_id, "smb_app_data"], &[]);
        let answer: Requested = self.read(self.http.post(url).json(&body), token).await?;
        Ok(answer.request_id)
    }
}
