import { QueryClient } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import type { Conversation, List, Message } from '@/api/types';
import { mergeMessage, patchConversation, putConversation, putMessage } from './cache';
import { parseFrame } from './stream';

const message = (id: string, minute: number, more: Partial<Message> = {}): Message => ({
  id, conversation_id: 'c', direction: 'out', author: { kind: 'user', user_id: 'u', name: null }, content: { kind: 'text', text: id },
  at: `2026-11-22T12:${String(minute).padStart(2, '0')}:00Z`, received_at: null, late: false, delivery: 'sent', send_at: null, receipts: {}, failure: null, reply_to: null,
  reactions: [], edited_at: null, revoked_at: null, forwarded: false, referral: null, media: null, resend_of: null, resent_as: null, pricing: null, ...more,
});
const conversation = (id: string, minute: number, more: Partial<Conversation> = {}): Conversation => ({
  id, version: 1, contact: { id: `k${id}`, version: 1, name: id, display_name: id, profile_name: null, phone: null, username: null, email: null, marketing: { state: 'unknown', at: null } },
  channel: { id: 'ch', name: 'x', phone: null, level: 'business_api', link: 'api' }, lead: null, state: 'open', assignee_id: 'me', unread_count: 0,
  window: { state: 'open', expires_at: null, last_inbound_at: null }, last_message: null, last_at: `2026-11-22T12:${String(minute).padStart(2, '0')}:00Z`, ...more,
});
const pages = <Item>(...lists: Item[][]) => ({ pages: lists.map((items, i) => ({ items, next: i < lists.length - 1 ? String(i) : null }) as List<Item>), pageParams: lists.map(() => null) });
const ids = (client: QueryClient, key: unknown[]) => client.getQueryData<{ pages: List<{ id: string }>[] }>(key)?.pages.map((page) => page.items.map((item) => item.id));

test('ticks never go backwards', () => {
  const read = message('a', 1, { delivery: 'read' });
  expect(mergeMessage(read, message('a', 1, { delivery: 'sent' })).delivery).toBe('read');
  expect(mergeMessage(message('a', 1, { delivery: 'failed' }), message('a', 1, { delivery: 'delivered' })).delivery).toBe('delivered');
});

test('a message finds its place by time, once', () => {
  const client = new QueryClient();
  client.setQueryData(['messages', 'c'], pages([message('d', 40), message('b', 20)], [message('a', 10)]));
  putMessage(client, message('c', 30));
  putMessage(client, message('c', 30));
  putMessage(client, message('e', 50));
  expect(ids(client, ['messages', 'c'])).toEqual([['e', 'd', 'c', 'b'], ['a']]);
});

test('a conversation moves to the top of its lists and leaves those it no longer belongs to', () => {
  const client = new QueryClient();
  client.setQueryData(['conversations', { view: 'mine' }], pages([conversation('a', 30), conversation('b', 20)]));
  client.setQueryData(['conversations', { view: 'unassigned' }], pages<Conversation>([]));
  putConversation(client, conversation('b', 50), 'me');
  expect(ids(client, ['conversations', { view: 'mine' }])).toEqual([['b', 'a']]);
  const undo = patchConversation(client, 'b', { assignee_id: null }, 'me');
  expect(ids(client, ['conversations', { view: 'mine' }])).toEqual([['a']]);
  expect(ids(client, ['conversations', { view: 'unassigned' }])).toEqual([['b']]);
  undo();
  expect(ids(client, ['conversations', { view: 'mine' }])).toEqual([['b', 'a']]);
});

test('a frame of the stream', () => {
  expect(parseFrame('id: 7\nevent: event\ndata: {"seq":7}')).toEqual({ event: 'event', id: '7', data: { seq: 7 } });
  expect(parseFrame(': still here')).toBeNull();
  expect(parseFrame('data: not json')).toBeNull();
});
