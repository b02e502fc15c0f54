// Shared by all bundles; each bundle is one function scope.
const $ = (id) => document.getElementById(id);
const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
const say = (text) => { const s = $("say"); if (s) s.textContent = text; };

// Controls that need scripts are in the page but hidden.
all(".js").forEach((el) => { el.hidden = false; });

// The card of a chosen radio button (:has() is younger than our oldest browser).
const mark = () => all(".opt").forEach((o) => o.classList.toggle("on", o.firstElementChild.checked));
document.addEventListener("change", mark);
mark();

// A summary of errors takes the focus, also where autofocus on it is not known.
const errors = $("errors");
if (errors) addEventListener("load", () => { if (document.activeElement !== errors) errors.focus(); });

// A form is sent once; coming back by the history makes its button usable again.
document.addEventListener("submit", (e) => {
  // What opens in another window leaves this form as it is.
  if (e.target.method !== "post" || (e.submitter && e.submitter.formTarget)) return;
  if (e.target.dataset.sent) { e.preventDefault(); return; }
  e.target.dataset.sent = "1";
  setTimeout(() => { delete e.target.dataset.sent; }, 8000);
  const b = e.submitter || e.target.querySelector(".btn");
  if (b) b.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  all("form").forEach((f) => { delete f.dataset.sent; });
  all("[aria-busy]").forEach((b) => b.removeAttribute("aria-busy"));
  mark();
});
