// Says what is odd about a milestone's dates while they are chosen. Without this script it is said after saving.

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-today]");
  if (!form) return;
  const { today, relative } = form.dataset;
  const due = form.elements.dueOn.value;
  const boxes = [...form.querySelectorAll("[name=reminders]:checked")];
  const isPast = due !== "" && due < today;
  const before = (days) => new Date(Date.parse(due) - days * 86_400_000).toISOString().slice(0, 10);
  const late = due && !isPast ? boxes.filter((box) => before(Number(box.value)) < today) : [];
  const show = (name, isShown) => { form.querySelector(`[data-caution=${name}]`).hidden = !isShown; };
  show("none", boxes.length > 0 && !due && !relative);
  show("past", isPast);
  show("late", late.length > 0);
  form.querySelector("[data-caution=late] span").textContent = late.map((box) => box.labels[0].textContent).join(", ");
});
