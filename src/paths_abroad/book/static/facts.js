/* The card of a figure. It opens on hover, on focus and at the first tap, can be pointed at,
   stays until it is left, and closes with Escape (WCAG 2.2, 1.4.13). The link stays a link:
   Enter, a click and a second tap follow it. Without this script it is a plain link. */
(() => {
  "use strict";

  const OPEN_AFTER = 150; // milliseconds the pointer rests on a figure before its card opens
  const CLOSE_AFTER = 250; // milliseconds to cross the gap between figure and card
  const GAP = 6; // pixels between figure and card
  const EDGE = 8; // pixels kept free at the edges of the window
  const TALLEST = 448; // pixels; a longer card scrolls
  const LOWEST = 120; // pixels that a card has at least, however little room there is

  const store = document.getElementById("pa-cards");
  if (!store) return;

  const card = document.createElement("div");
  card.className = "pa-card";
  card.id = "pa-card";
  card.setAttribute("role", "group");
  card.setAttribute("aria-label", "About this figure");
  card.tabIndex = -1;
  const layered = typeof card.showPopover === "function";
  if (layered) card.popover = "manual";
  else card.hidden = true;

  let link = null; // the figure whose card is open
  let line = null; // the line of that figure the pointer is on, where it wraps
  let timer = 0;
  let touched = false; // did the last press come from a finger or a pen?
  let dismissed = null; // a figure whose card was closed with Escape stays closed until left

  function place() {
    if (!link) return;
    const box = line || link.getBoundingClientRect();
    // On the side with more room, and never over the figure itself: a long card scrolls.
    card.style.maxHeight = "";
    const below = window.innerHeight - box.bottom - GAP - EDGE;
    const above = box.top - GAP - EDGE;
    const under = below >= card.offsetHeight || below >= above;
    card.style.maxHeight = `${Math.max(LOWEST, Math.min(TALLEST, under ? below : above))}px`;
    const left = Math.min(box.left, window.innerWidth - card.offsetWidth - EDGE);
    const top = under ? box.bottom + GAP : box.top - GAP - card.offsetHeight;
    card.style.left = `${Math.max(EDGE, left)}px`;
    card.style.top = `${Math.max(EDGE, top)}px`;
  }

  function open(next, at) {
    clearTimeout(timer);
    if (link === next) return;
    const found = store.content.querySelector(`[data-card="${CSS.escape(next.dataset.card)}"]`);
    if (!found) return;
    close();
    link = next;
    line = at || null;
    card.replaceChildren(...found.cloneNode(true).childNodes);
    // Beside the figure, so that Tab goes from the figure into its card.
    link.after(card);
    link.setAttribute("aria-expanded", "true");
    link.setAttribute("aria-controls", card.id);
    if (layered) card.showPopover();
    else card.hidden = false;
    card.scrollTop = 0;
    place();
    window.addEventListener("scroll", follow, { passive: true, capture: true });
    window.addEventListener("resize", place);
  }

  function close() {
    clearTimeout(timer);
    if (!link) return;
    link.removeAttribute("aria-expanded");
    link.removeAttribute("aria-controls");
    link = null;
    if (layered && card.matches(":popover-open")) card.hidePopover();
    card.hidden = !layered;
    card.remove();
    window.removeEventListener("scroll", follow, { capture: true });
    window.removeEventListener("resize", place);
  }

  function follow(event) {
    if (event.target === card) return;
    line = null;
    place();
  }

  function later(action, wait) {
    clearTimeout(timer);
    timer = setTimeout(action, wait);
  }

  const figure = (target) =>
    target instanceof Element ? target.closest(".pa-fact[data-card]") : null;
  const inside = (target) => target instanceof Node && card.contains(target);

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const over = figure(event.target);
    if (over && over !== dismissed) {
      const at = [...over.getClientRects()].find(
        (r) => event.clientY >= r.top && event.clientY <= r.bottom,
      );
      if (over === link) clearTimeout(timer);
      else later(() => open(over, at), OPEN_AFTER);
    } else if (inside(event.target)) {
      clearTimeout(timer);
    }
  });

  document.addEventListener("pointerout", (event) => {
    if (event.pointerType !== "mouse") return;
    const left = figure(event.target);
    if (!left && !inside(event.target)) return;
    const to = event.relatedTarget;
    if (inside(to) || (left && figure(to) === left)) return;
    if (left === dismissed) dismissed = null;
    const focused = document.activeElement;
    if (link && (focused === link || inside(focused))) clearTimeout(timer);
    else later(close, CLOSE_AFTER);
  });

  document.addEventListener("focusin", (event) => {
    const on = figure(event.target);
    // A press with the mouse focuses a link too: only the keyboard opens.
    if (on && !touched && on !== dismissed && on.matches(":focus-visible")) open(on);
    else if (!on && !inside(event.target)) close();
  });

  document.addEventListener("focusout", (event) => {
    const left = figure(event.target);
    if (left && left === dismissed && event.relatedTarget) dismissed = null;
    if (!link || (!left && !inside(event.target))) return;
    const to = event.relatedTarget;
    if (to && !inside(to) && figure(to) !== link) close();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !link) return;
    const back = link;
    const within = inside(document.activeElement);
    dismissed = back;
    close();
    if (within) back.focus();
    event.stopPropagation();
  });

  document.addEventListener("pointerdown", (event) => {
    touched = event.pointerType === "touch" || event.pointerType === "pen";
    if (link && !inside(event.target) && figure(event.target) !== link) close();
  });

  document.addEventListener("keydown", () => {
    touched = false;
  }, true);

  document.addEventListener("click", (event) => {
    const on = figure(event.target);
    if (!on || !touched || event.defaultPrevented) return;
    if (link === on) return; // the second tap follows the link
    event.preventDefault();
    dismissed = null;
    open(on);
  });
})();
