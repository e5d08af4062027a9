"use strict";

// What is known before what is not, numbers by size, text as people sort it.
const collator = new Intl.Collator(undefined, { numeric: true });
const keyOf = (row, place) => row.cells[place].dataset.key ?? row.cells[place].textContent.trim();
const numberOf = (key) => (key !== "" && Number.isFinite(Number(key)) ? Number(key) : null);
const unknown = (key) => key === "" || key === "-";

function compare(one, other, sign) {
  if (unknown(one) || unknown(other)) return unknown(one) - unknown(other);
  const [a, b] = [numberOf(one), numberOf(other)];
  return sign * (a !== null && b !== null ? a - b : collator.compare(one, other));
}

function sort(heading, direction) {
  const body = heading.closest("table").tBodies[0];
  const place = heading.cellIndex;
  const sign = direction === "ascending" ? 1 : -1;
  for (const each of heading.parentElement.cells) each.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", direction);
  body.append(...[...body.rows].sort((a, b) => compare(keyOf(a, place), keyOf(b, place), sign)));
}

function makeSortable() {
  for (const heading of document.querySelectorAll("main thead th")) {
    if (heading.closest("table").tBodies[0].rows[0]?.cells[heading.cellIndex]?.matches(".bars")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    const first = heading.matches(".number") ? "descending" : "ascending";
    const turned = { ascending: "descending", descending: "ascending" };
    button.addEventListener("click", () => sort(heading, turned[heading.getAttribute("aria-sort")] ?? first));
  }
}

makeSortable();
