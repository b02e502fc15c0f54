// The console: the menu of narrow windows.
const side = document.querySelector(".side");
const menu = document.querySelector("[data-menu]");
if (side && menu) {
  const fold = (folded) => {
    side.classList.toggle("folded", folded);
    menu.setAttribute("aria-expanded", String(!folded));
  };
  const narrow = matchMedia("(max-width: 760px)");
  const fit = () => { menu.hidden = !narrow.matches; fold(narrow.matches); };
  menu.addEventListener("click", () => fold(!side.classList.contains("folded")));
  narrow.addEventListener("change", fit);
  fit();
}
