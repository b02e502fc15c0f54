//! What a form of the staff brought: fields, and files where the form sends some.

use std::collections::BTreeMap;
use std::future::{Ready, ready};

use actix_multipart::Multipart;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::{ErrorBadRequest, ErrorInternalServerError, ErrorPayloadTooLarge};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::StreamExt;

use crate::web::form::Form;

/// The longest form without files.
const LONGEST_FORM: usize = 1 << 20;
/// The longest form with files; some 100,000 cards.
const LONGEST_UPLOAD: usize = 16 << 20;

/// A file somebody chose.
#[derive(Debug, Clone, Default)]
pub struct File {
    /// As the browser calls it.
    pub name: String,
    /// What stands in it.
    pub bytes: Vec<u8>,
}

/// A form whose token was checked.
#[derive(Debug, Clone, Default)]
pub struct Posted {
    /// Its fields.
    pub form: Form,
    /// Its files by field; a field that was left empty is not among them.
    pub files: BTreeMap<String, File>,
}

impl Posted {
    /// A field, empty if it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.form.get(name)
    }

    /// Reads the body of a request.
    pub(super) async fn read(request: &mut ServiceRequest) -> Result<Self, actix_web::Error> {
        let kind = request.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.starts_with("multipart/form-data") {
            let headers = request.headers().clone();
            return Self::of_parts(Multipart::new(&headers, request.take_payload())).await;
        }
        let body = whole(request.take_payload(), LONGEST_FORM).await?;
        let form = Form::parse(&body).map_err(ErrorBadRequest)?;
        Ok(Posted {
            form,
            files: BTreeMap::new(),
        })
    }

    async fn of_parts(mut parts: Multipart) -> Result<Self, actix_web::Error> {
        let mut left = LONGEST_UPLOAD;
        let (mut fields, mut files) = (Vec::new(), BTreeMap::new());
        while let Some(part) = parts.next().await {
            let mut part = part.map_err(ErrorBadRequest)?;
            let told = part.content_disposition();
            let field = told.and_then(|told| told.get_name()).map(str::to_owned);
            let field = field.ok_or_else(|| ErrorBadRequest("a part without a name"))?;
            let file = told.and_then(|told| told.get_filename()).map(str::to_owned);
            let mut bytes = Vec::new();
            while let Some(chunk) = part.next().await {
                let chunk = chunk.map_err(ErrorBadRequest)?;
                left = left
                    .checked_sub(chunk.len())
                    .ok_or_else(|| ErrorPayloadTooLarge("the form is too long"))?;
                bytes.extend_from_slice(&chunk);
            }
            match file {
                None => {
                    let text = String::from_utf8(bytes).map_err(ErrorBadRequest)?;
                    fields.push((field, text));
                }
                Some(name) if !(name.is_empty() && bytes.is_empty()) => {
                    files.insert(field, File { name, bytes });
                }
                Some(_) => {}
            }
        }
        let form = Form::of(fields).map_err(ErrorBadRequest)?;
        Ok(Posted { form, files })
    }
}

async fn whole(mut payload: Payload, most: usize) -> Result<web::BytesMut, actix_web::Error> {
    let mut body = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(ErrorBadRequest)?;
        if body.len() + chunk.len() > most {
            return Err(ErrorPayloadTooLarge("the form is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl FromRequest for Posted {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let checked = request.extensions_mut().remove::<Posted>();
        ready(checked.ok_or_else(|| ErrorInternalServerError("a form that no gate has checked")))
    }
}
