// Order page: countdown, and the state by SSE with polling behind it.
const left = $("left");
const watch = $("watch");

if (left) {
  const begun = Date.now();
  const total = Number(left.dataset.left);
  const clock = left.querySelector("b");
  let told = total <= 60;
  const tick = () => {
    const s = Math.max(0, total - Math.floor((Date.now() - begun) / 1000));
    clock.textContent = String(Math.floor(s / 60)).padStart(2, "0") + ":" + String(s % 60).padStart(2, "0");
    left.classList.toggle("soon", s <= 60);
    if (s <= 60 && !told) { told = true; say(left.dataset.soon); }
    if (s === 0 && watch) watch.classList.add("dead");
    if (s > 0) setTimeout(tick, 1000 - ((Date.now() - begun) % 1000));
  };
  left.hidden = false;
  tick();
}

if (watch) {
  const d = watch.dataset;
  const live = $("live");
  let source = null;
  let timer = 0;
  let failures = 0;
  let moved = false;
  let heard = null;

  // A message that is being written is not thrown away by a page that moves on.
  const writing = () => all("textarea").some((t) => t.value !== t.defaultValue);
  const typing = () => { const a = document.activeElement; return a && a.closest("details[open] form"); };
  const see = (now) => {
    if (moved || writing()) return;
    const other = now.state !== d.state;
    const changed = (now.view || "") !== (d.view || "") && (now.view === "failed" || d.view === "failed");
    const attempt = now.attempt !== undefined && d.attempt !== undefined && String(now.attempt) !== d.attempt;
    if (other || ((changed || attempt) && !typing())) {
      moved = true;
      stop();
      location.replace(d.page);
    } else {
      // What the page says first stands until the server's word changes.
      const news = heard === null ? (now.view || "") !== (d.view || "") : now.text !== heard;
      if (live && now.text && news) live.textContent = now.text;
      heard = now.text;
    }
  };
  const poll = () => fetch(d.status, { headers: { Accept: "application/json" }, cache: "no-store", credentials: "same-origin" })
    .then((r) => { if (!r.ok) throw new Error(r.status); return r.json(); })
    .then((now) => { failures = 0; see(now); })
    .catch(() => { failures += 1; });
  // After the stream has failed: 3 s, and from the third failed poll on up to 30 s.
  const loop = () => {
    clearTimeout(timer);
    timer = setTimeout(() => poll().then(loop), failures < 3 ? 3000 : Math.min(30000, 3000 * 2 ** (failures - 2)));
  };
  const stop = () => {
    clearTimeout(timer);
    if (source) source.close();
    source = null;
  };
  const start = () => {
    stop();
    if (moved || document.hidden) return;
    if (!window.EventSource) { loop(); return; }
    let broken = 0;
    source = new EventSource(d.events);
    source.onmessage = (e) => {
      broken = 0;
      try { see(JSON.parse(e.data)); } catch (_) { poll(); }
    };
    source.onerror = () => {
      broken += 1;
      if (broken >= 3 || source.readyState === 2) { stop(); poll().then(loop); }
    };
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) stop(); else { poll(); start(); }
  });
  addEventListener("pageshow", (e) => { if (e.persisted) { poll(); start(); } });
  addEventListener("pagehide", stop);
  start();
}
