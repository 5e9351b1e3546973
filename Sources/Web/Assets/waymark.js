// Comfort on top of pages that work without it: every behaviour is asked for by a data attribute.

// The error summary is read first.
document.querySelector("[data-focus]")?.focus();

// The address is what one would share: it tells of no notice.
function forget() {
  const address = new URL(location);
  const before = address.search;
  for (const name of ["done", "n", "what", "undo", "seal"]) address.searchParams.delete(name);
  if (address.search !== before) history.replaceState(history.state, "", address);
}

// What can be taken back is offered for ten seconds, or as long as somebody is at it.
let fading;
function fade() {
  clearTimeout(fading);
  const notice = document.getElementById("notice");
  const end = () => {
    if (notice.matches(":hover, :focus-within")) fading = setTimeout(end, 2_000);
    else notice.remove();
  };
  if (notice) fading = setTimeout(end, 10_000);
}

// "Approve selected": the buttons say how many, and are of use only with some.
function count() {
  for (const form of document.querySelectorAll("form[data-selection]")) {
    const boxes = boxesOf(form);
    const count = boxes.filter((box) => box.checked).length;
    for (const button of form.querySelectorAll("[data-selection-action]")) {
      button.dataset.label ??= button.textContent.trim();
      button.textContent = count ? `${button.dataset.label} (${count})` : button.dataset.label;
      button.disabled = count === 0;
    }
    const all = document.querySelector(`[data-select-all="${form.id}"]`);
    if (!all) continue;
    all.hidden = false;
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && !all.checked;
  }
}
const boxesOf = (form) => [...form.elements].filter((box) => box.type === "checkbox" && !box.hasAttribute("data-select-all"));
document.addEventListener("change", (event) => {
  const form = document.getElementById(event.target.dataset.selectAll ?? "");
  if (form) for (const box of boxesOf(form)) box.checked = event.target.checked;
  count();
});

// Once at the start, and whenever a script has put a new page or list in place.
function arm() {
  forget();
  fade();
  count();
}
document.addEventListener("fresh", arm);
arm();

// Searching while typing: the results' region is fetched from the form's own address and replaced.
let timer, running;
function asked(form) {
  const address = new URL(form.action);
  address.search = new URLSearchParams([...new FormData(form)].filter(([, value]) => value)).toString();
  return address;
}
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-live]");
  if (!form) return;
  clearTimeout(timer);
  timer = setTimeout(async () => {
    running?.abort();
    running = new AbortController();
    const address = asked(form);
    try {
      const answer = await fetch(address, { signal: running.signal });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(form.dataset.live);
      const region = document.getElementById(form.dataset.live);
      // what was chosen stays chosen where it is still there
      const chosen = region.querySelector("input[type=radio]:checked")?.id;
      if (fresh) region.replaceChildren(...fresh.childNodes);
      form.dataset.shown = address.search;
      if (chosen) document.getElementById(chosen)?.click();
      if (!form.closest("dialog")) history.replaceState(null, "", address);
      document.dispatchEvent(new Event("fresh"));
    } catch (error) {
      if (error.name !== "AbortError") form.requestSubmit();
    }
  }, 200);
});

// How much room is left in a text field.
for (const field of document.querySelectorAll("[data-count]")) {
  const output = document.getElementById(field.dataset.count);
  const update = () => { output.textContent = output.dataset.template.replace("{n}", [...field.value].length); };
  field.addEventListener("input", update);
  update();
}

// A form is sent once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  setTimeout(() => { delete form.dataset.sent; }, 5000);
});

// What was typed and not sent is not lost without a question, not by sending another form of the page either.
const typed = new Set();
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-keep]");
  if (form) typed.add(form);
});
document.addEventListener("submit", (event) => { typed.delete(event.target); });
addEventListener("beforeunload", (event) => {
  if ([...typed].some((form) => form.isConnected)) event.preventDefault();
});

// Ctrl K: the page that finds students, cohorts and pages, as a dialog over this one. Its link leads to the same page.
const wayToFind = document.querySelector("a[data-find]");
let finder;
async function find() {
  if (finder) {
    finder.showModal();
    return finder.querySelector("[type=search]").select();
  }
  if (document.querySelector("main #find")) return document.getElementById("q").focus();
  finder = document.createElement("dialog");
  finder.setAttribute("aria-label", wayToFind.firstChild.nextSibling.textContent.trim());
  // A field is there at once: what is typed while the page comes is taken over by the page's own field.
  const early = Object.assign(document.createElement("input"), { type: "search", ariaLabel: finder.ariaLabel });
  finder.append(early);
  finder.addEventListener("click", (event) => { if (event.target === finder) finder.close(); });
  // Enter opens the first that was found; before it is found, the form goes its way to the page of what is found.
  finder.addEventListener("submit", (event) => {
    if ((event.target.dataset.shown ?? "") !== asked(event.target).search) return;
    event.preventDefault();
    finder.querySelector("#found a")?.click();
  });
  finder.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return finder.close(); // a search field would take the first for itself
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const stops = [finder.querySelector("[type=search]"), ...finder.querySelectorAll("#found a")];
    stops[Math.max(0, stops.indexOf(document.activeElement) + step)]?.focus();
  });
  document.body.append(finder);
  finder.showModal();
  early.focus();
  try {
    const answer = await fetch(wayToFind.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = page.getElementById("find");
    // the page below may have a search field of its own
    const field = part.querySelector("[type=search]");
    part.querySelector("label").htmlFor = field.id = "find-q";
    field.value = early.value;
    finder.replaceChildren(part);
    field.focus();
    if (field.value) field.dispatchEvent(new Event("input", { bubbles: true }));
  } catch {
    location.assign(wayToFind.href);
  }
}
wayToFind?.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  find();
});
if (wayToFind) document.addEventListener("keydown", (event) => {
  if (event.key !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  event.preventDefault();
  find();
});
