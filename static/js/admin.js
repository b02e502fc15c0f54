// The console: the menu of narrow windows.
const side = document.querySelector(".side");
const menu = document.querySelector("[data-menu]");
if (side && menu) {
  menu.addEventListener("click", () => {
    menu.setAttribute("aria-expanded", String(side.classList.toggle("open")));
  });
}
