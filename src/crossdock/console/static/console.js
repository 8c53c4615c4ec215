// Keeps a page up to date, says when it cannot, and lets a keyboard do everything. The pages work without it.
"use strict";
(() => {
  const badge = document.getElementById("badge");
  const words = badge && badge.querySelector(".words");
  const wants = document.body.dataset.live;
  const SILENT_MS = 6000;
  const PAUSE_MS = 2000;
  let heardAt = 0;
  let isStale = false;

  const clock = (at) => at.toISOString().slice(11, 19);

  function say(state, text) {
    if (!badge || (badge.dataset.state === state && words.textContent === text)) return;
    badge.dataset.state = state;
    words.textContent = text;
  }

  function heard() {
    heardAt = Date.now();
    isStale = false;
    say("live", "live");
  }

  function stale(why) {
    if (!isStale) say("stale", `stale since ${clock(new Date(heardAt || Date.now()))} UTC${why ? `: ${why}` : ""}`);
    isStale = true;
  }

  // A part that a person is working in is left as it is: what was typed, ticked or opened must not vanish.
  function isBusy(part) {
    const focused = document.activeElement;
    if (focused && part.contains(focused) && focused.matches("input, textarea, select, button")) return true;
    return [...part.querySelectorAll("input:not([type=hidden])")].some((field) =>
      field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
  }

  function take(parts) {
    for (const part of parts) {
      const old = part.id && document.getElementById(part.id);
      if (!old || old.innerHTML === part.innerHTML && old.className === part.className || isBusy(old)) continue;
      const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      const opened = [...old.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent);
      old.replaceWith(document.adoptNode(part));
      for (const summary of part.querySelectorAll("details > summary")) {
        if (opened.includes(summary.textContent)) summary.parentElement.open = true;
      }
      if (focused) {
        const again = [...part.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused);
        if (again) again.focus({ preventScroll: true });
      }
    }
  }

  const parsed = (html) => new DOMParser().parseFromString(html, "text/html");
  let isAsking = false;
  let isBehind = false;

  async function askAgain() {
    if (isAsking || document.hidden) { isBehind = true; return; }
    isAsking = true;
    isBehind = false;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.ok) take(parsed(await answer.text()).querySelectorAll("main > section[id], main > div[id]"));
    } catch { /* the stream says that it is gone */ }
    setTimeout(() => { isAsking = false; if (isBehind) askAgain(); }, PAUSE_MS);
  }

  if (badge && wants !== "off" && window.EventSource) {
    const source = new EventSource(wants === "front" ? "/live?of=front" : "/live");
    source.addEventListener("open", heard);
    source.addEventListener("beat", heard);
    source.addEventListener("front", (event) => { heard(); take([...parsed(event.data).body.children]); });
    source.addEventListener("changed", () => { heard(); askAgain(); });
    source.addEventListener("trouble", (event) => stale(event.data));
    source.addEventListener("error", () => stale(""));
    setInterval(() => { if (heardAt && Date.now() - heardAt > SILENT_MS) stale(""); }, 1000);
    document.addEventListener("visibilitychange", () => { if (!document.hidden && isBehind) askAgain(); });
  }

  // -- keyboard ----------------------------------------------------------------------------------------------------

  function step(by) {
    const rows = [...document.querySelectorAll("a[data-row]")].filter((row) => row.offsetParent);
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by));
    rows[next].focus();
    rows[next].scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const field = event.target.closest && event.target.closest("input:not([type=checkbox]), textarea, select");
    if (field) {
      if (event.key === "Escape") field.blur();
      return;
    }
    if (event.key === "/") {
      event.preventDefault();
      const search = document.getElementById("q");
      search.focus();
      search.select();
    } else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
  });

  // How many are ticked, so that an act hits what one means.
  const work = document.getElementById("work");
  if (work) {
    const told = document.getElementById("ticked");
    const count = () => {
      const ticked = work.querySelectorAll("input[name=item]:checked").length;
      told.textContent = ticked ? `${ticked} ticked` : "";
    };
    work.addEventListener("change", count);
    count();
  }
})();
