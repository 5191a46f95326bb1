// A form with a field marked data-passkey is sent with what the person's
// authenticator says to it. Without scripts it is not sent at all.
(() => {
  "use strict";

  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const withBytes = (list) => (list || []).map((key) => ({ ...key, id: bytes(key.id) }));

  const answer = (credential, response) => JSON.stringify({
    id: credential.id, rawId: text(credential.rawId), type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment || undefined,
    clientExtensionResults: {}, response,
  });

  const ask = {
    async get(options) {
      const credential = await navigator.credentials.get({
        publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: withBytes(options.allowCredentials) },
      });
      const r = credential.response;
      return answer(credential, {
        clientDataJSON: text(r.clientDataJSON), authenticatorData: text(r.authenticatorData), signature: text(r.signature),
        userHandle: r.userHandle ? text(r.userHandle) : undefined,
      });
    },
    async create(options) {
      const credential = await navigator.credentials.create({
        publicKey: {
          ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) },
          excludeCredentials: withBytes(options.excludeCredentials),
        },
      });
      const r = credential.response;
      return answer(credential, {
        clientDataJSON: text(r.clientDataJSON), attestationObject: text(r.attestationObject),
        transports: r.getTransports ? r.getTransports() : [],
      });
    },
  };

  const problem = (error) => {
    if (error.name === "NotAllowedError") return "Your passkey was not used: it was cancelled, took too long, or could not verify that it is you.";
    if (error.name === "InvalidStateError") return "This passkey is registered already.";
    return "Your browser cannot use a passkey here: " + error.message;
  };

  let asking = false;

  // Forms may be put in the place of others at any time, so the page listens.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const field = form.querySelector("input[data-passkey]");
    if (!field) return;
    event.preventDefault();
    if (asking) return;
    asking = true;
    form.dataset.busy = ""; // what keeps the page as it is now must not take it away meanwhile
    const says = form.querySelector("[data-passkey-problem]");
    says.hidden = true;
    try {
      if (!navigator.credentials) throw new Error("it knows none, or this page is not secure.");
      field.value = await ask[field.dataset.passkey](JSON.parse(field.dataset.options));
      form.submit();
    } catch (error) {
      says.textContent = problem(error);
      says.hidden = false;
    } finally {
      asking = false;
      delete form.dataset.busy;
    }
  });

  // A page that comes back from the browser's memory asks anew.
  addEventListener("pageshow", () => {
    for (const field of document.querySelectorAll("input[data-passkey]")) field.value = "";
  });
})();
