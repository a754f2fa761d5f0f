import { FileSpreadsheet, FileText, Image, ImagePlus, MapPin, Megaphone, MessageCircleQuestion, Sticker as StickerIcon, UserRound, type LucideIcon } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Face } from '@/components/face';
import { Phone as PhoneNumber } from '@/components/bdi';
import { Button } from '@/components/button';
import { Field } from '@/components/field';
import { locale, t, useLocale } from '@/i18n';
import { bytes, fileName } from '@/lib/format';
import { p, spoken } from '../i18n';
import type { Upload } from '../model/api';
import { usePersons } from '../model/queries';
import { ads, drawSticker, places, samplePdf, samplePhoto, stickers } from '../model/samples';
import type { Message } from '../model/types';
import { sendContact, sendMedia, sendPlace, sendUnsupported } from './actions';
import { usePhone } from './context';
import { Document } from './media';

function Row({ children, onClick, lead }: { children: React.ReactNode; onClick: () => void; lead: React.ReactNode }) {
  return (
    <button type="button" onClick={onClick} className="focus-inset -mx-2 flex min-h-14 w-[calc(100%+1rem)] items-center gap-3 rounded-10 border-b border-line px-2 py-2 hover:bg-hover">
      {lead}<span className="min-w-0 flex-1">{children}</span>
    </button>
  );
}

const Square = ({ icon: Icon, tone = 'bg-brand-soft text-brand-ink' }: { icon: LucideIcon; tone?: string }) => (
  <span className={`grid size-10 shrink-0 place-items-center rounded-10 ${tone}`}><Icon size={18} strokeWidth={1.75} aria-hidden /></span>
);

/** What can be put beside a message. */
export function AttachMenu({ reply, onFile, done }: { reply: Message | null; onFile: (kind: 'media' | 'document') => void; done: () => void }) {
  useLocale();
  const phone = usePhone();
  const open = (title: string, body: React.ReactNode) => phone.sheet({ title, body });
  const tiles: { id: string; label: string; icon: LucideIcon; tone: string; run: () => void }[] = [
    { id: 'photo', label: p('attach.photo'), icon: Image, tone: 'bg-brand-soft text-brand-ink', run: () => onFile('media') },
    { id: 'document', label: p('attach.document'), icon: FileText, tone: 'bg-info-soft text-info', run: () => onFile('document') },
    { id: 'sample', label: p('attach.sample_photo'), icon: ImagePlus, tone: 'bg-ok-soft text-ok', run: () => void openSamplePhoto(phone, reply) },
    { id: 'pdf', label: p('attach.sample_file'), icon: FileSpreadsheet, tone: 'bg-plum-soft text-plum', run: () => openPreview(phone, reply, { file: samplePdf(), filename: locale() === 'he' ? 'תלוש לדוגמה.pdf' : 'sample-payslip.pdf', kind: 'document' }) },
    { id: 'location', label: p('attach.location'), icon: MapPin, tone: 'bg-bad-soft text-bad', run: () => open(p('attach.location'), <PlaceList reply={reply} />) },
    { id: 'contact', label: p('attach.contact'), icon: UserRound, tone: 'bg-warn-soft text-warn', run: () => open(p('attach.contact'), <ContactPicker reply={reply} />) },
    { id: 'sticker', label: p('attach.sticker'), icon: StickerIcon, tone: 'bg-bot text-bot-ink', run: () => open(p('attach.sticker'), <StickerPicker reply={reply} />) },
    { id: 'ad', label: p('attach.ad'), icon: Megaphone, tone: 'bg-rose-soft text-rose', run: () => open(p('ad.title'), <AdPicker />) },
    { id: 'poll', label: p('attach.poll'), icon: MessageCircleQuestion, tone: 'bg-grey-soft text-ink-2', run: () => { phone.sheet(null); void sendUnsupported(phone); } },
  ];
  return (
    <div className="grid grid-cols-3 gap-x-1 gap-y-2 pt-2 pb-4">
      {tiles.map((tile) => (
        <button key={tile.id} type="button" onClick={() => { tile.run(); done(); }} className="flex flex-col items-center gap-1.5 rounded-12 p-2 text-12 hover:bg-hover">
          <span className={`grid size-12 place-items-center rounded-16 ${tile.tone}`}><tile.icon size={20} strokeWidth={1.75} aria-hidden /></span>
          <span className="text-center leading-4">{tile.label}</span>
        </button>
      ))}
    </div>
  );
}

type PhoneOf = ReturnType<typeof usePhone>;

export async function openSamplePhoto(phone: PhoneOf, reply: Message | null) {
  openPreview(phone, reply, { file: await samplePhoto(), filename: 'photo.jpg', kind: 'image' });
}

export function openPreview(phone: PhoneOf, reply: Message | null, upload: Upload) {
  phone.sheet({ title: p('preview.title'), body: <Preview upload={upload} reply={reply} /> });
}

export function kindOf(file: File, asDocument: boolean): Upload['kind'] {
  if (asDocument) return 'document';
  if (/^image\/(jpeg|png|webp)/.test(file.type)) return 'image';
  return file.type.startsWith('video/') ? 'video' : file.type.startsWith('audio/') ? 'audio' : 'document';
}

/** What will be sent, and a caption for it. */
function Preview({ upload, reply }: { upload: Upload; reply: Message | null }) {
  useLocale();
  const phone = usePhone();
  const [caption, setCaption] = useState('');
  // Not given back: the bubble that follows shows the same file.
  const [url] = useState(() => URL.createObjectURL(upload.file));
  const media = { id: '', url, mime_type: upload.file.type, size_bytes: upload.file.size };
  return (
    <form
      className="flex flex-col gap-3 pt-1 pb-3"
      onSubmit={(event) => {
        event.preventDefault();
        phone.sheet(null);
        phone.setMode(null);
        void sendMedia(phone, { ...upload, ...(caption.trim() ? { caption: caption.trim() } : {}) }, reply);
      }}
    >
      {upload.kind === 'image' && url && <img src={url} alt={p('preview.alt')} className="max-h-72 w-full rounded-12 bg-grey-soft object-contain" />}
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- a person's own film has none */}
      {upload.kind === 'video' && url && <video src={url} controls aria-label={p('preview.alt')} className="max-h-72 w-full rounded-12" />}
      {(upload.kind === 'document' || upload.kind === 'audio') && url && <Document media={media} filename={upload.filename} className="w-full" />}
      <p className="text-12 text-ink-2"><bdi>{fileName(upload.filename)}</bdi> · <bdi dir="ltr">{bytes(upload.file.size)}</bdi></p>
      {upload.kind !== 'audio' && <Field label={p('preview.caption')} value={caption} onChange={(event) => setCaption(event.target.value)} size="large" autoComplete="off" />}
      <Button tone="filled" size="large" type="submit" className="w-full rounded-full">{t('action.send')}</Button>
    </form>
  );
}

export function PlaceList({ reply }: { reply: Message | null }) {
  useLocale();
  const phone = usePhone();
  return (
    <div className="pb-3">
      {places.map((place) => (
        <Row key={place.id} lead={<Square icon={MapPin} />} onClick={() => { phone.sheet(null); phone.setMode(null); void sendPlace(phone, place, reply); }}>
          <span className="block font-medium">{place.name[locale()]}</span>
          <span className="block text-12 text-ink-2">{place.address[locale()]}</span>
        </Row>
      ))}
      <p className="pt-2 text-12 text-ink-2">{p('location.hint')}</p>
    </div>
  );
}

function ContactPicker({ reply }: { reply: Message | null }) {
  useLocale();
  const phone = usePhone();
  const persons = usePersons().data?.filter((person) => person.id !== phone.person.id && person.phone) ?? [];
  return (
    <div className="pb-3">
      {persons.map((person) => (
        <Row key={person.id} lead={<Face id={person.id} name={person.name} size={40} />} onClick={() => { phone.sheet(null); phone.setMode(null); void sendContact(phone, person.name, person.phone!, reply); }}>
          <span dir="auto" className="by-layout block font-medium">{person.name}</span>
          <PhoneNumber value={person.phone} className="text-12 text-ink-2" />
        </Row>
      ))}
    </div>
  );
}

function StickerPicker({ reply }: { reply: Message | null }) {
  useLocale();
  const phone = usePhone();
  const words = p('sticker.thanks');
  const [drawn, setDrawn] = useState<{ name: (typeof stickers)[number]; file: Blob; url: string }[]>([]);
  useEffect(() => {
    let gone = false;
    const made: string[] = [];
    void Promise.all(stickers.map(async (name) => ({ name, file: await drawSticker(name, words) }))).then((all) => {
      if (!gone) setDrawn(all.map((item) => ({ ...item, url: made[made.push(URL.createObjectURL(item.file)) - 1]! })));
    });
    return () => {
      gone = true;
      for (const url of made) URL.revokeObjectURL(url);
    };
  }, [words]);
  return (
    <div className="grid min-h-28 grid-cols-3 gap-2 pt-1 pb-4">
      {drawn.map((item) => (
        <button
          key={item.name} type="button" aria-label={spoken(`sticker.${item.name}`)} className="grid place-items-center rounded-12 p-2 hover:bg-hover"
          onClick={() => { phone.sheet(null); phone.setMode(null); void sendMedia(phone, { file: item.file, filename: `${item.name}.webp`, kind: 'sticker' }, reply); }}
        >
          <img src={item.url} alt="" className="size-20" />
        </button>
      ))}
    </div>
  );
}

function AdPicker() {
  useLocale();
  const phone = usePhone();
  return (
    <div className="flex flex-col gap-3 pb-4">
      <p className="text-13 text-ink-2">{p('ad.body')}</p>
      {ads.map((ad) => (
        <button key={ad.id} type="button" onClick={() => { phone.sheet(null); phone.setAd(ad); }} className="overflow-hidden rounded-12 border border-line-2 hover:bg-hover">
          <AdPicture id={ad.id} />
          <span className="block p-3">
            <span className="block font-semibold">{ad.headline[locale()]}</span>
            <span className="block text-12 text-ink-2">{ad.body[locale()]}</span>
            <span className="mt-2 inline-flex h-8 items-center rounded-9 bg-brand-soft px-3 text-13 font-semibold text-brand-ink">{p('ad.write')}</span>
          </span>
        </button>
      ))}
    </div>
  );
}

export function AdPicture({ id }: { id: string }) {
  const first = id.includes('first');
  return (
    <svg viewBox="0 0 280 92" aria-hidden className={`block w-full ${first ? 'bg-info-soft' : 'bg-warn-soft'}`}>
      <path d="M0 92V74h280v18z" className="fill-surface" opacity="0.7" />
      {first
        ? <g className="fill-info"><path d="M104 76V44l36-24 36 24v32z" opacity="0.25" /><path d="M94 46l46-31 46 31-5 7-41-28-41 28z" /><path d="M131 76V56h18v20z" /></g>
        : <g className="fill-warn"><path d="M92 76V56h20v20zM124 76V44h20v32zM156 76V30h20v46z" opacity="0.3" /><path d="M90 26l48 14 46 22 4-8-47-23-49-14z" /></g>}
    </svg>
  );
}
