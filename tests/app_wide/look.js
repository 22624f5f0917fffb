/* What can be told mechanically about how a page looks: each complaint is a line. Axe says the rest. */
() => {
  const LEAN = 2; // pixels by which letters may lean out of their boxes
  const complaints = [];
  const whole = new CSSStyleSheet(); // what is not laid out yet stands nowhere
  whole.replaceSync("* { content-visibility: visible !important; }");
  document.adoptedStyleSheets.push(whole);
  const complain = (what, text) => complaints.push(`${what}: ${text.trim().replace(/\s+/g, " ").slice(0, 60)}`);

  const tooWide = document.documentElement.scrollWidth - window.innerWidth;
  if (tooWide > 0) complain("sideways scrolling", `${tooWide} px`);
  if (window.shifted > 0.01) complain("layout shift", String(window.shifted));

  const styles = new Map();
  const styleOf = (element) => {
    if (!styles.has(element)) {
      const { overflowX, textOverflow, position } = getComputedStyle(element);
      styles.set(element, { overflowX, textOverflow, position, box: element.getBoundingClientRect() });
    }
    return styles.get(element);
  };

  /* Whether something cuts a piece off: "" if not, "unseen" if it is for screen readers only. */
  const cutOff = (element, rect) => {
    for (let around = element; around && around !== document.body; around = around.parentElement) {
      const { overflowX, textOverflow, position, box } = styleOf(around);
      if (overflowX !== "visible") {
        if (box.width <= 1 || box.height <= 1) return "unseen";
        const isOutside = rect.right > box.right + LEAN || rect.left < box.left - LEAN || rect.bottom > box.bottom + LEAN || rect.top < box.top - LEAN;
        if (overflowX === "auto" || overflowX === "scroll" || textOverflow === "ellipsis") return isOutside ? "scrolled" : "";
        if (isOutside) return "cut off";
      }
      if (position === "fixed") return "";
    }
    return "";
  };

  const BOXES = ".panel, td, th, .button, .badge, .notice, .tabs a, .menu > div, .dialog, .copy, main, header, footer";
  const pieces = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (!node.data.trim() || element.closest("script, option, textarea, .skip, svg")) continue;
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) {
      if (rect.width < 1) continue;
      const cut = cutOff(element, rect);
      if (cut === "unseen" || cut === "scrolled") continue;
      if (cut) complain(cut, node.data);
      const box = element.closest(BOXES);
      const around = box && styleOf(box).box;
      if (around && (rect.right > around.right + LEAN || rect.left < around.left - LEAN)) complain("sticks out", node.data);
      pieces.push({ element, rect, text: node.data });
    }
  }
  for (const control of document.querySelectorAll("input:not([type=hidden]), select, textarea, .button, img")) {
    if (control.checkVisibility({ visibilityProperty: true }) && !control.closest(".unseen")) {
      const rect = control.getBoundingClientRect();
      if (rect.width > 1 && !cutOff(control, rect)) pieces.push({ element: control, rect, text: control.id || control.textContent });
    }
  }

  pieces.sort((one, other) => one.rect.top - other.rect.top);
  const isBelow = (one, other) => one.contains(other) || other.contains(one);
  pieces.forEach((one, place) => {
    for (let next = place + 1; next < pieces.length && pieces[next].rect.top < one.rect.bottom - 4; next += 1) {
      const other = pieces[next];
      const common = Math.min(one.rect.right, other.rect.right) - Math.max(one.rect.left, other.rect.left);
      const deep = Math.min(one.rect.bottom, other.rect.bottom) - other.rect.top;
      if (common > 3 && deep > 4 && !isBelow(one.element, other.element) && !other.element.closest("kbd") && !one.element.closest("kbd")) {
        complain("overlap", `${one.text.trim().slice(0, 25)} / ${other.text}`);
      }
    }
  });

  for (const chosen of document.querySelectorAll(".tabs [aria-current]")) {
    const rect = chosen.getBoundingClientRect();
    const row = chosen.closest(".tabs").getBoundingClientRect();
    if (rect.left > row.right - LEAN || rect.left < row.left - LEAN) complain("the chosen tab is out of sight", chosen.textContent);
  }

  for (const dialog of document.querySelectorAll("dialog[popover]")) {
    dialog.parentElement.closest("dialog[popover]")?.showPopover(); // one of another stands in that
    dialog.showPopover();
    const { top, bottom, width } = dialog.getBoundingClientRect();
    if (width && Math.abs((top + bottom - window.innerHeight) / 2) > LEAN) complain("a window is not in the middle", dialog.textContent);
    if (dialog.scrollWidth > dialog.clientWidth) complain("sideways scrolling in a window", dialog.textContent);
    document.querySelectorAll("dialog:popover-open").forEach((one) => one.hidePopover());
  }

  for (const select of document.querySelectorAll("select:not([multiple])")) {
    if (!select.checkVisibility() || !select.selectedOptions.length) continue;
    const style = getComputedStyle(select);
    const canvas = (window.ruler ??= document.createElement("canvas").getContext("2d"));
    canvas.font = style.font;
    const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const needed = canvas.measureText(select.selectedOptions[0].text).width;
    const isWhole = select.getBoundingClientRect().width > window.innerWidth - 80; // no wider on any screen
    if (needed > room + LEAN && !isWhole) complain("a choice is cut off", select.selectedOptions[0].text);
  }
  return [...new Set(complaints)];
};
