#include "reports/style.h"

namespace wan::reports {

std::string_view style_sheet() {
  return R"css(
:root {
  --ground: #ffffff; --panel: #f6f7f9; --line: #d9dde3; --text: #1b2027; --soft: #57606c; --link: #0b5cad;
  --good: #0b6e4f; --good-ground: #e0f3ea; --bad: #b01e28; --bad-ground: #fde8e8; --doubt: #8a5200; --doubt-ground: #fdf0d9;
  --none: #57606c; --none-ground: #eceef1; --odd: #6a3ba3; --odd-ground: #f0e8fa;
  --mark: #2f6fb7; --mark-soft: #a9c4e3; --series-1: #2f6fb7; --series-2: #d98200; --series-3: #2a9d78; --series-4: #8a63b8;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #14171c; --panel: #1c2027; --line: #363d48; --text: #e7eaee; --soft: #a4adb9; --link: #7db8f5;
    --good: #63d2a5; --good-ground: #12352a; --bad: #ff9a98; --bad-ground: #44191c; --doubt: #f3bd63; --doubt-ground: #3d2c0d;
    --none: #a4adb9; --none-ground: #2a303a; --odd: #c9a8f5; --odd-ground: #32234a;
    --mark: #6aa9ee; --mark-soft: #3b5675; --series-1: #6aa9ee; --series-2: #f0a63a; --series-3: #4cc79d; --series-4: #b694e3;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.55 system-ui, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; }
a { color: var(--link); }
a:focus-visible, .scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code, pre { font: 13px/1.5 ui-monospace, "SFMono-Regular", Consolas, "DejaVu Sans Mono", monospace; }
code { overflow-wrap: anywhere; }
pre { margin: .5rem 0 1rem; padding: .75rem 1rem; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; }
pre code { overflow-wrap: normal; }

header { padding: 1.75rem max(1.5rem, calc((100vw - 89rem) / 2)) 1.5rem; border-bottom: 1px solid var(--line); border-top: 6px solid var(--none); background: var(--panel); }
header.held { border-top-color: var(--good); } header.failed, header.rejected { border-top-color: var(--bad); }
header.inconclusive { border-top-color: var(--doubt); } header.invalid { border-top-color: var(--odd); }
header .kicker { margin: 0; color: var(--soft); font-size: 13px; letter-spacing: .02em; }
h1 { margin: .1rem 0 .75rem; font-size: 1.75rem; line-height: 1.25; font-weight: 650; letter-spacing: -.01em; }
header .verdict { display: flex; gap: .5rem .9rem; align-items: baseline; margin: 0; max-width: 68rem; font-size: 1.15rem; }
header .verdict .badge { font-size: 1rem; padding: .15rem .7rem; }
.facts { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 1.1rem 0 0; }
.facts div { min-width: 0; } .facts dt { color: var(--soft); font-size: 12px; } .facts dd { margin: 0; overflow-wrap: anywhere; }

.columns { display: grid; grid-template-columns: 13rem minmax(0, 1fr); gap: 2.5rem; max-width: 92rem; margin: 0 auto; padding: 0 1.5rem; }
nav ol { position: sticky; top: 1rem; list-style: none; margin: 1.75rem 0 0; padding: 0; font-size: 14px; }
nav a { display: block; padding: .22rem .6rem; border-left: 2px solid var(--line); color: var(--soft); text-decoration: none; }
nav a:hover { color: var(--text); border-left-color: var(--link); }
main { min-width: 0; padding-bottom: 3rem; }
section { padding-top: 1.5rem; }
h2 { margin: 0 0 .6rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); font-size: 1.3rem; font-weight: 650; }
h3 { margin: 1.5rem 0 .4rem; font-size: 1.02rem; font-weight: 650; }
p { margin: .4rem 0 .8rem; max-width: 52rem; }
ul { margin: .3rem 0 1rem; padding-left: 1.2rem; max-width: 56rem; } li { margin: .25rem 0; overflow-wrap: anywhere; }
.note { color: var(--soft); font-size: 13.5px; }
.warning { padding: .5rem .8rem; background: var(--doubt-ground); border-left: 4px solid var(--doubt); border-radius: 0 6px 6px 0; overflow-wrap: anywhere; }
footer { border-top: 1px solid var(--line); padding: 1rem 1.5rem 2rem; color: var(--soft); font-size: 13px; text-align: center; }

.scroll { overflow-x: auto; margin: .5rem 0 1.1rem; border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
caption { padding: .55rem .62rem; text-align: left; color: var(--soft); font-size: 13px; background: var(--panel); border-bottom: 1px solid var(--line); }
th, td { padding: .42rem .62rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { font-size: 12.5px; font-weight: 600; color: var(--soft); white-space: nowrap; vertical-align: bottom; }
th[title] { text-decoration: underline dotted; text-underline-offset: 3px; cursor: help; }
tbody th { font-weight: 600; white-space: nowrap; } tbody th.text { font-weight: 400; white-space: normal; min-width: 16rem; }
@media screen { th:first-child { position: sticky; left: 0; background: var(--ground); } }
.number { text-align: right; white-space: nowrap; }
tr.above > * { border-bottom: 0; padding-bottom: .1rem; }
td.why { min-width: 16rem; color: var(--soft); font-size: 13.5px; overflow-wrap: anywhere; }
td.soft, tbody th.soft { color: var(--soft); font-weight: 400; }
td.prompt { min-width: 16rem; overflow-wrap: anywhere; }
td.best { background: var(--good-ground); } td.near { background: var(--doubt-ground); } td.worst { background: var(--bad-ground); }
.sub { display: block; font-weight: 400; font-size: 12.5px; color: var(--soft); white-space: normal; } .number .sub { white-space: nowrap; }

.badge { display: inline-block; padding: .02rem .5rem; border-radius: 999px; font-size: 13px; font-weight: 600; white-space: nowrap; color: var(--none); background: var(--none-ground); }
.badge.held { color: var(--good); background: var(--good-ground); }
.badge.failed, .badge.rejected { color: var(--bad); background: var(--bad-ground); }
.badge.inconclusive { color: var(--doubt); background: var(--doubt-ground); }
.badge.invalid { color: var(--odd); background: var(--odd-ground); }
details { margin: .5rem 0 1rem; } summary { cursor: pointer; color: var(--link); } details[open] > summary { margin-bottom: .4rem; }

figure { margin: .6rem 0 1.2rem; } figcaption { color: var(--soft); font-size: 13px; margin-top: .35rem; max-width: 52rem; }
.chart { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; padding: .5rem; }
svg { display: block; width: 100%; min-width: 34rem; height: auto; }
svg text { fill: var(--text); font: 12px system-ui, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; }
svg .soft { fill: var(--soft); } svg .at-bound { fill: var(--bad); } svg .at-floor { fill: var(--doubt); } svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
svg .grid { stroke: var(--line); stroke-width: 1; } svg .band { fill: var(--panel); }
svg .bound { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 5 3; } svg .floor { stroke: var(--doubt); stroke-width: 1.5; stroke-dasharray: 2 3; }
svg .dot { fill: var(--mark); fill-opacity: .5; stroke: var(--mark); stroke-width: 1; } svg .mean { stroke: var(--text); stroke-width: 2.5; }
svg .series-1 { fill: var(--series-1); } svg .series-2 { fill: var(--series-2); } svg .series-3 { fill: var(--series-3); } svg .series-4 { fill: var(--series-4); }
svg .series-0 { fill: var(--mark-soft); } svg .bar-line { stroke: var(--ground); stroke-width: 1; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: .2rem .4rem .4rem; font-size: 12.5px; color: var(--soft); }
.legend svg { display: inline-block; width: 22px; min-width: 0; height: 10px; margin-right: .4rem; }

.frames { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: .75rem; margin: .5rem 0 .4rem; }
.frames figure { margin: 0; } .frames img { display: block; width: 100%; height: auto; border: 1px solid var(--line); border-radius: 6px; background: #000; }
.frames figcaption { margin-top: .25rem; }
.clip { border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1rem; margin: .7rem 0 1rem; } .clip h3 { margin: 0 0 .15rem; }
.clip p { margin: .2rem 0 .4rem; overflow-wrap: anywhere; }

@media (max-width: 60rem) {
  .columns { display: block; padding: 0 1rem; } .frames { grid-template-columns: repeat(2, minmax(0, 1fr)); } header { padding: 1.2rem 1rem; } h1 { font-size: 1.4rem; }
  th, td { padding: .4rem .5rem; } td.prompt, td.why { min-width: 9rem; }
  nav ol { position: static; display: flex; flex-wrap: wrap; margin-top: 1rem; } nav a { border-left: 0; padding: .1rem .7rem .1rem 0; text-decoration: underline; }
}
@media print {
  :root { --ground: #fff; --panel: #fff; --text: #000; --soft: #333; --line: #bbb; }
  body { font-size: 10.5pt; } nav { display: none; } .columns { display: block; max-width: none; padding: 0; } header { padding: 0 0 .8rem; }
  .scroll, .chart { overflow: visible; border: 0; padding: 0; } svg { min-width: 0; } td.why, td.prompt { min-width: 0; } thead { display: table-header-group; }
  tr, figure, .clip { break-inside: avoid; } h2, h3 { break-after: avoid; } details::details-content { content-visibility: visible; block-size: auto; } .badge { border: 1px solid currentColor; }
}
)css";
}

}  // namespace wan::reports
