// Keeps a page as it is now. The server says when to look again; what is shown
// then is the server's own page, of which the parts marked data-live are taken.
// What somebody types stays, and a form for something else than they were shown
// is never put under their fingers.
"use strict";

(() => {
  const stream = document.body.dataset.events;
  if (!stream || !window.EventSource) return;

  const aMinute = 60_000;
  let source = null;
  let looking = false;
  let again = false;

  const parts = (page) => new Map([...page.querySelectorAll("[data-live]")].map((part) => [part.id, part]));

  // What a part looks like, but for the tokens of its forms: they are new each time.
  // How far times are changes by itself, and is put in its place alone.
  const face = (part) => {
    const copy = part.cloneNode(true);
    copy.querySelectorAll('input[type="hidden"]').forEach((field) => field.remove());
    copy.querySelectorAll("time").forEach((time) => time.replaceChildren());
    return copy.textContent + [...copy.querySelectorAll("*")].map((e) => e.tagName + e.className + (e.getAttribute("href") ?? "")).join();
  };

  const shownBy = (part) => part.querySelector("[data-shown]")?.dataset.shown;

  // same finds in a fresh part what somebody held in the old one.
  const same = (held, fresh) => {
    if (held.id) return fresh.querySelector("#" + CSS.escape(held.id));
    const href = held.getAttribute("href");
    return href && fresh.querySelector(`a[href="${CSS.escape(href)}"]`);
  };

  const replace = (old, fresh) => {
    const held = old.contains(document.activeElement) ? document.activeElement : null;
    const at = held?.matches("input, textarea") ? [held.selectionStart, held.selectionEnd] : null;
    const typed = new Map([...old.querySelectorAll("input:not([type=hidden]), textarea")].map((field) => [field.id, field.value]));
    old.replaceWith(fresh);
    for (const [id, value] of typed) {
      const field = id && document.getElementById(id);
      if (field && value) field.value = value;
    }
    if (!held) return;
    const again = same(held, fresh);
    if (!again) fresh.tabIndex = -1; // who was there stays near it
    (again || fresh).focus({ preventScroll: true });
    if (again && at && at[0] !== null) again.setSelectionRange(...at);
  };

  const tell = (old, fresh) => {
    const now = fresh.querySelectorAll("time");
    old.querySelectorAll("time").forEach((time, i) => {
      if (time.textContent !== now[i].textContent) time.textContent = now[i].textContent;
      time.dateTime = now[i].dateTime;
    });
  };

  const announced = (page) =>
    [...page.querySelectorAll("[data-announce]")].map((part) => part.dataset.announce || part.textContent.trim()).join(" ");

  const say = (text) => {
    document.getElementById("announcement").textContent = text;
  };

  // A page that came of a form has another address than what it shows, and loading it
  // again would send the form again.
  const here = document.body.dataset.at ?? location.href;
  const reload = () => (document.body.dataset.at ? location.replace(here) : location.reload());

  // take puts what has changed in the place of what is shown.
  const take = (page) => {
    const now = parts(page);
    const shown = parts(document);
    if (now.size === 0) return reload(); // not this page any more
    let changed = false;
    for (const [id, old] of shown) {
      const fresh = now.get(id);
      if (!fresh || old.querySelector("[data-busy]")) continue;
      if (face(old) === face(fresh)) {
        tell(old, fresh);
        continue;
      }
      const before = shownBy(old);
      const after = shownBy(fresh);
      if (before && after && before !== after) {
        document.getElementById("changed").hidden = false;
        continue;
      }
      changed = true;
      replace(old, document.adoptNode(fresh));
    }
    if (document.title !== page.title) {
      document.title = page.title;
      changed = true;
    }
    return changed;
  };

  const look = (aloud) => {
    if (looking) {
      again = true;
      return;
    }
    looking = true;
    const request = new XMLHttpRequest(); // it makes a document without any markup passing through here
    request.open("GET", here);
    request.responseType = "document";
    request.timeout = 20_000;
    request.onloadend = () => {
      looking = false;
      if (request.status === 401 || request.status === 404) return reload();
      if (request.status === 200 && request.response) {
        const text = announced(request.response); // before its parts are taken out of it
        if (take(request.response) && aloud) say(text);
      }
      if (again) {
        again = false;
        look(aloud);
      }
    };
    request.send();
  };

  const open = () => {
    if (source) return;
    source = new EventSource(stream);
    source.addEventListener("look", () => look(true));
    source.addEventListener("end", reload);
  };

  // A browser has few connections for one address: a page behind another keeps none.
  const close = () => {
    source?.close();
    source = null;
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return close();
    open();
    look(true);
  });
  window.addEventListener("pagehide", close);
  setInterval(() => {
    if (document.hidden) return;
    if (source?.readyState === EventSource.CLOSED) close();
    open();
    look(false); // how far times are changes by itself
  }, aMinute);
  if (!document.hidden) open();
})();
