// Paths Abroad: a chart is a picture until it is near the reader; then, if it can, it wakes.
// The library and the chart's rows come from this site, as scripts, so that a page opened
// from a folder works too. Where anything fails, the picture stays.
(function () {
  "use strict";
  if (!("IntersectionObserver" in window) || !("ResizeObserver" in window)) return;

  var here = document.currentScript.src.replace(/[^/]*$/, "");
  var loading = {};
  var tooltip = null;
  window.pathsAbroad = window.pathsAbroad || { charts: {} };

  function load(url) {
    loading[url] = loading[url] || new Promise(function (done, failed) {
      var script = document.createElement("script");
      script.src = url;
      script.onload = done;
      script.onerror = failed;
      document.head.appendChild(script);
    });
    return loading[url];
  }

  // Text only: what a row says never becomes markup.
  function showTooltip(handler, event, item, value) {
    if (!tooltip) {
      tooltip = document.createElement("div");
      tooltip.className = "pa-tooltip";
      tooltip.setAttribute("aria-hidden", "true");
      document.body.appendChild(tooltip);
    }
    if (value === null || value === undefined || value === "") {
      tooltip.hidden = true;
      return;
    }
    tooltip.textContent = "";
    if (typeof value === "object" && !(value instanceof Date)) {
      var list = document.createElement("dl");
      Object.keys(value).forEach(function (key) {
        if (value[key] === null || value[key] === "" || value[key] === "null") return;
        var name = document.createElement("dt");
        var text = document.createElement("dd");
        name.textContent = key;
        text.textContent = String(value[key]);
        list.append(name, text);
      });
      tooltip.appendChild(list);
    } else {
      tooltip.textContent = String(value);
    }
    tooltip.hidden = false;
    var box = tooltip.getBoundingClientRect();
    var left = Math.min(event.clientX + 14, innerWidth - box.width - 8);
    var top = event.clientY + 18;
    if (top + box.height > innerHeight - 8) top = event.clientY - box.height - 12;
    tooltip.style.left = Math.max(8, left) + "px";
    tooltip.style.top = Math.max(8, top) + "px";
  }

  function specification(name, form) {
    var held = window.pathsAbroad.charts[name];
    var spec = Object.assign({}, held[form]);
    if (held.datasets) spec.datasets = held.datasets;
    spec.config = Object.assign({}, spec.config, { aria: false });
    return spec;
  }

  // The picture that is shown at this width: the wide or the narrow one.
  function shown(figure) {
    return Array.prototype.find.call(figure.querySelectorAll(".pa-chart__picture"), function (each) {
      return each.offsetParent !== null;
    });
  }

  function draw(figure, picture) {
    var controls = figure.querySelector(".pa-chart__controls");
    var still = picture.querySelector("svg");
    var live = document.createElement("div");
    live.className = "pa-chart__live";
    live.style.visibility = "hidden";
    picture.appendChild(live);
    if (controls) controls.textContent = "";
    var spec = specification(figure.dataset.chart, picture.dataset.form);
    return window.vegaEmbed(live, spec, {
      mode: "vega-lite",
      renderer: "svg",
      actions: false,
      defaultStyle: false,
      bind: controls || undefined,
      tooltip: showTooltip,
      loader: { load: refuse, sanitize: refuse },
      logLevel: 1
    }).then(function (embedded) {
      live.className = "pa-chart__live";
      // The picture around it has the name; what Vega says of its parts would only repeat it.
      live.querySelectorAll("[role], [aria-roledescription]").forEach(unname);
      unname(live);
      live.setAttribute("aria-hidden", "true");
      still.remove();
      live.style.visibility = "";
      return {
        picture: picture,
        sleep: function () {
          embedded.finalize();
          live.remove();
          picture.appendChild(still);
        }
      };
    }, function (reason) {
      live.remove();
      throw reason;
    });
  }

  function unname(element) {
    ["role", "aria-roledescription", "aria-label"].forEach(function (each) {
      element.removeAttribute(each);
    });
  }

  function refuse() {
    return Promise.reject(new Error("charts of this book carry their own rows"));
  }

  function wake(figure) {
    var awake = null;
    var busy = false;
    function turn() {
      var picture = shown(figure);
      if (busy || !picture || (awake && awake.picture === picture)) return;
      busy = true;
      if (awake) awake.sleep();
      awake = null;
      Promise.resolve().then(function () {
        return draw(figure, picture);
      }).then(function (drawn) {
        awake = drawn;
        busy = false;
        figure.dataset.state = "awake";
        turn();
      }).catch(function () {
        figure.dataset.state = "still";
      });
    }
    figure.dataset.state = "waking";
    Promise.all([load(here + "vega.js"), load(figure.dataset.rows)]).then(function () {
      new ResizeObserver(turn).observe(figure);
    }, function () {
      figure.dataset.state = "still";
    });
  }

  var near = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (!entry.isIntersecting) return;
      near.unobserve(entry.target);
      wake(entry.target);
    });
  }, { rootMargin: "200px 0px" });
  document.querySelectorAll(".pa-chart[data-chart]").forEach(function (figure) {
    near.observe(figure);
  });
})();
