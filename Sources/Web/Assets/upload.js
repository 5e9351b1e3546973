// A form with a file says how much of it has arrived and that it is being read, and then shows whatever comes back: the
// next page, a report, a refusal. Without this script the browser sends the form and waits.

document.addEventListener("submit", (event) => {
  const form = event.target;
  const panel = form.querySelector("[data-upload]");
  if (!panel || event.defaultPrevented) return;
  // another button's own address, or a form in which no file was chosen
  const choices = [...form.querySelectorAll("input[type=file]")];
  if (event.submitter?.hasAttribute("formaction") || choices.length && !choices.some((choice) => choice.files.length)) return;
  event.preventDefault();
  const [bar, status] = [panel.querySelector("progress"), panel.querySelector("[role=status]")];
  const buttons = [...form.querySelectorAll("button")];
  const content = new FormData(form, event.submitter);
  const say = (text) => { status.textContent = text; };
  const release = (text) => {
    bar.hidden = true;
    say(text);
    for (const button of buttons) button.disabled = false;
    delete form.dataset.sent;
  };

  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (step) => {
    if (step.lengthComputable && step.loaded < step.total) bar.value = step.loaded / step.total;
  });
  // The file has arrived; how long the rest takes is not known.
  request.upload.addEventListener("load", () => { bar.removeAttribute("value"); say(panel.dataset.reading); });
  request.addEventListener("error", () => release(panel.dataset.lost));
  request.addEventListener("load", () => {
    const isPage = request.getResponseHeader("Content-Type")?.startsWith("text/html");
    const [here, there] = [new URL(form.action), new URL(request.responseURL)];
    if (isPage && request.status === 200 && here.href !== there.href) { location.assign(there); return; }
    if (!isPage) { release(panel.dataset.lost); return; }
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    document.title = page.title;
    document.body.replaceWith(document.adoptNode(page.body));
    scrollTo(0, 0);
    (document.querySelector("[data-focus]") ?? document.querySelector("main"))?.focus();
  });

  panel.hidden = false;
  bar.hidden = false;
  bar.value = 0;
  say(panel.dataset.sending);
  for (const button of buttons) button.disabled = true;
  request.open("POST", form.action);
  request.send(content);
});
