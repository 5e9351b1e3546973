// Milestones in order: by their buttons without loading the page anew, and by dragging. Without this script the buttons
// send their form.

for (const list of document.querySelectorAll("[data-arrange]")) {
  const status = document.getElementById("arranged");
  let saving = Promise.resolve();

  const update = () => {
    for (const item of list.children) {
      const [up, down] = item.querySelectorAll("button");
      up.disabled = item === list.firstElementChild;
      down.disabled = item === list.lastElementChild;
    }
  };

  // One after another, so that the last order wins.
  const save = (item) => {
    update();
    const milestoneIds = [...list.children].map((entry) => Number(entry.dataset.id));
    const place = [...list.children].indexOf(item) + 1;
    saving = saving.then(async () => {
      try {
        const answer = await fetch(list.dataset.arrange, {
          method: "PUT", headers: { "Content-Type": "application/json", "X-CSRF-Token": list.dataset.csrf },
          body: JSON.stringify({ milestoneIds }),
        });
        if (!answer.ok) throw new Error(answer.status);
        status.className = "visually-hidden";
        status.textContent = list.dataset.moved.replace("{n}", place).replace("{total}", milestoneIds.length)
          .replace("{title}", () => item.dataset.title);
      } catch {
        status.className = "field-error";
        status.textContent = list.dataset.failed;
      }
    });
  };

  list.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button?.name !== "by") return;
    event.preventDefault();
    const item = button.closest("li");
    if (button.value === "1") item.nextElementSibling?.after(item);
    else item.previousElementSibling?.before(item);
    save(item);
    // Moving takes the focus away; at the end only the other button is left.
    (button.disabled ? [...item.querySelectorAll("button")].find((other) => !other.disabled) : button)?.focus();
  });

  let dragged, before;
  for (const item of list.children) {
    item.draggable = true;
    item.querySelector("a").draggable = false;
  }
  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("li");
    if (!dragged) return;
    before = dragged.nextElementSibling;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.title);
    dragged.classList.add("dragged");
  });
  list.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    const over = event.target.closest("li");
    if (!over || over === dragged) return;
    const box = over.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) over.before(dragged); else over.after(dragged);
  });
  list.addEventListener("drop", (event) => { if (dragged) event.preventDefault(); });
  list.addEventListener("dragend", (event) => {
    if (!dragged) return;
    dragged.classList.remove("dragged");
    // Let go outside or broken off by Escape: as it was.
    if (event.dataTransfer.dropEffect === "none") list.insertBefore(dragged, before);
    else if (dragged.nextElementSibling !== before) save(dragged);
    dragged = undefined;
  });
}
