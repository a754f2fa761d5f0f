import type { Referral } from './types';

/** Invented ads. Who arrives from one opens a chat with a text that the ad prepared. */
export interface Ad { id: string; referral: Referral; text: { he: string; en: string }; headline: { he: string; en: string }; body: { he: string; en: string } }

export const ads: Ad[] = [
  {
    id: 'first-home',
    headline: { he: 'משכנתא לדירה ראשונה', en: 'A mortgage for a first home' },
    body: { he: 'בדיקת זכאות בעשר דקות, בלי עלות.', en: 'Eligibility checked in ten minutes, free of charge.' },
    text: { he: 'שלום, ראיתי את המודעה שלכם', en: 'Hello, I saw your ad' },
    referral: { source_url: 'https://ads.example/first-home', source_id: '120000000000000101', source_type: 'ad', media_type: 'image', image_url: 'https://ads.example/first-home.jpg', ctwa_clid: 'Aff-EXAMPLE-first-home' },
  },
  {
    id: 'refinance',
    headline: { he: 'מחזור משכנתא, פגישה השבוע', en: 'Refinancing, a meeting this week' },
    body: { he: 'נותרו שמונה פגישות ייעוץ השבוע.', en: 'Eight advisory meetings left this week.' },
    text: { he: 'אפשר לקבל פרטים על מחזור?', en: 'Can I get details on refinancing?' },
    referral: { source_url: 'https://ads.example/refinance', source_id: '120000000000000202', source_type: 'ad', media_type: 'image', image_url: 'https://ads.example/refinance.jpg', ctwa_clid: 'Aff-EXAMPLE-refinance' },
  },
];

export const places = [
  { id: 'port', name: { he: 'נמל תל אביב', en: 'Tel Aviv port' }, address: { he: 'תל אביב', en: 'Tel Aviv' }, latitude: 32.0969, longitude: 34.7737 },
  { id: 'market', name: { he: 'שוק מחנה יהודה', en: 'Mahane Yehuda market' }, address: { he: 'ירושלים', en: 'Jerusalem' }, latitude: 31.7855, longitude: 35.2125 },
  { id: 'gardens', name: { he: 'טיילת בת גלים', en: 'Bat Galim promenade' }, address: { he: 'חיפה', en: 'Haifa' }, latitude: 32.8355, longitude: 34.977 },
];

const INK = '#3c4a47', PAPER = '#fbfaf4', TABLE = '#5b4a3c', TEAL = '#0b6b66', SAND = '#e6dccb';

function canvas(width: number, height: number): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const element = document.createElement('canvas');
  element.width = width;
  element.height = height;
  const context = element.getContext('2d');
  if (!context) throw new Error('no canvas');
  return [element, context];
}

const blob = (element: HTMLCanvasElement, type: string) =>
  new Promise<Blob>((resolve, reject) => element.toBlob((made) => (made ? resolve(made) : reject(new Error('no image'))), type, 0.85));

/** A drawn payslip on a table: a photo as customers send them, of nobody's. */
export function samplePhoto(): Promise<Blob> {
  const [element, c] = canvas(1280, 960);
  c.fillStyle = TABLE;
  c.fillRect(0, 0, 1280, 960);
  c.strokeStyle = 'rgb(0 0 0 / 0.12)';
  c.lineWidth = 5;
  for (let y = 80; y < 960; y += 160) {
    c.beginPath();
    c.moveTo(0, y);
    c.bezierCurveTo(400, y + 18, 800, y - 18, 1280, y + 6);
    c.stroke();
  }
  c.translate(640, 500);
  c.rotate(-0.05);
  c.shadowColor = 'rgb(0 0 0 / 0.4)';
  c.shadowBlur = 40;
  c.fillStyle = PAPER;
  c.fillRect(-400, -540, 800, 1100);
  c.shadowBlur = 0;
  c.fillStyle = TEAL;
  c.fillRect(180, -380, 150, 26);
  c.fillStyle = SAND;
  c.fillRect(-340, -380, 130, 60);
  c.fillStyle = INK;
  c.fillRect(-340, -280, 680, 3);
  for (let row = 0; row < 9; row++) {
    const y = -230 + row * 62;
    c.globalAlpha = 0.55;
    c.fillRect(340 - 150 - (row * 53) % 120, y, 150 + (row * 53) % 120, 17);
    c.globalAlpha = 0.3;
    c.fillRect(-340, y, 90 + (row * 37) % 70, 17);
  }
  c.globalAlpha = 1;
  c.fillStyle = TEAL;
  c.fillRect(-340, 345, 170, 30);
  c.fillRect(190, 345, 150, 30);
  return blob(element, 'image/jpeg');
}

export const stickers = ['thanks', 'thumb', 'heart'] as const;
export type Sticker = (typeof stickers)[number];

/** Stickers of our own: drawn, because a picture file of one is bigger than its drawing. */
export async function drawSticker(name: Sticker, words: string): Promise<Blob> {
  const [element, c] = canvas(512, 512);
  c.translate(256, 256);
  c.lineJoin = 'round';
  const outlined = (path: Path2D, fill: string) => {
    c.lineWidth = 28;
    c.strokeStyle = '#ffffff';
    c.stroke(path);
    c.fillStyle = fill;
    c.fill(path);
  };
  if (name === 'heart') outlined(new Path2D('M0 170C-190 40-190-60-150-120C-105-180-30-170 0-100C30-170 105-180 150-120C190-60 190 40 0 170Z'), '#d0392f');
  else if (name === 'thumb') {
    outlined(new Path2D('M-170-20H-80V170H-170ZM-60-20C0-60 10-110 15-170C70-180 90-110 60-40H150C190-40 190 10 170 20C190 40 180 75 160 80C170 105 155 125 135 130C140 155 125 170 100 170H-20L-60 150Z'), '#c4740c');
  } else {
    const shape = new Path2D();
    shape.roundRect(-215, -110, 430, 220, 110);
    outlined(shape, TEAL);
    c.fillStyle = '#ffffff';
    c.font = '600 110px "Heebo Variable", "Inter Variable", sans-serif';
    c.textAlign = 'center';
    c.textBaseline = 'middle';
    c.fillText(words, 0, 8);
  }
  return blob(element, 'image/webp');
}

/** A page of text as a file that any business can open. */
export function samplePdf(): Blob {
  const body = 'BT /F1 22 Tf 72 740 Td (Sample payslip) Tj 0 -36 Td /F1 13 Tf (Invented data. Made by the sandbox.) Tj ET';
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${body.length} >>\nstream\n${body}\nendstream`, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const at = text.length;
    text += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const table = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer << /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
  return new Blob([text], { type: 'application/pdf' });
}
