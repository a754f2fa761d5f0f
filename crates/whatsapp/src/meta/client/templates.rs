//! Templates of an account. (Meta, templates page, 2026-06.)

use serde_json::Value;

use super::Client;
use crate::meta::answers::{Page, TemplateCreated, TemplateInfo};
use crate::provider::{CallError, Secret};

const FIELDS: &str = "id,name,language,status,category,sub_category,previous_category,correct_category,\
                      parameter_format,components,quality_score,rejected_reason,message_send_ttl_seconds";
/// Templates in one page; Meta's default is 25.
const PAGE: &str = "100";

impl Client {
    /// A page of an account's templates. `after` is the `next` of the page before.
    ///
    /// # Errors
    /// As every call; `page_expired` means: begin again without `after`.
    pub async fn templates(
        &self,
        waba_id: &str,
        token: &Secret,
        after: Option<&str>,
    ) -> Result<Page<TemplateInfo>, CallError> {
        let mut query = vec![("fields", FIELDS), ("limit", PAGE)];
        query.extend(after.map(|after| ("after", after)));
        let url = self.url(&[waba_id, "message_templates"], &query);
        self.page(self.http.get(url), token).await
    }

    /// # Errors
    /// As every call.
    pub async fn template(
        &self,
        token: &Secret,
        template_id: &str,
    ) -> Result<TemplateInfo, CallError> {
        let url = self.url(&[template_id], &[("fields", FIELDS)]);
        self.read(self.http.get(url), token).await
    }

    /// Hands a template in for review. At most 100 in an hour for an account.
    ///
    /// # Errors
    /// As every call.
    pub async fn create_template(
        &self,
        waba_id: &str,
        token: &Secret,
        template: &Value,
    ) -> Result<TemplateCreated, CallError> {
        let url = self.url(&[waba_id, "message_templates"], &[]);
        self.read(self.http.post(url).json(template), token).await
    }

    /// Changes a template; `components` are replaced as a whole. An approved one once in 24 hours.
    ///
    /// # Errors
    /// As every call.
    pub async fn edit_template(
        &self,
        token: &Secret,
        template_id: &str,
        changes: &Value,
    ) -> Result<(), CallError> {
        let url = self.url(&[template_id], &[]);
        self.done(self.http.post(url).json(changes), token).await
    }

    /// Deletes one language of a template, or all of them without `template_id`. The name is locked for 30 days.
    ///
    /// # Errors
    /// As every call.
    pub async fn delete_template(
        &self,
        waba_id: &str,
        token: &Secret,
        name: &str,
        template_id: Option<&str>,
    ) -> Result<(), CallError> {
        let mut query = vec![("name", name)];
        query.extend(template_id.map(|id| ("hsm_id", id)));
        let url = self.url(&[waba_id, "message_templates"], &query);
        self.done(self.http.delete(url), token).await
    }

    /// Ends a pause that pacing made; other pauses end by themselves.
    ///
    /// # Errors
    /// As every call.
    pub async fn unpause_template(
        &self,
        token: &Secret,
        template_id: &str,
    ) -> Result<(), CallError> {
        let url = self.url(&[template_id, "unpause"], &[]);
        self.done(self.http.post(url), token).await
    }
}
