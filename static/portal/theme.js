/* Before the first paint: the theme that the person chose, else that of the system. */
(() => {
  let chosen = "auto";
  try {
    chosen = JSON.parse(localStorage.getItem("adminTheme") || '"auto"');
  } catch {
    localStorage.removeItem("adminTheme");
  }
  const system = window.matchMedia("(prefers-color-scheme: dark)").matches;
  const root = document.documentElement;
  if (chosen === "dark" || (chosen === "auto" && system)) {
    root.classList.add("dark");
    // Alpine only takes away classes that it added itself.
    document.addEventListener("alpine:init", () => root.classList.remove("dark"));
  }
})();
