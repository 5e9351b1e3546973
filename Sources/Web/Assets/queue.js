// The queue without loading it anew: an answer is sent as its form would send it, the page that comes back is put in the
// place of this one, and the focus goes to the next request. Without this script the same forms and links load pages.

const told = document.createElement("p"); // stays while the rest is replaced, so that it is read out
told.className = "visually-hidden";
told.setAttribute("role", "status");
document.querySelector("main").append(told);
let busy = false;

const rows = () => [...document.querySelectorAll("tr.request")];
const current = () => {
  const row = document.activeElement?.closest("tr.request, tr.answer");
  return row?.matches(".answer") ? row.previousElementSibling : row;
};

// What was typed and ticked here, in the page that takes its place.
function keep(fresh) {
  for (const field of document.querySelectorAll("textarea[form=answers], #answers textarea")) {
    const again = field.value && fresh.querySelector(`#${CSS.escape(field.id)}`);
    if (!again || again.value) continue;
    again.value = field.value;
    again.closest("details")?.setAttribute("open", "");
  }
  for (const box of document.querySelectorAll("input[name=item]:checked")) {
    const again = fresh.querySelector(`input[name=item][value="${CSS.escape(box.value)}"]`);
    if (again) again.checked = true;
  }
}

// Puts a page in the place of this one. False where it is another kind of page, such as the one for signing in.
async function show(answer, keeps) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector(".content");
  if (!fresh || page.body.className !== document.body.className) return false;
  if (keeps) keep(fresh);
  const notice = fresh.querySelector("[role=status]");
  notice?.removeAttribute("role");
  // opening a field is no reason to lose what can be taken back
  const offer = document.getElementById("notice");
  if (offer && answer.ok && !notice && !fresh.querySelector("[role=alert]")) fresh.prepend(offer);
  document.querySelector(".content").replaceWith(fresh);
  const entries = (of) => [...of.querySelectorAll(".side a[href='/queue']")];
  entries(page).forEach((entry, place) => entries(document)[place]?.replaceWith(entry));
  document.title = page.title;
  if (answer.ok) history.replaceState(null, "", answer.url);
  told.textContent = notice?.textContent ?? "";
  document.dispatchEvent(new Event("fresh"));
  return true;
}

// The focus goes to what is to be read first, else to a place, else to the first request.
function focus(id, control) {
  const place = document.getElementById(id) ?? rows()[0] ?? document.getElementById("requests");
  const wanted = document.querySelector("[data-focus]") ?? (control && place?.querySelector(control)) ?? place;
  wanted?.focus({ focusVisible: true });
}

async function run(request, keeps, fallback, id, control) {
  if (busy) return;
  busy = true;
  try {
    if (await show(await request(), keeps)) focus(id, control);
    else fallback();
  } catch {
    fallback(); // the browser says what is wrong
  } finally {
    busy = false;
  }
}

// A button's row, by which of its controls the answer was given; and where the focus goes then.
function send(form, button, control) {
  const [, then] = (button.value ?? "").split(" then ");
  const key = then ?? form.querySelector("[name=item]")?.value ?? "";
  const body = new URLSearchParams(new FormData(form));
  if (button.name) body.set(button.name, button.value);
  const natively = () => {
    if (button.name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }));
    form.submit();
  };
  // `form.action` would be the buttons of that name
  return run(() => fetch(form.getAttribute("action"), { method: "POST", body }), form.id === "answers", natively,
    `progress-${key.split("-").slice(0, 2).join("-")}`, control);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id !== "answers" && !form.closest("#notice")) return;
  event.preventDefault();
  const button = event.submitter;
  const inRow = form.id === "answers" && button.closest("tr.request");
  send(form, button, inRow ? "button" : button.closest("tr.group") ? "button" : null);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-in-place]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const [address, id] = link.href.split("#");
  // one field is open at a time: what is typed in another is finished first
  const begun = [...document.querySelectorAll("tr.answer textarea")].find((field) => field.value.trim() && field.id !== id);
  if (begun && link.matches("[data-answer]")) return begun.focus();
  run(() => fetch(address), true, () => location.assign(link.href), id);
});

// Keys. They can be turned off, and do nothing while somebody types.
const off = "waymark-keys-off";
const areOn = () => { try { return !localStorage.getItem(off); } catch { return true; } };

function move(step) {
  const all = rows();
  const place = all.indexOf(current());
  all[place < 0 ? 0 : Math.min(Math.max(place + step, 0), all.length - 1)]?.focus({ focusVisible: true });
}

const actions = {
  j: () => move(1),
  k: () => move(-1),
  a: () => {
    const button = current()?.querySelector("button[name=action]");
    if (button && !busy) send(button.form, button);
  },
  r: () => current()?.querySelector("a[data-answer]").click(),
  u: () => document.querySelector("#notice button")?.click(),
  "/": () => document.getElementById("q")?.focus(),
  "?": () => document.getElementById("keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("textarea, select, [contenteditable], input:not([type=checkbox])");
  if (event.key === "Escape" && isTyping && !event.target.value) event.target.closest("tr.answer")?.querySelector("a[data-cancel]").click();
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (!Object.hasOwn(actions, event.key) || !areOn()) return;
  event.preventDefault();
  actions[event.key]();
});

function arm() {
  const open = document.querySelector("[data-keys-open]");
  const box = document.getElementById("keys-on");
  if (!open || !box) return;
  open.hidden = false;
  box.checked = areOn();
  open.addEventListener("click", actions["?"]);
  box.addEventListener("change", () => {
    try { box.checked ? localStorage.removeItem(off) : localStorage.setItem(off, "yes"); } catch { /* no storage: on */ }
  });
}
document.addEventListener("fresh", arm);
arm();
