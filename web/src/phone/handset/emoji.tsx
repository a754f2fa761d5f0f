import { useLocale } from '@/i18n';
import { p } from '../i18n';

const groups = [
  ['emoji.faces', '😀 😃 😄 😁 😅 😂 🙂 🙃 😉 😊 😍 😘 😎 🤔 🤗 😐 😴 😢 😭 😡 🤯 🥳 😬 🙄'],
  ['emoji.hands', '👍 👎 👌 🙏 👏 🙌 💪 👋 🤝 ✌️ 🤞 👀 🙋‍♀️ 🙋 🤷‍♀️ 🤷'],
  ['emoji.things', '❤️ 💙 💚 💛 🔥 ⭐ ✅ ❌ ❓ ❗ 🎉 🏠 🔑 📄 📷 📍 📅 ⏰ 💰 💳 🚗 ☎️ 📞 ✉️'],
] as const;

export function EmojiGrid({ onPick }: { onPick: (emoji: string) => void }) {
  useLocale();
  return (
    <div className="max-h-64 w-68 overflow-y-auto p-2">
      {groups.map(([key, all]) => (
        <div key={key} role="group" aria-label={p(key)}>
          <p className="px-1 pt-1 text-12 text-ink-3">{p(key)}</p>
          <div className="grid grid-cols-8">
            {all.split(' ').map((emoji) => <button key={emoji} type="button" aria-label={emoji} onClick={() => onPick(emoji)} className="emoji grid size-8 place-items-center rounded-7 text-20 hover:bg-hover">{emoji}</button>)}
          </div>
        </div>
      ))}
    </div>
  );
}
