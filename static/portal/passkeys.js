/* Asks the browser for a passkey and posts its answer; also tells the log-in page the time zone. */
(() => {
  const octets = (text) => Uint8Array.from(
    atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0),
  );
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const known = (list = []) => list.map((one) => ({ ...one, id: octets(one.id) }));

  async function create({ publicKey }) {
    const made = await navigator.credentials.create({
      publicKey: {
        ...publicKey,
        challenge: octets(publicKey.challenge),
        user: { ...publicKey.user, id: octets(publicKey.user.id) },
        excludeCredentials: known(publicKey.excludeCredentials),
      },
    });
    return answer(made, {
      attestationObject: text(made.response.attestationObject),
      transports: made.response.getTransports ? made.response.getTransports() : [],
    });
  }

  async function get({ publicKey }) {
    const found = await navigator.credentials.get({
      publicKey: {
        ...publicKey,
        challenge: octets(publicKey.challenge),
        allowCredentials: known(publicKey.allowCredentials),
      },
    });
    return answer(found, {
      authenticatorData: text(found.response.authenticatorData),
      signature: text(found.response.signature),
      userHandle: found.response.userHandle ? text(found.response.userHandle) : null,
    });
  }

  const answer = (credential, response) => ({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
  });

  async function ask(button, problem) {
    const options = JSON.parse(document.getElementById(button.dataset.options).textContent);
    const field = document.getElementById(button.dataset.credential);
    button.disabled = true;
    problem.textContent = "";
    try {
      const found = button.dataset.passkey === "create"
        ? await create(options.creation_options)
        : await get(options.request_options);
      field.value = JSON.stringify(found);
      /* Of two ways to confirm only the one that was taken is posted. */
      for (const other of field.form.elements) {
        if (other.autocomplete === "one-time-code") other.disabled = true;
      }
      field.form.submit();
    } catch {
      problem.textContent = problem.dataset.failed;
      button.disabled = false;
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const field of document.querySelectorAll("[data-zone]")) {
      field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
    }
    for (const button of document.querySelectorAll("[data-passkey]")) {
      const problem = button.form.querySelector("[data-passkey-error]");
      if (window.PublicKeyCredential) {
        button.addEventListener("click", () => ask(button, problem));
      } else {
        button.disabled = true;
        problem.textContent = problem.dataset.missing;
      }
    }
  });
})();
