//! The phone's page is built by the web folder. A build without it must still compile, so the folder is made here when it is missing; the sandbox then says that the page was not built.

fn main() {
    let page = std::path::Path::new("../../web/dist/phone");
    println!("cargo:rerun-if-changed={}", page.display());
    if let Err(error) = std::fs::create_dir_all(page) {
        println!("cargo:warning=could not make {}: {error}", page.display());
    }
}
