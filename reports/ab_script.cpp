#include "reports/ab_script.h"

namespace wan::reports {
namespace {

constexpr std::string_view kScript = R"js(
"use strict";
(() => {
  const page = JSON.parse(document.getElementById("trials").textContent);
  const find = (id) => document.getElementById(id);
  const storageKey = "wan-eval-ab-" + page.page;
  const newState = () => ({
    sitting: Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join(""),
    rater: "",
    answers: [],
  });

  // Browsers may refuse storage to a page that was opened as a file: then answers live as long as the page, and it says so.
  function load() {
    try {
      const kept = JSON.parse(localStorage.getItem(storageKey));
      if (kept && Array.isArray(kept.answers) && kept.answers.length <= page.trials.length) return kept;
    } catch (refused) {}
    return newState();
  }
  function save() {
    try {
      localStorage.setItem(storageKey, JSON.stringify(state));
      find("unstored").hidden = true;
    } catch (refused) {
      find("unstored").hidden = false;
    }
  }

  let state = load();
  let stop = () => {};    // of the trial that is shown
  let replay = () => {};
  let playingSince = 0;   // 0: the clips are not ready, so nobody can have an opinion yet

  function whenReady(begin) {
    playingSince = performance.now();
    find("wait").hidden = true;
    replay = begin;
    begin();
  }

  // The next round begins when both clips have ended, so that they never drift apart by more than one round.
  function playVideos(trial) {
    let ended = 0;
    let stopped = false;
    const videos = ["left", "right"].map((side) => {
      const video = document.createElement("video");
      video.muted = true;
      video.playsInline = true;
      video.preload = "auto";
      video.addEventListener("error", () => { if (!stopped) find("trouble").hidden = false; });
      find(side).replaceChildren(video);
      return video;
    });
    const begin = () => {
      if (stopped) return;
      ended = 0;
      for (const video of videos) video.currentTime = 0;
      for (const video of videos) video.play().catch(() => {});
    };
    for (const video of videos) video.addEventListener("ended", () => { if (++ended === videos.length) begin(); });
    const loaded = videos.map((video) => new Promise((done) => video.addEventListener("canplaythrough", done, { once: true })));
    Promise.all(loaded).then(() => { if (!stopped) whenReady(begin); });
    videos.forEach((video, i) => { video.src = "data:video/mp4;base64," + trial[i === 0 ? "left" : "right"][0]; });
    stop = () => {
      stopped = true;
      for (const video of videos) video.removeAttribute("src");
    };
  }

  function playFrames(trial) {
    let timer = 0;
    let stopped = false;
    const sides = ["left", "right"].map((side) => {
      const frames = trial[side].map((png) => {
        const image = new Image();
        image.src = "data:image/png;base64," + png;
        return image;
      });
      const canvas = document.createElement("canvas");
      find(side).replaceChildren(canvas);
      return { frames, canvas };
    });
    const begin = () => {
      clearInterval(timer);
      let shown = 0;
      const draw = () => {
        for (const { frames, canvas } of sides) canvas.getContext("2d").drawImage(frames[shown % frames.length], 0, 0);
        ++shown;
      };
      draw();
      timer = setInterval(draw, 1000 / page.frames_per_second);
    };
    Promise.all(sides.flatMap(({ frames }) => frames.map((image) => image.decode()))).then(() => {
      if (stopped) return;
      for (const { frames, canvas } of sides) {
        canvas.width = frames[0].naturalWidth;
        canvas.height = frames[0].naturalHeight;
      }
      whenReady(begin);
    }, () => { if (!stopped) find("trouble").hidden = false; });
    stop = () => {
      stopped = true;
      clearInterval(timer);
    };
  }

  function show() {
    stop();
    stop = replay = () => {};
    playingSince = 0;
    const at = state.answers.length;
    const done = at === page.trials.length;
    find("trial").hidden = done;
    find("done").hidden = !done;
    find("undo").disabled = at === 0;
    find("progress").max = page.trials.length;
    find("progress").value = at;
    find("count").textContent = done ? "All " + at + " answered" : "Pair " + (at + 1) + " of " + page.trials.length;
    if (done) return;
    find("wait").hidden = false;
    find("trouble").hidden = true;
    find("prompt").textContent = page.trials[at].prompt;
    (page.media === "mp4" ? playVideos : playFrames)(page.trials[at]);
  }

  function answer(choice) {
    if (!playingSince || state.answers.length === page.trials.length) return;
    state.answers.push({ choice, ms: Math.round(performance.now() - playingSince) });
    save();
    show();
  }
  function undo() {
    if (state.answers.length === 0) return;
    state.answers.pop();
    save();
    show();
  }

  function votes() {
    return {
      schema: 1,
      run: page.run,
      page: page.page,
      seed: page.seed,
      sitting: state.sitting,
      rater: state.rater.trim().slice(0, 200),
      trials: page.trials.map((trial, i) => ({ id: trial.id, ...(state.answers[i] || { choice: "none", ms: 0 }) })),
    };
  }
  function exportVotes() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(votes(), null, 1) + "\n"], { type: "application/json" }));
    link.download = "votes-" + page.page + "-" + state.sitting + ".json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }
  function startAnew() {
    if (state.answers.length > 0 && !confirm("Forget the answers on this page? Save them first.")) return;
    state = newState();
    find("rater").value = "";
    save();
    show();
  }

  const actions = {
    "prefer-left": () => answer("left"),
    "prefer-right": () => answer("right"),
    "tie": () => answer("tie"),
    "undo": undo,
    "replay": () => replay(),
    "export": exportVotes,
    "anew": startAnew,
  };
  for (const [id, action] of Object.entries(actions)) find(id).addEventListener("click", action);
  const keys = { ArrowLeft: "prefer-left", ArrowRight: "prefer-right", ArrowDown: "tie", " ": "tie", Backspace: "undo", r: "replay", R: "replay" };
  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.target === find("rater")) return;
    if (event.key === " " && event.target.closest("button")) return;  // whoever reached a button by keyboard means the button
    const action = actions[keys[event.key]];
    if (!action) return;
    event.preventDefault();
    action();
  });
  find("rater").value = state.rater;
  find("rater").addEventListener("input", () => {
    state.rater = find("rater").value;
    save();
  });
  save();
  show();
})();
)js";

// Grey around the clips, the same in every theme: what stands around a picture changes how bright it looks.
constexpr std::string_view kStyle = R"css(
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1600px; padding: 1rem; background: #767676; color: #000; font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.3rem; }
p { margin: .4rem 0; max-width: 75ch; }
[hidden] { display: none !important; }
.bar { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin: .5rem 0; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; min-height: 12rem; }
.pair figure { margin: 0; text-align: center; }
.pair video, .pair canvas { width: 100%; max-height: 70vh; object-fit: contain; }
.answers { display: grid; grid-template-columns: 1fr auto 1fr; gap: 1rem; }
button, input { font: inherit; color: #000; background: #f4f4f4; border: 1px solid #000; border-radius: .3rem; padding: .4rem .8rem; }
button:focus-visible, input:focus-visible { outline: 3px solid #000; outline-offset: 2px; }
.note { font-size: .85rem; }
.warning { font-weight: 700; }
)css";

}  // namespace

std::string_view ab_script() { return kScript; }
std::string_view ab_style() { return kStyle; }

}  // namespace wan::reports
