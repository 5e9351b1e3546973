// Comfort on top of pages that work without it: every behaviour is asked for by a data attribute.

// The error summary is read first.
document.querySelector("[data-focus]")?.focus();

// "Approve selected": the buttons say how many, and are of use only with some.
for (const form of document.querySelectorAll("form[data-selection]")) {
  const buttons = [...form.querySelectorAll("[data-selection-action]")].map((button) => [button, button.textContent.trim()]);
  const boxes = () => [...form.elements].filter((box) => box.type === "checkbox" && !box.hasAttribute("data-select-all"));
  const all = document.querySelector(`[data-select-all="${form.id}"]`);
  const update = () => {
    const count = boxes().filter((box) => box.checked).length;
    for (const [button, label] of buttons) {
      button.textContent = count ? `${label} (${count})` : label;
      button.disabled = count === 0;
    }
    if (!all) return;
    all.checked = count > 0 && count === boxes().length;
    all.indeterminate = count > 0 && !all.checked;
  };
  if (all) all.hidden = false;
  document.addEventListener("change", (event) => {
    if (event.target === all) for (const box of boxes()) box.checked = all.checked;
    update();
  });
  update();
}

// Searching while typing: the results' region is fetched from the form's own address and replaced.
for (const form of document.querySelectorAll("form[data-live]")) {
  const region = document.getElementById(form.dataset.live);
  let timer, running;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      running?.abort();
      running = new AbortController();
      const address = new URL(form.action);
      address.search = new URLSearchParams(new FormData(form)).toString();
      try {
        const answer = await fetch(address, { signal: running.signal });
        if (!answer.ok || answer.redirected) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById(form.dataset.live);
        // what was chosen stays chosen where it is still there
        const chosen = region.querySelector("input[type=radio]:checked")?.id;
        if (fresh) region.replaceChildren(...fresh.childNodes);
        if (chosen) document.getElementById(chosen)?.click();
        history.replaceState(null, "", address);
      } catch (error) {
        if (error.name !== "AbortError") form.requestSubmit();
      }
    }, 200);
  });
}

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
