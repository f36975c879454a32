/* Choosing files: what was chosen, whether it is too much, that checking takes a while; printing. */
(() => {
  const size = (octets) => (octets < 1e6 ? `${Math.ceil(octets / 1e3)} kB` : `${(octets / 1e6).toFixed(1)} MB`);

  function upload(form) {
    const input = form.querySelector('input[type="file"]');
    const list = form.querySelector("[data-chosen]");
    const problem = form.querySelector("[data-problem]");
    const button = form.querySelector('button[type="submit"]');
    const drop = input.closest("label");
    const limits = form.dataset;

    const show = () => {
      const files = [...input.files];
      const total = files.reduce((sum, file) => sum + file.size, 0);
      const tooMuch = total > Number(limits.maxOctets) || files.length > Number(limits.maxFiles);
      problem.textContent = tooMuch ? limits.tooLarge : "";
      button.disabled = tooMuch;
      const shown = files.slice(0, 5).map((file) => {
        const line = document.createElement("li");
        const note = document.createElement("small");
        note.textContent = size(file.size);
        line.append(file.name, note);
        return line;
      });
      if (files.length > 5) {
        const more = document.createElement("li");
        more.textContent = `+ ${files.length - 5}`;
        shown.push(more);
      }
      list.replaceChildren(...shown);
    };

    input.addEventListener("change", show);
    ["dragenter", "dragover"].forEach((name) => drop.addEventListener(name, () => drop.classList.add("pp-drop--over")));
    ["dragleave", "drop"].forEach((name) => drop.addEventListener(name, () => drop.classList.remove("pp-drop--over")));
    form.addEventListener("submit", () => {
      form.querySelector("[data-progress]").textContent = limits.busy;
      button.disabled = true;
    });
    /* The browser's back button shows the page as it was left. */
    window.addEventListener("pageshow", () => {
      form.querySelector("[data-progress]").textContent = "";
      show();
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("form[data-upload]").forEach(upload);
    document.querySelectorAll("[data-print]").forEach((button) => {
      button.addEventListener("click", () => window.print());
    });
  });
})();
