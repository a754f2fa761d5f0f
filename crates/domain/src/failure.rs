//! Why something could not be said, in words that fit every provider: what went wrong, what it stops, and what helps.
//! `whatsapp` sorts each provider's codes into these; the screens, the senders and the API speak only these.

use serde::{Deserialize, Serialize};

/// A provider's refusal, understood. `details` is the provider's own sentence and may hold personal values: show it
/// to the people of the workspace, do not log it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub reason: FailureReason,
    /// The provider's own code, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
}

impl Failure {
    /// A failure that we noticed ourselves: no code, no sentence of a provider.
    #[must_use]
    pub const fn of(reason: FailureReason) -> Self {
        Self {
            reason,
            code: None,
            details: None,
        }
    }
}

/// What helps. Named for what a person (or the sender, for `wait_and_retry`) does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextStep {
    /// The window is closed: send an approved template.
    UseTemplate,
    /// Nothing is wrong with it; later it will go.
    WaitAndRetry,
    /// Correct the number, or reach the person in another way.
    FixRecipient,
    FixMessage,
    FixTemplate,
    FixMedia,
    /// Connect the account again: its token is dead.
    RenewCredentials,
    /// Give our app the missing right in the provider's settings.
    GrantPermission,
    /// Payment method, credit, currency or time zone of the account.
    FixPayment,
    /// Register, verify or name the number in the provider's settings.
    FixNumber,
    /// Ask the person: to send it again, or whether they are still themselves.
    AskPerson,
    ContactSupport,
    /// There is nothing to do.
    None,
}

/// What a failure stops: what must pause, not what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureScope {
    /// This message only.
    Message,
    /// This number and this person.
    Pair,
    Template,
    Number,
    Account,
    App,
    Token,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident $text:literal $scope:ident $step:ident;)*) => {
        /// What went wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum FailureReason { $($(#[$doc])* $name,)* }

        impl FailureReason {
            /// Every reason, in the order of this page.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// As in JSON and in the database; never changes.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }

        /// What helps against it.
        #[must_use]
        pub const fn next_step(reason: FailureReason) -> NextStep {
            match reason { $(FailureReason::$name => NextStep::$step,)* }
        }

        /// What it stops.
        #[must_use]
        pub const fn scope(reason: FailureReason) -> FailureScope {
            match reason { $(FailureReason::$name => FailureScope::$scope,)* }
        }
    };
}

reasons! {
    // Who we are.
    /// The token is expired, revoked or not a token.
    TokenInvalid "token_invalid" Token RenewCredentials;
    /// The token is good but may not do this.
    PermissionMissing "permission_missing" Token GrantPermission;
    /// The number, account or template is gone, or hidden from our token.
    ObjectMissing "object_missing" Number GrantPermission;

    // Too much, too fast.
    AppRateLimited "app_rate_limited" App WaitAndRetry;
    AccountRateLimited "account_rate_limited" Account WaitAndRetry;
    NumberRateLimited "number_rate_limited" Number WaitAndRetry;
    /// Too many messages to one person.
    PairRateLimited "pair_rate_limited" Pair WaitAndRetry;
    /// People block or report this number.
    QualityLimited "quality_limited" Number WaitAndRetry;
    /// The account is held back for templates in the wrong category.
    TemplateMisuseLimited "template_misuse_limited" Account WaitAndRetry;
    /// Registering, or guessing a PIN, too often.
    RegistrationRateLimited "registration_rate_limited" Number WaitAndRetry;

    // The account and the number.
    AccountRestricted "account_restricted" Account ContactSupport;
    AccountLocked "account_locked" Account ContactSupport;
    PaymentProblem "payment_problem" Account FixPayment;
    DisplayNameNotApproved "display_name_not_approved" Number FixNumber;
    NumberNotRegistered "number_not_registered" Number FixNumber;
    NumberNotVerified "number_not_verified" Number FixNumber;
    NumberNotEligible "number_not_eligible" Number ContactSupport;
    NumberInMaintenance "number_in_maintenance" Number WaitAndRetry;
    /// The phone's app does not know the gateway (any more): link it again.
    NumberUnlinked "number_unlinked" Number FixNumber;
    /// WhatsApp keeps the number from people whom it has not written with before, for a time.
    ReachOutLocked "reach_out_locked" Number WaitAndRetry;
    PinWrong "pin_wrong" Number FixNumber;
    UsernameRefused "username_refused" Number FixNumber;
    /// The phone's history or contacts cannot be had (any more).
    HistoryUnavailable "history_unavailable" Number None;
    InsightsUnavailable "insights_unavailable" Account None;
    SignupFailed "signup_failed" Account ContactSupport;

    // The person.
    /// More than 24 hours since the person last wrote.
    WindowClosed "window_closed" Message UseTemplate;
    /// Not on WhatsApp, an old app, or we are blocked: which one is never told.
    Undeliverable "undeliverable" Message FixRecipient;
    RecipientInvalid "recipient_invalid" Message FixRecipient;
    /// A test number may write to its listed recipients only.
    RecipientNotAllowed "recipient_not_allowed" Message FixRecipient;
    /// This message can go to a phone number only.
    RecipientNeedsPhone "recipient_needs_phone" Message FixRecipient;
    CountryNotAllowed "country_not_allowed" Message None;
    /// Another device or person may hold the number now.
    IdentityChanged "identity_changed" Message AskPerson;
    /// The person stopped marketing from this business.
    MarketingStopped "marketing_stopped" Pair None;
    /// The provider chose not to deliver marketing to this person now.
    MarketingLimited "marketing_limited" Pair WaitAndRetry;
    /// The person is in the provider's experiment.
    ExperimentHoldout "experiment_holdout" Message None;

    // The message.
    MessageInvalid "message_invalid" Message FixMessage;
    UnsupportedType "unsupported_type" Message FixMessage;
    /// Marketing has to go through another API of the provider.
    OtherApiRequired "other_api_required" Message ContactSupport;
    DuplicateRequest "duplicate_request" Message None;
    MediaInvalid "media_invalid" Message FixMedia;
    /// A file that a person sent cannot be fetched.
    MediaUnavailable "media_unavailable" Message AskPerson;
    /// A page of a list is no longer there: start at the first.
    PageExpired "page_expired" Message WaitAndRetry;

    // The template.
    TemplateMissing "template_missing" Template FixTemplate;
    /// What was filled in does not fit the template.
    TemplateParameters "template_parameters" Message FixTemplate;
    TemplatePolicy "template_policy" Template FixTemplate;
    /// The template cannot be made or changed like this.
    TemplateInvalid "template_invalid" Template FixTemplate;
    TemplatePaused "template_paused" Template WaitAndRetry;
    TemplateDisabled "template_disabled" Template FixTemplate;
    TemplateSyncing "template_syncing" Template WaitAndRetry;
    TemplateLimitReached "template_limit_reached" Account ContactSupport;
    FormBlocked "form_blocked" Template FixTemplate;
    FormThrottled "form_throttled" Template WaitAndRetry;
    FormRefused "form_refused" Template FixTemplate;

    // What else can be asked.
    BlockListRefused "block_list_refused" Message None;
    GroupRefused "group_refused" Message None;
    CallRefused "call_refused" Pair None;
    CallRateLimited "call_rate_limited" Pair WaitAndRetry;

    // The way there.
    ServiceUnavailable "service_unavailable" Message WaitAndRetry;
    /// No connection to the provider.
    Unreachable "unreachable" Number WaitAndRetry;
    /// A code that this version does not know.
    Unknown "unknown" Message ContactSupport;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_written_in_json_as_it_says() {
        for reason in FailureReason::ALL {
            let json = serde_json::to_value(reason).unwrap();
            assert_eq!(json, reason.as_str(), "{reason:?}");
        }
    }

    #[test]
    fn reasons_say_what_stops_and_what_helps() {
        use FailureReason as R;
        for (reason, stops, helps) in [
            (
                R::WindowClosed,
                FailureScope::Message,
                NextStep::UseTemplate,
            ),
            (
                R::PairRateLimited,
                FailureScope::Pair,
                NextStep::WaitAndRetry,
            ),
            (
                R::PaymentProblem,
                FailureScope::Account,
                NextStep::FixPayment,
            ),
            (
                R::TokenInvalid,
                FailureScope::Token,
                NextStep::RenewCredentials,
            ),
            (
                R::TemplatePaused,
                FailureScope::Template,
                NextStep::WaitAndRetry,
            ),
            (R::AppRateLimited, FailureScope::App, NextStep::WaitAndRetry),
        ] {
            assert_eq!(scope(reason), stops, "{reason:?}");
            assert_eq!(next_step(reason), helps, "{reason:?}");
        }
    }
}
