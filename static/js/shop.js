// Product page: quantity buttons, running total, button text. The server's figures decide.
const buy = $("buy");
const qty = $("quantity");
if (buy && qty) {
  const d = buy.dataset;
  const exp = Number(d.exp);

  const figures = (minor) => {
    const digits = String(minor).padStart(exp + 1, "0");
    const whole = digits.slice(0, digits.length - exp).replace(/\B(?=(\d{3})+$)/g, ",");
    return exp ? whole + "." + digits.slice(-exp) : whole;
  };
  const money = (minor) => d.money.replace("{}", figures(minor));
  const chosen = (name) => buy.querySelector(`input[name=${name}]:checked`) || buy.querySelector(`input[name=${name}][type=hidden]`);
  const tiersOf = (v) => v.dataset.tiers.split(",").filter(Boolean).map((t) => t.split(":").map(Number));

  const update = () => {
    const variant = chosen("variant");
    if (!variant) return;
    const max = Number(variant.dataset.max);
    qty.max = max;
    const n = Math.floor(Number(qty.value));
    all("[data-step]", buy).forEach((b) => {
      b.disabled = b.dataset.step < 0 ? n <= Number(qty.min) : n >= max;
    });
    all("[data-for]").forEach((t) => { t.hidden = t.dataset.for !== variant.value; });
    if (!(n > 0)) return;
    let unit = Number(variant.dataset.unit);
    tiersOf(variant).forEach(([from, price]) => { if (n >= from) unit = price; });
    const method = chosen("method");
    const goods = unit * n;
    let total = goods;
    // A fee in parts per million is rounded up; nothing is added to a zero amount.
    if (method && goods > 0) total += Math.ceil(goods * Number(method.dataset.ppm) / 1e6) + Number(method.dataset.fixed);
    if (!Number.isSafeInteger(total)) return;
    const amount = buy.querySelector(".buy-price .amount");
    if (amount) {
      const text = unit ? money(unit) : d.freeWord;
      const at = Math.max(0, text.search(/\d/));
      amount.textContent = "";
      if (at) amount.appendChild(document.createElement("small")).textContent = text.slice(0, at);
      amount.append(text.slice(at));
    }
    $("total").textContent = total ? money(total) : d.freeWord;
    $("pay").textContent = !total ? d.free : method ? d.label.replace("{m}", method.dataset.name).replace("{a}", money(total)) : d.plain.replace("{a}", money(total));
  };

  qty.parentNode.classList.add("live-qty");
  buy.addEventListener("click", (e) => {
    const b = e.target.closest("[data-step]");
    if (!b) return;
    const n = Math.floor(Number(qty.value) || 0) + Number(b.dataset.step);
    qty.value = Math.min(Number(qty.max), Math.max(Number(qty.min), n));
    update();
  });
  buy.addEventListener("input", update);
  buy.addEventListener("change", update);
  addEventListener("pageshow", update);
  update();
}
