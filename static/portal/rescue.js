/* What was typed outlives a session that ended. It waits in this tab alone, for the same form and
   the same person, while they log in. Passwords and files are never kept. */
(() => {
  const key = "rescue";
  const left = "[name=csrfmiddlewaretoken], [type=password], [type=file], button, fieldset, output";
  const site = () => document.getElementById("page")?.dataset || {};
  const forms = () => [...document.querySelectorAll('main form[method="post"]')];
  const fields = (form) => [...form.elements].filter((field) => field.name && !field.matches(left));
  const isTicked = (field) => field.matches("[type=checkbox], [type=radio]");

  function keep(form) {
    const number = forms().indexOf(form);
    if (!site().person || number < 0) return;
    const typed = fields(form).map((field) => [field.name, field.value, !isTicked(field) || field.checked]);
    const asksAgain = Boolean(form.querySelector("[type=file], [type=password]"));
    const kept = { person: site().person, path: location.pathname, number, typed, asksAgain };
    sessionStorage.setItem(key, JSON.stringify(kept));
  }

  /* By name: what a dry run carried hidden was typed on the page before it. */
  function fill(form, typed) {
    fields(form).filter((field) => field.type !== "hidden").forEach((field) => {
      const same = typed.filter(([name]) => name === field.name);
      if (isTicked(field)) {
        if (same.length) field.checked = same.some(([, value, on]) => on && value === field.value);
      } else if (same.length && field.value !== same[0][1]) {
        field.value = same[0][1];
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
    });
  }

  function say(form, text) {
    const note = document.createElement("p");
    note.className = "pp-alert pp-alert--warning";
    note.setAttribute("role", "status");
    note.textContent = text;
    form.prepend(note);
  }

  /* A page without a person (log-in, error) is a detour. Any other page answers what was sent. */
  function arrive() {
    const kept = JSON.parse(sessionStorage.getItem(key) || "null");
    if (!kept) return;
    if (!site().person) {
      sessionStorage.setItem(key, JSON.stringify({ ...kept, detour: true }));
      return;
    }
    sessionStorage.removeItem(key);
    const form = forms()[kept.number];
    const isSame = kept.person === site().person && kept.path === location.pathname;
    if (!kept.detour || !isSame || !form) return;
    fill(form, kept.typed);
    say(form, kept.asksAgain ? site().rescuedButFiles : site().rescued);
  }

  document.addEventListener("submit", (event) => keep(event.target));

  /* A part of the page that was led to the log-in: go there as well, and come back. */
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    const there = xhr.responseURL && new URL(xhr.responseURL).pathname;
    if (there !== site().login) return;
    event.detail.shouldSwap = false;
    keep(requestConfig.elt.closest("form") || forms()[0]);
    location.reload();
  });

  document.addEventListener("DOMContentLoaded", arrive);
})();
