package winequality.report;

/** The style sheet: one column that a phone shows without zooming, light and dark. */
final class ReportStyle {

  static final String CSS =
      """
      :root {
        color-scheme: light dark;
        --page: #ffffff; --plot: #ffffff; --panel: #f6f8fa; --text: #1f2328; --quiet: #57606a; --line: #d8dee4;
        --accent: #0072b2; --against: #c2410c; --warn-page: #fff8e5; --warn-line: #d4a72c;
      }
      @media (prefers-color-scheme: dark) {
        :root {
          --page: #0d1117; --plot: #161b22; --panel: #161b22; --text: #e6edf3; --quiet: #9da7b1; --line: #30363d;
          --accent: #58b4f0; --against: #f08a4b; --warn-page: #272115; --warn-line: #9e7c1a;
        }
      }
      * { box-sizing: border-box; }
      body {
        margin: 0; background: var(--page); color: var(--text);
        font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
        -webkit-text-size-adjust: 100%;
      }
      main { max-width: 1080px; margin: 0 auto; padding: 24px 16px 64px; }
      h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 8px; overflow-wrap: anywhere; }
      h2 { font-size: 1.2rem; margin: 40px 0 12px; padding-top: 16px; border-top: 1px solid var(--line); }
      p { margin: 8px 0; }
      .lead { font-size: 1.05rem; max-width: 46em; }
      .below { color: var(--quiet); font-size: 0.875rem; max-width: 60em; }
      .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 20px 0; }
      .card { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px; }
      .card .name { color: var(--quiet); font-size: 0.875rem; }
      .card .figure { font-size: 1.7rem; font-weight: 600; line-height: 1.3; font-variant-numeric: tabular-nums; }
      .notes { background: var(--warn-page); border: 1px solid var(--warn-line); border-radius: 8px; padding: 4px 16px; }
      .notes ul { margin: 8px 0; padding-left: 20px; }
      .scroll { overflow-x: auto; margin: 12px 0 20px; }
      .scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
      table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9375rem; }
      caption { text-align: left; color: var(--quiet); padding: 0 0 8px; font-size: 0.875rem; }
      th, td { padding: 5px 12px; border-bottom: 1px solid var(--line); text-align: right; vertical-align: middle; white-space: nowrap; }
      th { font-weight: 600; }
      thead th { color: var(--quiet); font-size: 0.8125rem; vertical-align: bottom; }
      tbody th, thead th:first-child { text-align: left; padding-left: 0; }
      tbody th { font-weight: 500; white-space: normal; overflow-wrap: anywhere; min-width: 6em; max-width: 18em; }
      .words { display: block; white-space: normal; text-align: left; min-width: 16em; max-width: 34em; }
      #gate thead th:last-child { text-align: left; }
      .unit { color: var(--quiet); font-size: 0.75rem; font-weight: 400; }
      .facts td { text-align: left; white-space: normal; overflow-wrap: anywhere; max-width: 48em; }
      .facts tbody th { min-width: 8em; }
      .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 20px; }
      figure { margin: 0; border: 1px solid var(--line); border-radius: 8px; padding: 12px; background: var(--plot); }
      figcaption { font-weight: 600; margin-bottom: 8px; }
      figure img { display: block; width: 100%; height: auto; }
      svg.bar { width: 120px; height: 10px; display: block; margin-left: auto; }
      svg.bar .positive { fill: var(--accent); }
      svg.bar .negative { fill: var(--against); }
      svg.bar line { stroke: var(--quiet); stroke-width: 0.6; }
      svg.histogram { width: 120px; height: 28px; display: block; fill: var(--accent); border-bottom: 1px solid var(--quiet); }
      @media (max-width: 520px) {
        main { padding: 16px 12px 48px; }
        h1 { font-size: 1.3rem; }
        .cards { grid-template-columns: 1fr 1fr; gap: 8px; }
        .card { padding: 8px 12px; }
        .card .figure { font-size: 1.35rem; }
        th, td { padding: 5px 7px; }
        table { font-size: 0.875rem; }
        .facts tbody th { min-width: 5.5em; }
        .words { min-width: 11em; }
        figure { padding: 6px; }
      }
      @media print { h2, figure, table { break-inside: avoid; } .scroll { overflow: visible; } }
      """;

  private ReportStyle() {}
}
