import { useCallback, useEffect, useRef, useState } from 'react';
import { wordsFor } from '@/api/client';
import { uploadMedia } from '@/api/messages';
import { t } from '@/i18n';
import { bytes } from '@/lib/format';

export interface Attachment { key: number; file: File; preview: string | null; share: number; mediaId: string | null; problem: string | null; abort: AbortController }

const MB = 1_000_000;

/** What is surely refused is said before a byte is sent; the server says the rest. */
export function problemWith(file: File): string | null {
  if (/\.hei[cf]$/i.test(file.name) || /^image\/hei[cf]$/.test(file.type)) return t('upload.heic');
  const kind = file.type.split('/')[0];
  if (kind === 'image' && !/^image\/(jpeg|png|webp)$/.test(file.type)) return t('upload.type', { type: (file.name.split('.').at(-1) ?? '').toUpperCase() });
  const most = kind === 'image' ? 5 * MB : kind === 'video' || kind === 'audio' ? 16 * MB : 100 * MB;
  return file.size > most ? t('upload.too_big', { size: bytes(file.size), most: bytes(most) }) : null;
}

export function useAttachments() {
  const [items, setItems] = useState<Attachment[]>([]);
  const counter = useRef(0);
  const patch = (key: number, to: Partial<Attachment>) => setItems((old) => old.map((item) => (item.key === key ? { ...item, ...to } : item)));
  const add = useCallback((files: Iterable<File>) => {
    for (const file of files) {
      const problem = problemWith(file);
      const item: Attachment = { key: ++counter.current, file, preview: file.type.startsWith('image/') && !problem ? URL.createObjectURL(file) : null, share: 0, mediaId: null, problem, abort: new AbortController() };
      setItems((old) => [...old, item]);
      if (item.problem) continue;
      uploadMedia(file, (share) => patch(item.key, { share }), item.abort.signal).then(
        (media) => patch(item.key, { share: 1, mediaId: media.problem ? null : media.id, problem: media.problem ? media.problem.mend ?? media.problem.code : null }),
        (error: unknown) => !item.abort.signal.aborted && patch(item.key, { problem: wordsFor(error) }),
      );
    }
  }, []);
  const remove = useCallback((key: number) => setItems((old) => {
    old.find((item) => item.key === key)?.abort.abort();
    return old.filter((item) => item.key !== key);
  }), []);
  const clear = useCallback(() => setItems([]), []);
  const all = useRef(items);
  all.current = items;
  useEffect(() => () => {
    for (const item of all.current) if (item.preview && !item.mediaId) URL.revokeObjectURL(item.preview);
  }, []);
  return { items, add, remove, clear };
}
