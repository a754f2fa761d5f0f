use std::io::{Cursor, Write};

use bytes::Bytes;
use domain::chat_export::{Choices, Us, Whom};
use jiff::Timestamp;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::container::{CAPS, Caps, Container, IMPORT_LIMIT_BYTES};
use super::digest::digest;

const CHAT: &str = "5.8.2026, 10:00 - Dana: IMG-1.jpg (file attached)\n5.8.2026, 10:01 - Us: hi\n";

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn open(bytes: impl Into<Bytes>) -> Result<Container, &'static str> {
    Container::open(bytes.into(), Some("x.zip"), CAPS).map_err(|refusal| refusal.code)
}

#[test]
fn a_chat_with_its_files() {
    let bytes = zip_of(&[
        ("WhatsApp Chat with Dana.txt", CHAT.as_bytes()),
        ("IMG-1.jpg", b"\xff\xd8\xffpicture"),
        ("__MACOSX/._IMG-1.jpg", b"litter"),
        ("notes.txt", b"a text that somebody sent"),
    ]);
    let mut container = open(bytes).unwrap();
    assert_eq!(container.text, CHAT);
    assert_eq!(container.titles[0], "WhatsApp Chat with Dana.txt");
    assert_eq!(
        container.file("IMG-1.jpg").unwrap().unwrap(),
        b"\xff\xd8\xffpicture"
    );
    assert_eq!(container.file("IMG-2.jpg").unwrap(), None);
    assert!(container.has("notes.txt") && !container.has("._IMG-1.jpg"));
    // `_chat.txt` is iOS's own name, whatever else is there.
    let bytes = zip_of(&[
        ("_chat.txt", CHAT.as_bytes()),
        ("a.txt", b"x"),
        ("b.txt", b"y"),
    ]);
    assert_eq!(open(bytes).unwrap().text, CHAT);
    assert_eq!(open(CHAT.as_bytes().to_vec()).unwrap().text, CHAT);
}

#[test]
fn what_is_no_chat_is_refused() {
    let good = zip_of(&[("_chat.txt", CHAT.as_bytes()), ("IMG-1.jpg", &[7; 5000])]);
    let cut = good[..good.len() / 2].to_vec();
    let mut flipped = good.clone();
    // In the middle of the picture's bytes.
    let place = flipped.len() / 2;
    flipped[place] ^= 0xff;
    let mut locked = good;
    lock(&mut locked);
    for (bytes, code) in [
        (vec![], "file_empty"),
        (b"\xff\xd8\xff\xe0 a picture".to_vec(), "import_not_a_chat"),
        (cut, "import_zip_broken"),
        (b"PK\x03\x04 and nothing more".to_vec(), "import_zip_broken"),
        (locked, "import_zip_locked"),
        (zip_of(&[("a.jpg", b"x")]), "import_zip_no_chat"),
        (
            zip_of(&[("a.txt", b"x"), ("b.txt", b"y")]),
            "import_zip_many_chats",
        ),
        (
            zip_of(&[("_chat.txt", b"x"), ("a/_chat.txt", b"y")]),
            "import_zip_many_chats",
        ),
        (named("../../a.jpg"), "import_zip_path"),
        (named("/etc/a.jpg"), "import_zip_path"),
        (named("..\\a.jpg"), "import_zip_path"),
        (vec![b'x'; IMPORT_LIMIT_BYTES + 1], "import_too_large"),
    ] {
        assert_eq!(open(bytes).err(), Some(code));
    }
    assert!(matches!(
        open(flipped).err(),
        None | Some("import_zip_broken")
    ));
}

/// A zip with a name that no honest program would write.
fn named(name: &str) -> Vec<u8> {
    let honest = "n".repeat(name.len());
    let mut zip = zip_of(&[("_chat.txt", b"x"), (&honest, b"y")]);
    for place in 0..zip.len() - name.len() {
        if &zip[place..place + name.len()] == honest.as_bytes() {
            zip[place..place + name.len()].copy_from_slice(name.as_bytes());
        }
    }
    zip
}

/// Sets the flag of encryption in every header.
fn lock(zip: &mut [u8]) {
    for (magic, flags) in [(&b"PK\x03\x04"[..], 6), (&b"PK\x01\x02"[..], 8)] {
        let places: Vec<usize> = (0..zip.len() - 4)
            .filter(|at| &zip[*at..at + 4] == magic)
            .collect();
        for place in places {
            zip[place + flags] |= 1;
        }
    }
}

#[test]
fn a_bomb_is_counted_while_it_is_unpacked() {
    let zeros = vec![0_u8; 40 * 1024 * 1024];
    let bytes = zip_of(&[("_chat.txt", CHAT.as_bytes()), ("IMG-1.jpg", &zeros)]);
    assert_eq!(open(bytes.clone()).err(), Some("import_zip_bomb"));
    // A header that lies about the size changes nothing.
    let mut lying = bytes;
    let size = (zeros.len() as u32).to_le_bytes();
    let places: Vec<usize> = (0..lying.len() - 4)
        .filter(|at| lying[*at..at + 4] == size)
        .collect();
    assert!(!places.is_empty());
    for place in places {
        lying[place..place + 4].copy_from_slice(&10_u32.to_le_bytes());
    }
    assert!(matches!(
        open(lying).err(),
        Some("import_zip_bomb" | "import_zip_broken")
    ));
    // What may be unpacked in all.
    let small = Caps {
        total_bytes: 100_000,
        ..CAPS
    };
    let noise: Vec<u8> = (0..60_000_u32)
        .flat_map(|n| (n.wrapping_mul(2_654_435_761) >> 7).to_le_bytes())
        .collect();
    let bytes = zip_of(&[("_chat.txt", CHAT.as_bytes()), ("a.jpg", &noise)]);
    let outcome = Container::open(bytes.into(), None, small).map_err(|refusal| refusal.code);
    assert_eq!(outcome.err(), Some("import_zip_bomb"));
    let many: Vec<String> = (0..CAPS.entries).map(|nth| format!("{nth}.jpg")).collect();
    let mut files: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
    files.push(("_chat.txt", CHAT.as_bytes()));
    assert_eq!(open(zip_of(&files)).err(), Some("import_zip_bomb"));
}

#[test]
fn what_a_file_comes_to() {
    let bytes = zip_of(&[
        (
            "WhatsApp Chat with Dana.txt",
            format!("5.8.2026, 9:59 - Messages and calls are end-to-end encrypted.\n{CHAT}")
                .as_bytes(),
        ),
        ("IMG-1.jpg", b"\xff\xd8\xff"),
    ]);
    let choices = Choices {
        us: Us::Named { name: "Us".into() },
        whom: Whom::Unknown,
        date_order: None,
        time_zone: "Asia/Jerusalem".into(),
        make_lead: false,
        include_group: false,
    };
    let now: Timestamp = "2026-11-22T08:00:00Z".parse().unwrap();
    let digest = digest(&open(bytes).unwrap(), &choices, now).unwrap();
    assert_eq!(
        (
            digest.media,
            digest.files,
            digest.planned.len(),
            digest.sample.len()
        ),
        (1, 1, 2, 3)
    );
    assert_eq!(digest.planned[0].at.to_string(), "2026-08-05T07:00:00Z");
    assert!(!digest.planned[0].ours && digest.planned[1].ours);
    assert_eq!(digest.sample[0].kind, "system");
}
