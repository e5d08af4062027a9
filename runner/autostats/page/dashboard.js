// Makes the pages that are served better: without it, everything works by links and the form's button.
// It follows sorting.js.
const REFRESH_MS = 60_000;
const SETTLE_MS = 500;
// What is replaced when there is something new to show; the form stays, with the focus in it.
const PARTS = ["top", "contents", "main"];
const news = document.getElementById("news");
const form = document.querySelector("form.filters");
let asking = null;

// An element's place below the nearest one with an id, to find the same one in new content.
function placeOf(element) {
  const path = [];
  for (; element && !element.id; element = element.parentElement) {
    path.unshift([...element.parentElement.children].indexOf(element));
  }
  return element && { id: element.id, path };
}

const at = ({ id, path }) =>
  path.reduce((element, index) => element?.children[index], document.getElementById(id));

function replaceParts(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  if (!PARTS.every((id) => fresh.getElementById(id))) return location.reload();
  const active = document.activeElement;
  const focused = PARTS.some((id) => document.getElementById(id).contains(active)) && placeOf(active);
  const opened = [...document.querySelectorAll("main details[open]")].map(placeOf);
  const sorted = [...document.querySelectorAll("main [aria-sort]")].map((heading) => [
    placeOf(heading),
    heading.getAttribute("aria-sort"),
  ]);
  for (const id of PARTS) document.getElementById(id).replaceWith(fresh.getElementById(id));
  document.title = fresh.title;
  makeSortable();
  for (const place of opened) if (at(place)?.matches("details")) at(place).open = true;
  for (const [place, direction] of sorted) if (at(place)?.matches("th")) sort(at(place), direction);
  if (focused) at(focused)?.focus({ preventScroll: true });
}

async function ask(address) {
  asking?.abort();
  const mine = (asking = new AbortController());
  try {
    const headers = { Accept: "text/html" };
    const answer = await fetch(address, { cache: "no-cache", headers, signal: mine.signal });
    return { tag: answer.headers.get("ETag"), text: await answer.text() };
  } finally {
    if (asking === mine) asking = null;
  }
}

async function show(address) {
  try {
    replaceParts((await ask(address)).text);
    news.textContent = document.querySelector("main [role=alert]")?.textContent ?? `Shown: ${summary()}`;
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
  }
}

// The same address has another answer when there is a new build, and on a new day.
async function refresh() {
  if (document.visibilityState !== "visible" || asking) return;
  const before = document.getElementById("top").dataset;
  try {
    const { tag, text } = await ask(here());
    if (tag === null || tag === before.tag) return;
    replaceParts(text);
    const { build } = document.getElementById("top").dataset;
    if (build !== before.build) news.textContent = "New statistics have been published; the page shows them.";
  } catch {
    // The server may be back in a minute.
  }
}

const summary = () => document.querySelector("#top .period")?.textContent ?? document.title;
const here = () => location.pathname + location.search;
let shown = here();

function formAddress() {
  const words = new URLSearchParams([...new FormData(form)].filter(([name, value]) => value || name === "instrument"));
  return words.size ? `${form.getAttribute("action")}?${words}` : form.getAttribute("action");
}

function chooseFrom(changed) {
  // A cycle, a span and a first day name the period in different ways.
  const others = { last: ["from", "cycle"], from: ["last", "cycle"], to: ["cycle"], cycle: ["last", "from", "to"] };
  if (changed.value) for (const name of others[changed.name] ?? []) if (form.elements[name]) form.elements[name].value = "";
  const boxes = [...form.querySelectorAll("input[name=instrument]")];
  const names = boxes.filter((box) => box.checked).map((box) => box.value);
  const label = form.querySelector(".choices summary");
  if (label) label.textContent = `Instruments: ${names.join(", ") || "all"}`;
}

function follow() {
  const address = formAddress();
  if (address !== here()) history.pushState(null, "", address);
  shown = address;
  show(address);
}

if (document.getElementById("top")) {
  let settling;
  form.addEventListener("change", (event) => {
    chooseFrom(event.target);
    clearTimeout(settling);
    settling = setTimeout(follow, SETTLE_MS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(settling);
    follow();
  });
  // A link within the page changes its address too.
  addEventListener("popstate", () => {
    if (here() !== shown) location.reload();
  });
  setInterval(refresh, REFRESH_MS);
}
