/* Called on the element to which the keyboard is to get. */
(target) => {
  const here = document.activeElement;
  const group = here.type === "radio" && target.type === "radio" && here.name === target.name;
  const wanted = group ? here : target; // a group is one stop: arrows lead on from there
  return {
    reached: here === wanted,
    forward: Boolean(here.compareDocumentPosition(wanted) & (Node.DOCUMENT_POSITION_FOLLOWING | Node.DOCUMENT_POSITION_CONTAINED_BY)),
    skips: here.matches(".skip") && document.querySelector("main").contains(target),
    fault: here.matches("body, main") ? "" : fault(here),
    name: here.outerHTML.slice(0, 150),
  };

  function fault(element) {
    const style = getComputedStyle(element);
    const [box] = element.getClientRects();
    if (!box || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return "is not seen";
    if (box.width < 8 || box.height < 8) return "is too small to be seen";
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) return "has no ring";
    return covered(element, box) || cut(element, box, parseFloat(style.outlineOffset) + parseFloat(style.outlineWidth));
  }

  /* Some of it is on the screen, and nothing else lies in the middle of that. */
  function covered(element, box) {
    const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
    const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
    if (x < box.left || x > box.right || y < box.top || y > box.bottom) return "is not on the screen";
    const top = document.elementFromPoint(x, y);
    const same = element.contains(top) || top?.contains(element) || [...(element.labels || [])].includes(top?.closest("label"));
    return same ? "" : "lies under " + top?.outerHTML.slice(0, 150);
  }

  /* Something that clips what is in it leaves room for the ring. */
  function cut(element, box, ring) {
    for (let outer = element.parentElement; outer && outer !== document.body; outer = outer.parentElement) {
      if (getComputedStyle(outer).overflow === "visible") continue;
      const edge = outer.getBoundingClientRect();
      const whole = box.left - ring >= edge.left && box.right + ring <= edge.right && box.top - ring >= edge.top && box.bottom + ring <= edge.bottom;
      if (!whole) return "has a ring that is cut off by " + outer.outerHTML.slice(0, 150);
    }
    return "";
  }
}
