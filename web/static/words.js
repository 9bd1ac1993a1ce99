// The sentences that the server put into the page, in the reader's language.
const block = document.getElementById("words");
const table = block ? JSON.parse(block.textContent) : {};

export function t(key, values = {}) {
  const text = table[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export const has = (key) => key in table;

// A sentence that is kept in the languages of the house (incident/text.py), in the reader's.
export const inLanguage = (text, lang) => (lang === "zh-Hant" && text.zh_hant) || text[lang.startsWith("zh") ? "zh" : "en"];
