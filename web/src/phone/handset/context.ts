import { createContext, type ReactNode, useContext } from 'react';
import type { Ad } from '../model/samples';
import type { Business, Chat, Message, Person } from '../model/types';

export interface SheetContent { title: string; body: ReactNode; footer?: ReactNode; full?: boolean }
export type Mode = { kind: 'reply' | 'edit'; message: Message } | null;

/** One open phone: whose, with whom, and what lies over its screen. */
export interface Phone {
  person: Person; business: Business; chat: Chat;
  sheet: (content: SheetContent | null) => void;
  mode: Mode; setMode: (mode: Mode) => void;
  ad: Ad | null; setAd: (ad: Ad | null) => void;
  notice: (words: string) => void;
}

export const PhoneContext = createContext<Phone | null>(null);

export function usePhone(): Phone {
  const phone = useContext(PhoneContext);
  if (!phone) throw new Error('outside of a phone');
  return phone;
}
