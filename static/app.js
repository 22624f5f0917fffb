/* Conveniences only: every page works without this file. */
(() => {
  "use strict";
  const RETRY_AFTER = 15000; // a POST that answers with a file leaves the page open: let it be sent again
  const find = (selector, root = document) => root.querySelector(selector);

  function say(text) {
    const announcer = find("#announcer");
    if (announcer) announcer.textContent = text;
  }

  /* Copy buttons: data-copy is the text, data-copied the word that confirms it. */
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      const code = find("code", button.parentElement); // no clipboard (plain http): select it for Ctrl-C
      if (code) getSelection().selectAllChildren(code);
      return;
    }
    button.dataset.done = "";
    say(button.dataset.copied);
    setTimeout(() => delete button.dataset.done, 2000);
  });

  /* A form is sent once; htmx forms (already prevented) look after themselves. */
  function release(form) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if ("sent" in form.dataset) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "";
    form.setAttribute("aria-busy", "true");
    setTimeout(release, RETRY_AFTER, form);
  });

  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

  /* What stands in a form that was not sent survives a reload and the way back, in this tab alone. Secrets and files are
     left out; signing out forgets the rest. */
  const formsOf = () => [...document.querySelectorAll("main form[method=post]")];
  const fieldsOf = (form) =>
    [...form.elements].filter((field) => field.name && !/^(hidden|password|file|submit|button|fieldset)$/.test(field.type) && field.autocomplete !== "one-time-code");
  const placeOf = (form) => `typed ${location.pathname}${location.search} ${form.id || form.getAttribute("action")}`;

  function isTouched(field) {
    if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected && option.selected);
    return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
  }

  addEventListener("pagehide", () => {
    formsOf().forEach((form) => {
      const typed = "sent" in form.dataset ? [] : fieldsOf(form);
      const values = typed.map((field) => [field.name, field.value, Boolean(field.checked)]);
      if (typed.some(isTouched)) sessionStorage.setItem(placeOf(form), JSON.stringify(values));
    });
  });

  addEventListener("load", () => {
    const comesBack = performance.getEntriesByType("navigation")[0]?.type !== "navigate";
    if (!comesBack && !find("details.account")) sessionStorage.clear();
    formsOf().forEach((form) => {
      const values = comesBack && JSON.parse(sessionStorage.getItem(placeOf(form)) ?? "[]");
      sessionStorage.removeItem(placeOf(form));
      if (values) fieldsOf(form).forEach((field, place) => retype(field, values[place]));
    });
  });

  function retype(field, [name, value, checked] = []) {
    if (field.name !== name || (field.type === "radio" && field.value !== value)) return;
    const ticks = field.type === "checkbox" || field.type === "radio";
    if (ticks ? field.checked === checked : field.value === value) return;
    if (ticks) field.checked = checked;
    else field.value = value;
    if (field.matches("[role=combobox]")) return; // nobody searches now
    field.dispatchEvent(new Event("change", { bubbles: true })); // sums follow, and the draft
  }

  /* Focus that stood in what htmx replaces goes to what comes in its place. A swap elsewhere moves nothing, and
     errors bring the focus with them (autofocus). */
  let left = null;

  document.addEventListener("htmx:before:swap", (event) => {
    const region = event.detail.ctx.target;
    left = region && region.contains(document.activeElement) ? region : null;
  });

  document.addEventListener("htmx:after:swap", () => {
    if (!left || document.activeElement !== document.body) return;
    const place = left.isConnected ? left : document.getElementById(left.id);
    if (!place) return;
    if (!place.matches("a[href], button, input, select, textarea, [tabindex]")) place.tabIndex = -1;
    place.focus();
  });

  /* A field whose content is mostly replaced: it comes marked, so that typing does that. */
  function select(field) {
    if (field?.matches("[data-select]")) field.select();
  }

  document.addEventListener("focusin", (event) => select(event.target));
  addEventListener("load", () => select(document.activeElement)); // the address may lead to it

  /* Where a row of tabs is too long for the screen, the chosen one is in sight. */
  function reveal() {
    for (const row of document.querySelectorAll(".tabs")) {
      const chosen = find("[aria-current]", row);
      if (chosen) row.scrollLeft = chosen.offsetLeft - row.offsetLeft - Math.max(0, (row.clientWidth - chosen.offsetWidth) / 2);
    }
  }

  reveal();
  document.addEventListener("htmx:after:swap", reveal);

  /* Comboboxes: search fields with a list of buttons, which come from the server and work by themselves. Here arrows
     choose and Enter takes; the first is chosen as soon as the list belongs to what stands in the field. */
  const listOf = (box) => document.getElementById(box.getAttribute("aria-controls"));
  const optionsOf = (box) => [...listOf(box).querySelectorAll("[role=option]")];
  const chosenOf = (box) => document.getElementById(box.getAttribute("aria-activedescendant"));

  function choose(box, option) {
    optionsOf(box).forEach((one) => one.setAttribute("aria-selected", one === option));
    if (!option) return box.removeAttribute("aria-activedescendant");
    box.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function unfold(box, yes) {
    const list = listOf(box);
    const open = yes && list.childElementCount > 0;
    list.hidden = !open;
    box.setAttribute("aria-expanded", open);
    choose(box, open && list.dataset.for === box.value.trim() ? optionsOf(box)[0] : null);
  }

  function arrive(box) {
    optionsOf(box).forEach((one) => (one.tabIndex = -1)); // Tab goes on to the next field
    unfold(box, document.activeElement === box);
  }

  const boxOf = (target) => target.closest?.("[role=combobox]");

  addEventListener("load", () => document.querySelectorAll("[role=combobox]").forEach(arrive));

  document.addEventListener("htmx:after:swap", () => {
    const box = boxOf(document.activeElement);
    if (box) arrive(box);
  });

  document.addEventListener("input", (event) => boxOf(event.target) && choose(event.target)); // the list is of before

  document.addEventListener("focusout", (event) => boxOf(event.target) && unfold(event.target, false));

  document.addEventListener("pointerdown", (event) => {
    if (event.target.closest("[role=option]")) event.preventDefault(); // the field keeps the focus, and so its list
  });

  document.addEventListener("keydown", (event) => {
    const box = boxOf(event.target);
    const options = box ? optionsOf(box) : [];
    if (!options.length) return;
    const place = options.indexOf(chosenOf(box));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const next = event.key === "ArrowDown" ? place + 1 : Math.max(place, 0) - 1;
      if (listOf(box).hidden) unfold(box, true);
      else choose(box, options.at(next % options.length));
    } else if (event.key === "Enter" && place >= 0 && !event.ctrlKey && !event.metaKey) {
      options[place].click();
    } else if (event.key === "Escape" && !listOf(box).hidden && !box.closest("dialog")) {
      unfold(box, false);
    } else {
      return;
    }
    event.preventDefault();
  });

  /* Ctrl-Enter presses the page's main button from wherever one is. */
  document.addEventListener("keydown", (event) => {
    const main = event.key === "Enter" && (event.ctrlKey || event.metaKey) && find("[data-main]");
    if (!main) return;
    event.preventDefault();
    main.click();
  });

  /* A search that changed the address: switching language or colors comes back to it, not to the page as it was opened. */
  document.addEventListener("htmx:after:history:update", () => {
    document.querySelectorAll(":is(.languages, .themes) [name=next]").forEach((next) => {
      next.value = location.pathname + location.search;
    });
  });

  document.addEventListener("htmx:error", () => {
    const messages = find("#messages");
    if (!messages) return;
    const notice = document.createElement("div");
    notice.className = "notice bad";
    notice.textContent = find("#announcer").dataset.lost;
    messages.replaceChildren(notice);
    messages.scrollIntoView({ block: "nearest" });
  });

  /* Menus close on Escape and on a click elsewhere. */
  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (menu !== except) menu.open = false;
    });
  }

  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));

  /* The key by what it writes; while a Cyrillic layout is on, by what the same key writes in Latin. */
  function latinKey({ key = "", code = "", shiftKey }) {
    if (/^[а-яёіў]$/i.test(key) && code.startsWith("Key")) return code.at(-1).toLowerCase();
    if (/^[.,]$/.test(key) && code === "Slash") return shiftKey ? "?" : "/";
    return key.toLowerCase();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = find("details.menu[open]");
      if (!menu) return;
      closeMenus();
      find("summary", menu).focus();
      return;
    }
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    const key = latinKey(event);
    const slash = key === "/" && !typing && !event.ctrlKey && !event.altKey && !event.metaKey;
    const controlK = key === "k" && (event.ctrlKey || event.metaKey);
    if ((slash || controlK) && openPalette()) event.preventDefault();
  });

  /* The palette: the search over everything in a window, with the program's pages until something is typed. */
  function openPalette() {
    const palette = find("#palette");
    if (!palette) return false;
    const box = find("[role=combobox]", palette);
    if (!palette.open) {
      document.querySelectorAll("[popover]:popover-open").forEach((popover) => popover.hidePopover());
      palette.showModal();
    }
    box.select();
    box.dispatchEvent(new Event("opened"));
    return true;
  }

  document.addEventListener("click", (event) => event.target.id === "palette" && event.target.close()); // its backdrop

  /* The staff's desk: on a wide screen what is chosen in the list stands beside it, as its own page shows it. Letters
     lead to things and buttons; what is done is done by a button. After an act the next one comes. */
  const desk = find("[data-desk]");
  const detail = find("#detail");
  const isWide = matchMedia("(min-width: 75rem)");
  const items = desk ? [...desk.querySelectorAll("[data-item]")] : [];
  const chosen = () => items.findIndex((item) => item.hasAttribute("aria-current"));

  async function show(item, enter) {
    items.forEach((one) => one.removeAttribute("aria-current"));
    item.setAttribute("aria-current", "true");
    item.scrollIntoView({ block: "nearest" });
    if (!isWide.matches) return;
    await htmx.ajax("GET", item.href, { source: detail, target: detail, select: "#main > :not(#messages)", swap: "innerHTML" });
    const heading = find("h1", detail); // of its own page; here the desk has one
    if (heading) {
      const title = document.createElement("h2");
      title.className = "title";
      title.append(...heading.childNodes);
      heading.replaceWith(title);
    }
    detail.scrollTop = 0;
    if (enter) detail.focus();
  }

  function step(by) {
    const item = items[Math.min(Math.max(chosen() + by, 0), items.length - 1)];
    item.focus();
    show(item);
  }

  desk?.addEventListener("click", (event) => {
    const item = event.target.closest("[data-item]");
    if (!item || !isWide.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(item, true);
  });

  /* A form tells the server that the desk sent it, and what comes next there. */
  detail?.addEventListener("submit", (event) => {
    const next = document.createElement("input");
    const place = chosen();
    Object.assign(next, { type: "hidden", name: "_desk", value: (items[place + 1] ?? items[place - 1])?.dataset.item ?? "" });
    if (event.target.method === "post") event.target.append(next);
  });

  document.addEventListener("keydown", (event) => {
    if (!items.length || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=hidden]), textarea, select, dialog:not(#keys), .menu[open]")) return;
    const key = latinKey(event);
    if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
    else if (key === "a" || key === "d") stopAt(find(`[data-key=${key}]`, detail));
    else if (key === "?") find("#keys")?.togglePopover();
    else return;
    event.preventDefault();
  });

  function stopAt(place) {
    const control = place?.matches("form") ? find("[type=submit]", place) : place;
    control?.focus();
  }

  addEventListener("load", () => {
    const wanted = items.find((item) => item.dataset.item === desk.dataset.at);
    if (wanted) wanted.focus();
    if (items.length && (wanted || isWide.matches)) show(wanted ?? items[0]);
  });
})();
