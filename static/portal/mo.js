/* The MO's pages: printing a receipt, and rescuing what was typed when a session had ended. */
(() => {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  const key = `rescue:${location.pathname}`;
  const form = () => document.querySelector("form[data-rescue]");
  const texts = (found) => [...found.elements].filter(
    (field) => field.name && field.name !== "csrfmiddlewaretoken" && field.matches("input:not([type=file], [type=checkbox], [type=hidden], [type=radio]), select"),
  );

  function keep() {
    const found = form();
    if (!found) return;
    const typed = Object.fromEntries(texts(found).map((field) => [field.name, field.value]));
    sessionStorage.setItem(key, JSON.stringify(typed));
  }

  /* Only after a detour: a page that answers in the workflow brings its own values. */
  function restore() {
    const kept = sessionStorage.getItem(key);
    sessionStorage.removeItem(key);
    const found = form();
    const detour = document.referrer && !new URL(document.referrer).pathname.startsWith("/conclude/");
    if (!kept || !found || !detour) return;
    const typed = JSON.parse(kept);
    texts(found).forEach((field) => {
      if (!(field.name in typed) || field.value === typed[field.name]) return;
      field.value = typed[field.name];
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  document.addEventListener("submit", (event) => {
    if (event.target === form()) keep();
  });

  /* A look-up that was led to the log-in page: go there as well, and come back. */
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, pathInfo } = event.detail;
    const there = xhr.responseURL && new URL(xhr.responseURL).pathname;
    if (!there || !form() || there === new URL(pathInfo.finalRequestPath, location).pathname) return;
    event.detail.shouldSwap = false;
    keep();
    location.reload();
  });

  document.addEventListener("DOMContentLoaded", restore);
})();
