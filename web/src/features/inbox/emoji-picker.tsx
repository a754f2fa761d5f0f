const sets = ['😀 😊 🙂 😉 😍 😘 😂 🤣 😅 😎 🤔 😐 😮 😢 😭 😡 🙄 😴 🤗 🥳', '👍 👎 👌 ✌️ 🙏 👏 💪 🤝 👋 🙌 ☝️ 👇 👉 👈 ✍️ 🫶', '❤️ 🧡 💛 💚 💙 💜 🖤 🤍 💔 ✨ ⭐ 🔥 🎉 🎂 🎁 🌹 🌸 ☀️ 🌙 ☕', '✅ ❌ ❗ ❓ ⏰ 📅 📎 📄 📞 📱 💬 📍 🏠 🏦 💰 💳 🔑 🚗 ✈️ 🛡️'];

/** A small set of what people answer with; the system's own picker has the rest. */
export default function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  return (
    <div className="w-80 p-2">
      {sets.map((set) => (
        <div key={set} className="grid grid-cols-10 border-b border-line py-1 last:border-0">
          {set.split(' ').map((emoji) => <button key={emoji} type="button" onClick={() => onPick(emoji)} className="grid size-7.5 place-items-center rounded-7 text-16 hover:bg-hover">{emoji}</button>)}
        </div>
      ))}
    </div>
  );
}
