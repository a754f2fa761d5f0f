//! Holds the direction between the crates: who may lean on whom, and what each must not know.
//!
//! It lives here because this crate compiles first, so the answer comes before the long builds.
//! The table is typed by hand from `docs/decisions/0001-house.md`; change both, with the reason there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

struct Place {
    name: &'static str,
    leans_on: &'static [&'static str],
    /// For tests only, beside `leans_on`.
    in_tests: &'static [&'static str],
}

const PLACES: &[Place] = &[
    Place {
        name: "domain",
        leans_on: &[],
        in_tests: &[],
    },
    Place {
        name: "store",
        leans_on: &["domain"],
        in_tests: &[],
    },
    Place {
        name: "whatsapp",
        leans_on: &["domain"],
        in_tests: &["sandbox"],
    },
    Place {
        name: "app",
        leans_on: &["domain", "store", "whatsapp"],
        in_tests: &["sandbox"],
    },
    // Written from the reference alone: a field misspelt in `whatsapp` must not be misspelt here by inheritance.
    Place {
        name: "sandbox",
        leans_on: &[],
        in_tests: &[],
    },
    Place {
        name: "server",
        leans_on: &["app", "domain", "sandbox", "store", "whatsapp"],
        in_tests: &[],
    },
    Place {
        name: "bench",
        leans_on: &["app", "domain", "sandbox", "server", "store", "whatsapp"],
        in_tests: &[],
    },
];

#[test]
fn crates_lean_inward_only() {
    let crates = crates();
    let ours: BTreeSet<&str> = crates.keys().map(String::as_str).collect();
    let placed: BTreeSet<&str> = PLACES.iter().map(|place| place.name).collect();
    assert_eq!(ours, placed, "every crate has its place in this table");

    for place in PLACES {
        let manifest = &crates[place.name];
        for dependency in manifest.dependencies(&ours) {
            assert!(
                place.leans_on.contains(&dependency),
                "{} may not depend on {dependency}",
                place.name
            );
        }
        for dependency in manifest.test_dependencies(&ours) {
            // A crate names itself to get its own test features.
            let itself = dependency == place.name;
            assert!(
                itself
                    || place.leans_on.contains(&dependency)
                    || place.in_tests.contains(&dependency),
                "{} may not depend on {dependency}, not even in its tests",
                place.name
            );
        }
    }
}

#[test]
fn the_domain_has_no_clock_no_chance_no_world() {
    let domain = &crates()["domain"];
    for outside in [
        "tokio",
        "reqwest",
        "rusqlite",
        "tokio-postgres",
        "axum",
        "futures-util",
        "object_store",
        "getrandom",
        "rand",
    ] {
        assert!(
            !domain.normal.contains(outside),
            "domain may not depend on {outside}"
        );
    }
    for (file, line, words) in code_of("domain") {
        for banned in [
            "async",
            "await",
            "SystemTime",
            "Instant",
            "std::fs",
            "std::net",
            "std::env",
            "std::process",
            "std::thread",
            "Timestamp::now",
            "ZonedDateTime::now",
            "TimeZone::system",
        ] {
            assert!(
                !speaks_of(&words, banned),
                "{}:{line}: domain is pure, but here is `{banned}`",
                file.display()
            );
        }
    }
}

#[test]
fn only_the_store_knows_a_database() {
    let drivers = ["rusqlite", "tokio-postgres", "deadpool-postgres"];
    // `bench` measures us against a bare baseline and fills ten million rows in bulk.
    for (name, manifest) in crates()
        .iter()
        .filter(|(name, _)| !["store", "bench"].contains(&name.as_str()))
    {
        for driver in drivers {
            assert!(
                !manifest.normal.contains(driver),
                "{name} may not depend on {driver}: that is `store`'s"
            );
        }
        for (file, line, words) in code_of(name) {
            let at = file.display();
            for driver in drivers.map(|driver| driver.replace('-', "_")) {
                assert!(
                    !speaks_of(&words, &driver),
                    "{at}:{line}: `{driver}` is `store`'s"
                );
            }
            for sql in ["INSERT INTO ", "DELETE FROM ", "CREATE TABLE "] {
                assert!(!words.contains(sql), "{at}:{line}: SQL is `store`'s");
            }
        }
    }
}

#[test]
fn the_inner_crates_know_no_http_server() {
    let crates = crates();
    for name in ["domain", "store", "whatsapp", "app"] {
        for outside in ["axum", "tower-http", "hyper", "utoipa"] {
            assert!(
                !crates[name].normal.contains(outside),
                "{name} may not depend on {outside}: that is `server`'s"
            );
        }
    }
}

/// The names under `[dependencies]` and its like, and those under `[dev-dependencies]`.
struct Manifest {
    normal: BTreeSet<String>,
    tests: BTreeSet<String>,
}

impl Manifest {
    fn dependencies<'a>(&'a self, ours: &'a BTreeSet<&str>) -> impl Iterator<Item = &'a str> {
        self.normal
            .iter()
            .map(String::as_str)
            .filter(|name| ours.contains(name))
    }

    fn test_dependencies<'a>(&'a self, ours: &'a BTreeSet<&str>) -> impl Iterator<Item = &'a str> {
        self.tests
            .iter()
            .map(String::as_str)
            .filter(|name| ours.contains(name))
    }
}

fn crates() -> BTreeMap<String, Manifest> {
    fs::read_dir(crates_folder())
        .expect("the crates' folder is there")
        .map(|entry| entry.expect("its entries can be read").path())
        .filter(|path| path.join("Cargo.toml").is_file())
        .map(|path| {
            let name = path
                .file_name()
                .expect("a folder has a name")
                .to_string_lossy()
                .into_owned();
            let text = fs::read_to_string(path.join("Cargo.toml")).expect("a manifest is text");
            (name, read_manifest(&text))
        })
        .collect()
}

/// Enough TOML for our manifests: `name = …`, `name.workspace = …` and `[dependencies.name]`.
fn read_manifest(text: &str) -> Manifest {
    let mut manifest = Manifest {
        normal: BTreeSet::new(),
        tests: BTreeSet::new(),
    };
    let mut section = "";
    for line in text.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            section = header.trim_end_matches(']');
            if let Some((kind, name)) = section.rsplit_once("dependencies.") {
                manifest.add(kind, name);
            }
        } else if let Some(kind) = section.strip_suffix("dependencies")
            && let Some((name, _)) = line.split_once('=')
        {
            manifest.add(kind, name.split('.').next().unwrap_or(name));
        }
    }
    manifest
}

impl Manifest {
    fn add(&mut self, kind: &str, name: &str) {
        let names = if kind.ends_with("dev-") {
            &mut self.tests
        } else {
            &mut self.normal
        };
        names.insert(name.trim().trim_matches('"').to_owned());
    }
}

/// Every line of a crate's sources, without its comment.
fn code_of(name: &str) -> Vec<(PathBuf, usize, String)> {
    let mut lines = Vec::new();
    let mut folders = vec![crates_folder().join(name).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a crate has sources") {
            let path = entry.expect("its entries can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("sources are text");
                for (index, line) in text.lines().enumerate() {
                    lines.push((path.clone(), index + 1, without_comment(line).to_owned()));
                }
            }
        }
    }
    lines
}

/// An address in a string (`https://…`) is not a comment.
fn without_comment(line: &str) -> &str {
    match line
        .match_indices("//")
        .find(|(at, _)| !line[..*at].ends_with(':'))
    {
        Some((at, _)) => &line[..at],
        None => line,
    }
}

/// `async` is spoken of in `async fn`, but not in `asynchronous`.
fn speaks_of(line: &str, word: &str) -> bool {
    let part_of_a_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(part_of_a_word)
            && !line[at + word.len()..].starts_with(part_of_a_word)
    })
}

fn crates_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("crates/domain has a parent")
        .to_owned()
}

#[test]
fn the_reading_of_manifests_itself() {
    let manifest = read_manifest(
        "[package]\nname = \"x\"\n[dependencies]\na = \"1\"\nb.workspace = true\n[dependencies.c]\nversion = \"1\"\n\
         [target.'cfg(unix)'.dependencies]\nd = \"1\"\n[dev-dependencies]\ne = { workspace = true }\n[build-dependencies]\nf = \"1\"\n",
    );
    let names = |set: &BTreeSet<String>| set.iter().cloned().collect::<String>();
    assert_eq!(names(&manifest.normal), "abcdf");
    assert_eq!(names(&manifest.tests), "e");
    assert!(speaks_of("pub async fn x()", "async") && !speaks_of("asynchronous", "async"));
    assert_eq!(
        without_comment("x(\"https://a\") // b"),
        "x(\"https://a\") "
    );
}
