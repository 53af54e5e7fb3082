// Shows what is new without a reload; without this script the page is the same after one.
"use strict";
const live = document.getElementById("live");
let last = live.dataset.last;
async function look() {
  try {
    const answer = await fetch("/_sandbox/live?after=" + last + "&" + location.search.slice(1));
    if (answer.status === 200) {
      const open = new Set([...live.querySelectorAll("details[open]")].map((one) => one.id));
      live.innerHTML = await answer.text();
      for (const id of open) document.getElementById(id)?.setAttribute("open", "");
      last = answer.headers.get("x-last");
    }
    document.body.classList.remove("away");
  } catch {
    document.body.classList.add("away");
  }
  setTimeout(look, 1000);
}
setTimeout(look, 1000);
