/*
 * Makes our charts interactive in JupyterLab.
 *
 * Our charts are Vega-Lite 6, "application/vnd.vegalite.v6+json". JupyterLab draws Vega-Lite up to
 * version 5.6, which fails on linked charts, and would show only the picture that travels with
 * each chart. This shows the picture too, then replaces it by the chart, drawn with the Vega that
 * lies next to this file (vega.js, see hatch_build.py). Nothing is loaded from another host.
 *
 * JupyterLab loads extensions as "module federation containers": an object with init(), which
 * receives the modules shared by JupyterLab, and get(), which returns ours. Usually webpack writes
 * it; a container with one module is short enough to write by hand, and needs no Node.
 */
(() => {
  "use strict";

  const VEGA_LITE_6 = "application/vnd.vegalite.v6+json";
  const HTML = "text/html";
  // text/html has 50; of what an output offers, the lowest rank is shown.
  const RANK = 40;

  const VEGA = new URL("vega.js", document.currentScript.src).href;
  const EMBED_OPTIONS = {
    mode: "vega-lite",
    renderer: "svg",
    // Save as a picture, but no links to the Vega editor, which is on another host.
    actions: { export: true, source: false, compiled: false, editor: false },
  };

  let shared = {};
  let vegaEmbed = null;

  /** The one copy of a module that JupyterLab itself uses. */
  async function sharedModule(name) {
    const versions = Object.values(shared[name] || {});
    const version = versions.find((each) => each.loaded) || versions[0];
    if (!version) {
      throw new Error(`paths-abroad: this JupyterLab does not share ${name}`);
    }
    return (await version.get())();
  }

  /** Vega, loaded when the first chart needs it. */
  function loadVega() {
    vegaEmbed ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = VEGA;
      script.onload = () => resolve(window.vegaEmbed);
      script.onerror = () => reject(new Error(`paths-abroad: cannot load ${VEGA}`));
      document.head.append(script);
    });
    return vegaEmbed;
  }

  function rendererFactory({ Panel, Widget }, rendermime) {
    class Chart extends Panel {
      constructor(options) {
        super();
        this.options = options;
        this.view = null;
        // Our colours are chosen for white paper, also when JupyterLab is dark.
        this.node.style.background = "white";
        this.node.style.setProperty("--jp-content-font-color1", "black"); // title and caption
      }

      async renderModel(model) {
        await this.showPicture(model);
        try {
          await this.showChart(model.data[VEGA_LITE_6]);
        } catch (error) {
          console.error(error); // the picture stays
        }
      }

      async showPicture(model) {
        const html = rendermime.getFactory(HTML);
        if (html && model.data[HTML]) {
          const picture = html.createRenderer({ ...this.options, mimeType: HTML });
          await picture.renderModel(model);
          this.replaceBy(picture);
        }
      }

      async showChart(spec) {
        const embed = await loadVega();
        const chart = new Widget();
        chart.node.style.overflowX = "auto";
        const drawn = structuredClone(spec);
        const picture = this.node.querySelector("figure [role=img]");
        if (picture) {
          delete drawn.title; // the figure says it as text
        }
        const { view } = await embed(chart.node, drawn, EMBED_OPTIONS);
        if (picture) {
          picture.replaceWith(chart.node); // so that title, caption and sources stay
        } else {
          this.replaceBy(chart);
        }
        this.view = view;
      }

      replaceBy(widget) {
        this.finalize();
        for (const old of [...this.widgets]) {
          old.dispose();
        }
        this.addWidget(widget);
      }

      finalize() {
        this.view?.finalize();
        this.view = null;
      }

      dispose() {
        this.finalize();
        super.dispose();
      }
    }

    return { safe: true, mimeTypes: [VEGA_LITE_6], createRenderer: (options) => new Chart(options) };
  }

  async function plugin() {
    const widgets = await sharedModule("@lumino/widgets");
    const { IRenderMimeRegistry } = await sharedModule("@jupyterlab/rendermime");
    return {
      id: "paths-abroad:charts",
      description: "Draws the charts of Paths Abroad.",
      autoStart: true,
      requires: [IRenderMimeRegistry],
      activate(app, rendermime) {
        rendermime.addFactory(rendererFactory(widgets, rendermime), RANK);
      },
    };
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["paths-abroad"] = {
    init(scope) {
      shared = scope;
    },
    async get(name) {
      if (name !== "./extension") {
        throw new Error(`paths-abroad: no module ${name}`);
      }
      const exported = { __esModule: true, default: await plugin() };
      return () => exported;
    },
  };
})();
