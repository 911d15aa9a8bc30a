// What `make` does in Chromium.
//
//   node browser.js pictures WORK FOLDER   saves the reports of WORK's results, and the pictures of the MLflow pages and the report
//   node browser.js axe WORK INDEX         checks these reports and each page of the site at INDEX; fails if axe-core finds a fault
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { chromium } = require("playwright-core");

const MODES = ["light", "dark"];
const RESULTS = ["train", "tune", "challenger"];
const [task, work, target] = process.argv.slice(2);
const result = (name) => JSON.parse(fs.readFileSync(path.join(work, `${name}.json`), "utf8"));
const report = (name) => path.join(work, `${name}.html`);

async function saveReports() {
  for (const name of RESULTS) {
    const { run_id, run_url } = result(name);
    const uri = `${new URL(run_url).origin}/get-artifact?path=report.html&run_uuid=${run_id}`;
    const answer = await fetch(uri);
    if (!answer.ok) throw new Error(`${answer.status} for ${uri}`);
    fs.writeFileSync(report(name), await answer.text());
  }
}

// What MLflow keeps in the browser: its own dark switch, no chat window on the first visit, and columns of the runs
const kept = (dark, experiment) => ({
  _mlflow_dark_mode_toggle_enabled: String(dark),
  "mlflow.assistant.fab.autoOpenedOnFirstLoad_v1": "true",
  [`MLflowLocalStorage-1.1-ExperimentPage-["${experiment}"]-ReactComponentState`]: JSON.stringify({
    selectedColumns: ["attributes.`Models`", ...["rmse", "mae", "r2"].map((name) => `metrics.\`${name}\``), "params.`alpha`"],
  }),
});

async function open(browser, mode, width, experiment) {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: mode, reducedMotion: "reduce" });
  const entries = Object.entries(kept(mode === "dark", experiment));
  await context.addInitScript((all) => all.forEach(([key, value]) => localStorage.setItem(key, value)), entries);
  return context.newPage();
}

// MLflow draws its pages after they have loaded: wait until the words are there and nothing turns any more
async function show(page, uri, height, words) {
  await page.setViewportSize({ width: 1280, height });
  await page.goto("about:blank");
  await page.goto(uri);
  for (const word of words) await page.getByText(word).first().waitFor();
  await page.waitForFunction(() => !document.querySelector('[class*="spinner"], [class*="skeleton"], [aria-busy="true"]'));
  await page.getByLabel("Toggle sidebar").click(); // room for one more column
  await page.addStyleTag({ content: "[data-assistant-ui] { visibility: hidden }" });
  await page.waitForTimeout(3000);
}

async function pictures(browser) {
  await saveReports();
  const { run_url: run, experiment_id: experiment, model } = result("tune");
  const origin = new URL(run).origin;
  const at = (place) => `${origin}/#/${place}?workflowType=machine_learning`;
  const file = (name) => path.join(target, `${name}.png`);
  const save = (page, name) => page.screenshot({ path: file(name) });

  for (const mode of MODES) {
    const page = await open(browser, mode, 1280, experiment);
    await show(page, at(`experiments/${experiment}/runs`), 440, ["penalty 0.5"]);
    await save(page, `experiment-${mode}`);
    await show(page, run, 800, ["r2_correlation"]);
    await save(page, `run-${mode}`);
    await show(page, at(`models/${model.name}`), 1110, ["champion", "challenger"]);
    await save(page, `versions-${mode}`);
    if (mode === "light") {
      await show(page, at(`experiments/${experiment}/models`), 400, ["penalty 0.5"]);
      await save(page, `models-${mode}`);
    }

    const width = 1120;
    const paper = await open(browser, mode, width);
    await paper.goto(`file://${report("tune")}`);
    const remarks = await paper.locator(".notes").boundingBox();
    await paper.setViewportSize({ width, height: Math.ceil(remarks.y + remarks.height + 24) });
    await save(paper, `report-${mode}`);
    if (mode === "light") {
      await paper.setViewportSize({ width: 900, height: 800 }); // one plot in a row
      await paper.locator("#tuning img").first().screenshot({ path: file("cv-curve") });
    }
  }
}

async function axe(browser) {
  const source = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
  const site = path.dirname(target);
  // 404.html is for a web server, and finds no style sheet here
  const pages = fs.readdirSync(site, { recursive: true }).filter((name) => name.endsWith(".html") && name !== "404.html");
  const files = [...RESULTS.map(report), ...pages.sort().map((name) => path.join(site, name))];
  const totals = { faults: 0, places: 0, passes: 0 };
  for (const [mode, width] of MODES.flatMap((mode) => [[mode, 1280], [mode, 390]])) {
    const page = await open(browser, mode, width);
    for (const file of files) {
      await page.goto(`file://${file}`);
      await page.evaluate(source);
      const found = await page.evaluate(() => window.axe.run());
      totals.passes += found.passes.length;
      for (const { id, help, nodes } of found.violations) {
        totals.faults++;
        totals.places += nodes.length;
        console.log(`${path.relative(site, file)} (${mode}, ${width} px): ${id}, ${nodes.length} places: ${help}`);
        for (const node of nodes.slice(0, 3)) console.log(`    ${node.target.join(" ")}: ${node.any[0]?.message ?? node.html}`);
      }
    }
  }
  console.log(`axe-core: ${files.length} pages, light and dark, wide and narrow: ${totals.passes} checks passed, ${totals.faults} failed in ${totals.places} places`);
  return totals.faults === 0;
}

(async () => {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  try {
    if ((task === "pictures" ? await pictures(browser) : await axe(browser)) === false) process.exitCode = 1;
  } finally {
    await browser.close();
  }
})();
