// Paths Abroad: theme switch, list of chapters on phones, where one is on the page.
// Everything works without it; it only makes things nearer.
(function () {
  "use strict";
  var root = document.documentElement;

  function theme() {
    var button = document.querySelector(".pa-theme");
    if (!button) return;
    function name() {
      var other = root.dataset.theme === "dark" ? "light" : "dark";
      button.setAttribute("aria-label", "Switch to the " + other + " theme");
    }
    function keep(value) {
      try { localStorage.setItem("pa-theme", value); } catch (refused) { /* private window */ }
    }
    name();
    button.addEventListener("click", function () {
      root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
      keep(root.dataset.theme);
      name();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function (event) {
      var kept = null;
      try { kept = localStorage.getItem("pa-theme"); } catch (refused) { /* private window */ }
      if (!kept) { root.dataset.theme = event.matches ? "dark" : "light"; name(); }
    });
  }

  function menu() {
    var link = document.querySelector(".pa-menu");
    var list = document.getElementById("contents");
    var close = document.querySelector(".pa-menu-close");
    if (!link || !list) return;
    link.setAttribute("role", "button");
    link.setAttribute("aria-controls", "contents");
    function set(open) {
      list.classList.toggle("is-open", open);
      link.setAttribute("aria-expanded", String(open));
    }
    set(false);
    link.addEventListener("click", function (event) {
      event.preventDefault();
      set(!list.classList.contains("is-open"));
    });
    link.addEventListener("keydown", function (event) {
      if (event.key === " ") { event.preventDefault(); link.click(); }
    });
    close.addEventListener("click", function (event) {
      event.preventDefault();
      set(false);
      link.focus();
    });
    list.addEventListener("keydown", function (event) {
      if (event.key === "Escape") { set(false); link.focus(); }
    });
  }

  // A box that scrolls sideways must be reachable by keyboard; one that does not should not be a stop.
  function scrollers() {
    var boxes = document.querySelectorAll(".pa-article pre, .pst-scrollable-table-container, .cell .output.text_html");
    function look() {
      boxes.forEach(function (box) {
        if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
        else box.removeAttribute("tabindex");
      });
    }
    look();
    addEventListener("resize", look);
    document.addEventListener("toggle", look, true);
  }

  function here() {
    var links = {};
    document.querySelectorAll(".pa-onpage--beside a[href^='#']").forEach(function (link) {
      links[decodeURIComponent(link.hash.slice(1))] = link;
    });
    var sections = Array.prototype.filter.call(
      document.querySelectorAll(".pa-article section[id]"),
      function (section) { return links[section.id]; }
    );
    if (!sections.length || !("IntersectionObserver" in window)) return;
    var seen = new Set();
    var watch = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) {
        if (entry.isIntersecting) seen.add(entry.target); else seen.delete(entry.target);
      });
      var last = sections.filter(function (section) { return seen.has(section); }).pop();
      sections.forEach(function (section) {
        if (section === last) links[section.id].setAttribute("aria-current", "true");
        else links[section.id].removeAttribute("aria-current");
      });
    }, { rootMargin: "0px 0px -75% 0px" });
    sections.forEach(function (section) { watch.observe(section); });
  }

  theme();
  menu();
  scrollers();
  here();
})();
