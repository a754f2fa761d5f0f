import { useEffect, useState } from 'react';
import { setServerNow } from '@/lib/clock';
import { settle } from './pending';
import { changeChat, keys, putMessage, putPerson, queryClient } from './queries';
import type { Activity, Business, Chat, ChatRow, ClockState, Message, Person, Preset } from './types';

const KEPT = 400;

interface Events {
  message: { person: string; number: string; message: Message };
  chat: { person: string; number: string } & Pick<Chat, 'window' | 'typing_until' | 'unread' | 'blocked' | 'marketing_stopped'>;
  person: Person;
  businesses: { businesses: Business[] };
  activity: Activity;
  clock: ClockState;
  faults: { presets: Preset[] };
  reset: object;
}

const handlers: { [Name in keyof Events]: (data: Events[Name]) => void } = {
  message: ({ person, number, message }) => {
    settle(person, number, message);
    putMessage(person, number, message);
  },
  chat: ({ person, number, ...change }) => {
    changeChat(person, number, change);
    queryClient.setQueryData<ChatRow[]>(keys.chats(person), (rows) => rows?.map((row) => (row.number === number ? { ...row, unread: change.unread } : row)));
  },
  person: (person) => putPerson(person),
  businesses: ({ businesses }) => queryClient.setQueryData(keys.businesses, businesses),
  activity: (activity) =>
    queryClient.setQueryData<Activity[]>(keys.activity, (items) => items && (items.some((other) => other.seq === activity.seq) ? items : [...items, activity].slice(-KEPT))),
  clock: (clock) => {
    setServerNow(clock.now);
    queryClient.setQueryData(keys.clock, clock);
  },
  faults: ({ presets }) => queryClient.setQueryData(keys.presets, presets),
  reset: () => void queryClient.invalidateQueries(),
};

/** There is no replay: after a gap everything that is shown is asked for again. */
export function useLive(): boolean {
  const [lost, setLost] = useState(false);
  useEffect(() => {
    let missed = false;
    let source: EventSource;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      source = new EventSource('/phone/api/live');
      source.onopen = () => {
        setLost(false);
        if (missed) void queryClient.invalidateQueries();
        missed = false;
      };
      source.onerror = () => {
        missed = true;
        setLost(true);
        if (source.readyState !== EventSource.CLOSED) return;
        retry = setTimeout(open, 2000);
      };
      for (const name of Object.keys(handlers) as (keyof Events)[]) {
        source.addEventListener(name, (event: MessageEvent<string>) => (handlers[name] as (data: unknown) => void)(JSON.parse(event.data)));
      }
    };
    open();
    return () => {
      clearTimeout(retry);
      source.close();
    };
  }, []);
  return lost;
}
