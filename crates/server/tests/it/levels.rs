//! What each licence level and link may do, over HTTP, against tables that are typed by hand from the product's page
//! and never generated from the code that decides.

mod luck;
mod mailings;
mod own_app;
mod replies;
mod table;
