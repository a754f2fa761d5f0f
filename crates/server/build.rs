//! The screens are built by the web folder. A build without them must still compile, so the folder is made here when it is missing; the server then says that they were not built.

fn main() {
    let screens = std::path::Path::new("../../web/dist/app");
    println!("cargo:rerun-if-changed={}", screens.display());
    if let Err(error) = std::fs::create_dir_all(screens) {
        println!(
            "cargo:warning=could not make {}: {error}",
            screens.display()
        );
    }
}
