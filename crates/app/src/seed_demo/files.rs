//! Small files, drawn here: a payslip that nobody can read, a price offer, three seconds of silence.

use domain::content::MediaKind;

/// A file of the demo.
pub(super) struct DemoFile {
    pub(super) media_kind: MediaKind,
    pub(super) mime_type: &'static str,
    pub(super) filename: Option<&'static str>,
    pub(super) bytes: Vec<u8>,
}

pub(super) fn payslip(shade: u8) -> DemoFile {
    DemoFile {
        media_kind: MediaKind::Image,
        mime_type: "image/png",
        filename: None,
        bytes: picture(shade),
    }
}

pub(super) fn offer() -> DemoFile {
    DemoFile {
        media_kind: MediaKind::Document,
        mime_type: "application/pdf",
        filename: Some("הצעת מחיר – משכנתא.pdf"),
        bytes: page("Sample offer", "This page belongs to a demonstration."),
    }
}

pub(super) fn voice() -> DemoFile {
    DemoFile {
        media_kind: MediaKind::Audio,
        mime_type: "audio/mpeg",
        filename: None,
        bytes: silence(115),
    }
}

const WIDTH: usize = 300;
const HEIGHT: usize = 200;

/// A sheet of paper with lines on a table, as PNG.
#[must_use]
pub fn picture(shade: u8) -> Vec<u8> {
    let palette: [[u8; 3]; 4] = [
        [92_u8.saturating_add(shade), 74, 60],
        [250, 247, 238],
        [196, 194, 186],
        [128, 126, 120],
    ];
    let mut rows = Vec::with_capacity((WIDTH + 1) * HEIGHT);
    for y in 0..HEIGHT {
        rows.push(0);
        for x in 0..WIDTH {
            rows.push(colour(x, y, usize::from(shade)));
        }
    }
    let header = [
        u32::try_from(WIDTH).unwrap_or(0).to_be_bytes().as_slice(),
        u32::try_from(HEIGHT).unwrap_or(0).to_be_bytes().as_slice(),
        // Eight bits a point, from a palette.
        &[8, 3, 0, 0, 0],
    ]
    .concat();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, b"IHDR", &header);
    chunk(&mut png, b"PLTE", &palette.concat());
    chunk(&mut png, b"IDAT", &stored(&rows));
    chunk(&mut png, b"IEND", &[]);
    png
}

fn colour(x: usize, y: usize, shade: usize) -> u8 {
    let on_paper = (40..260).contains(&x) && (18..182).contains(&y);
    if !on_paper {
        return 0;
    }
    let line = (y - 18) / 12;
    let in_line = (y - 18) % 12 >= 7 && (2..12).contains(&line);
    let length = 40 + (line * 37 + shade * 11) % 60;
    let left = (60..60 + length).contains(&x);
    let right = (240 - length / 2..240).contains(&x);
    match (in_line, left, right) {
        (true, true, _) => 3,
        (true, _, true) => 2,
        _ => 1,
    }
}

fn chunk(png: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    png.extend(u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
    let begin = png.len();
    png.extend(name);
    png.extend(data);
    let sum = crc32(&png[begin..]);
    png.extend(sum.to_be_bytes());
}

/// A zlib stream that packs nothing.
fn stored(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut pieces = data.chunks(0xFFFF).peekable();
    while let Some(piece) = pieces.next() {
        let length = u16::try_from(piece.len()).unwrap_or(0);
        out.push(u8::from(pieces.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(piece);
    }
    let (a, b) = data.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    out.extend(((b << 16) | a).to_be_bytes());
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 {
                (sum >> 1) ^ 0xEDB8_8320
            } else {
                sum >> 1
            }
        })
    })
}

/// A PDF of one page with two lines.
fn page(title: &str, line: &str) -> Vec<u8> {
    let content = format!("BT /F1 22 Tf 72 740 Td ({title}) Tj 0 -36 Td /F1 12 Tf ({line}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut pdf = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        places.push(pdf.len());
        pdf.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let table = pdf.len();
    pdf.push_str(&format!(
        "xref\n0 {}\n0000000000 65535 f \n",
        objects.len() + 1
    ));
    for place in places {
        pdf.push_str(&format!("{place:010} 00000 n \n"));
    }
    pdf.push_str(&format!(
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n",
        objects.len() + 1
    ));
    pdf.into_bytes()
}

/// Frames of MPEG 1 layer 3, 128 kbit/s at 44.1 kHz, 26 ms each, with nothing in them.
fn silence(frames: usize) -> Vec<u8> {
    let mut frame = vec![0_u8; 417];
    frame[..4].copy_from_slice(&[0xFF, 0xFB, 0x90, 0x64]);
    frame.repeat(frames)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keep_file::sniff;

    #[test]
    fn the_files_are_what_they_say() {
        for file in [payslip(3), offer(), voice()] {
            assert_eq!(sniff(&file.bytes), Some(file.mime_type));
        }
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}
