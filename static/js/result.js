// Copy one, copy all: goods on the result page, addresses in the console.
const copy = (text, button) => {
  const done = () => {
    const label = button.querySelector("span");
    const before = label.textContent;
    say("");
    say(button.dataset.said);
    if (before === button.dataset.said) return;
    label.textContent = button.dataset.said;
    button.classList.add("did");
    setTimeout(() => { label.textContent = before; button.classList.remove("did"); }, 1800);
  };
  // The in-app browsers and plain http have no clipboard object.
  const old = () => {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "vh";
    area.readOnly = true;
    document.body.appendChild(area);
    area.select();
    const ok = document.execCommand("copy");
    area.remove();
    button.focus();
    if (ok) done();
  };
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, old); else old();
};
document.addEventListener("click", (e) => {
  const one = e.target.closest("[data-copy-one]");
  const every = e.target.closest("#copy-all");
  if (one) copy(one.parentNode.querySelector("[data-copy]").textContent, one);
  if (every) copy(all("[data-copy]").map((c) => c.textContent).join("\n"), every);
});
