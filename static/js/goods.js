// The form of a product: what buyers would see follows what is typed.
const glimpse = $("glimpse");
const goods = $("goods");
if (glimpse && goods) {
  let later = 0;
  const refresh = () => {
    const body = new URLSearchParams(new FormData(goods));
    body.set("part", "1");
    // Without an answer the last one stays: the form itself is not touched.
    fetch(glimpse.dataset.from, { method: "POST", body }).then((reply) => reply.ok && reply.text())
      .then((html) => { if (html) glimpse.innerHTML = html; }, () => {});
  };
  goods.addEventListener("input", () => { clearTimeout(later); later = setTimeout(refresh, 500); });
}
