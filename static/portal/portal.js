/* What the portal adds in the browser: tabs, copying, requests of htmx, and the keyboard. */
(() => {
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  /* Tabs: arrow keys move, the address keeps the open one. */
  function tabs(list) {
    const buttons = all('[role="tab"]', list);
    const open = (chosen, focus) => {
      buttons.forEach((button) => {
        const isChosen = button === chosen;
        button.setAttribute("aria-selected", String(isChosen));
        button.tabIndex = isChosen ? 0 : -1;
        document.getElementById(button.getAttribute("aria-controls")).hidden = !isChosen;
      });
      if (focus) {
        chosen.focus();
        history.replaceState(null, "", `#${chosen.dataset.key}`);
      }
    };
    const step = { ArrowRight: 1, ArrowLeft: -1 };
    buttons.forEach((button, index) => {
      button.addEventListener("click", () => open(button, true));
      button.addEventListener("keydown", (event) => {
        const targets = { Home: 0, End: buttons.length - 1 };
        const next = event.key in step
          ? (index + step[event.key] + buttons.length) % buttons.length
          : targets[event.key];
        if (next !== undefined) {
          event.preventDefault();
          open(buttons[next], true);
        }
      });
    });
    const named = buttons.find((button) => `#${button.dataset.key}` === location.hash);
    if (named) open(named, false);
  }

  /* On a phone a row stands as a list: each cell says which column it is of. */
  function label(table) {
    const names = all("thead th", table).map((head) => head.textContent.trim());
    all("tbody tr", table).forEach((row) => {
      [...row.cells].forEach((cell, index) => { if (names[index]) cell.dataset.label = names[index]; });
    });
  }

  async function copy(button) {
    const label = button.textContent;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = label; }, 2000);
  }

  /* Unfold opens menus from elements that only a mouse reaches. */
  function reachable(element) {
    if (element.matches("button, input, select, a[href]")) return;
    element.setAttribute("role", "button");
    element.tabIndex = 0;
    element.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        element.click();
      }
    });
  }

  /* A double click sends a form once: what is shown once must not be lost to a second answer. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 5000);
  });
  window.addEventListener("pageshow", () => {
    all("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
  });

  document.addEventListener("DOMContentLoaded", () => {
    all('[role="tablist"]').forEach(tabs);
    all("table.pp-table").forEach(label);
    /* Unfold waits for a change of its own kind of file field, and fails on others. */
    all('input[type="file"]').forEach((input) => { input.hasChangeListener = true; });
    all("[data-copy]").forEach((button) => button.addEventListener("click", () => copy(button)));
    all("[x-on\\:click]").forEach((element) => {
      if (element.id !== "changelist-filter-close") reachable(element);
    });
    all(".material-symbols-outlined").forEach((icon) => {
      if (icon.getAttribute("role") !== "button") icon.setAttribute("aria-hidden", "true");
      else icon.setAttribute("aria-label", icon.textContent.trim().replaceAll("_", " "));
    });
    const list = document.getElementById("searchbar");
    if (list) document.getElementById("searchbar-submit")?.setAttribute("aria-label", list.placeholder);
    const menu = document.getElementById("page")?.dataset.menu || "";
    document.getElementById("nav-sidebar-inner")?.setAttribute("aria-label", menu);
    document.querySelector("#nav-sidebar-apps a.active")?.setAttribute("aria-current", "page");
  });

  window.addEventListener("load", () => {
    all(".simplebar-content-wrapper").forEach((region) => {
      region.removeAttribute("role");
      region.removeAttribute("aria-label");
    });
  });

  document.addEventListener("htmx:load", (event) => {
    all("table.pp-table", event.target).forEach(label);
  });

  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector('input[name="csrfmiddlewaretoken"]');
    if (token) event.detail.headers["X-CSRFToken"] = token.value;
  });
})();
