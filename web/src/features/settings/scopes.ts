/** What a key may be allowed, as the API names it. */
export const groups = [
  'conversations.read', 'conversations.write', 'contacts.read', 'contacts.write', 'leads.read', 'leads.write', 'templates.read', 'channels.read', 'events.read',
];
