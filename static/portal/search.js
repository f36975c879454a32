/* The search dialog: Ctrl+K opens it, and "/" where no list has a search of its own; arrow keys
   choose, Enter goes. */
(() => {
  const dialog = () => document.getElementById("search");
  const options = () => [...document.querySelectorAll("#search-results [role=option]")];

  function open() {
    const found = dialog();
    if (!found || found.open) return;
    found.showModal();
    document.getElementById("search-term").select();
  }

  function choose(step) {
    const all = options();
    if (!all.length) return;
    const now = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
    const next = all[(now + step + all.length) % all.length] ?? all[0];
    all.forEach((one) => one.setAttribute("aria-selected", String(one === next)));
    document.getElementById("search-term").setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  }

  function go() {
    const all = options();
    const chosen = all.find((one) => one.getAttribute("aria-selected") === "true") ?? all[0];
    if (chosen) location.assign(chosen.href);
  }

  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, textarea, select, [contenteditable]");
    const free = !typing && !document.getElementById("searchbar");
    if ((event.key === "/" && free) || (event.key === "k" && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      open();
    }
  });

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-open-search]").forEach((button) => {
      button.addEventListener("click", open);
    });
    const found = dialog();
    found?.addEventListener("click", (event) => { if (event.target === found) found.close(); });
    document.getElementById("search-term")?.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) { event.preventDefault(); choose(step); }
      if (event.key === "Enter") { event.preventDefault(); go(); }
    });
  });
})();
