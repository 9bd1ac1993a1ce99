// What an evaluator or a guest has written is not lost without network: it stays in its field, beside which stands that
// it is not in. They press again; a page that tried by itself might write it down twice.
const GIVE_UP_MS = 15000;
let sending = false;
let unsent = null; // a part that is put in place anew may have carried it away

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  event.preventDefault();
  if (!sending) send(form, new URLSearchParams(new FormData(form, event.submitter)));
});

async function send(form, body) {
  unsent = document.getElementById("unsent") ?? unsent;
  sending = true;
  try {
    const limit = AbortSignal.timeout(GIVE_UP_MS);
    const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "text/html" }, signal: limit });
    if (answer.status >= 500) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.querySelector("main").replaceWith(page.querySelector("main"));
    if (!answer.ok) scrollTo(0, 0); // why it was refused
  } catch {
    unsent.hidden = false;
    form.before(unsent);
    delete form.dataset.sent; // what once.js remembers
  }
  sending = false;
}
document.documentElement.dataset.keeps = "1";
