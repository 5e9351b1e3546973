// Says what is odd about a milestone's dates while they are chosen; without this script it is said after saving. And a day and
// a number of days take each other's place.

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-today]");
  if (!form) return;
  const { dueOn, dueAfterDays } = form.elements;
  if (event.target === dueOn && dueOn.value) dueAfterDays.value = "";
  if (event.target === dueAfterDays && dueAfterDays.value) dueOn.value = "";
  const { today } = form.dataset;
  const due = dueOn.value;
  const days = dueAfterDays.value;
  const boxes = [...form.querySelectorAll("[name=reminders]:checked")];
  const isPast = due !== "" && due < today;
  const before = (days) => new Date(Date.parse(due) - days * 86_400_000).toISOString().slice(0, 10);
  const late = due && !isPast ? boxes.filter((box) => before(Number(box.value)) < today) : [];
  const early = !due && days ? boxes.filter((box) => Number(box.value) > Number(days)) : [];
  const show = (name, isShown) => { form.querySelector(`[data-caution=${name}]`).hidden = !isShown; };
  const list = (name, boxes) => {
    show(name, boxes.length > 0);
    form.querySelector(`[data-caution=${name}] span`).textContent = boxes.map((box) => box.labels[0].textContent).join(", ");
  };
  show("none", boxes.length > 0 && !due && !days);
  show("past", isPast);
  list("late", late);
  list("early", early);
});
