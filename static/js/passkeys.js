// Passkeys: a form with data-passkey="create|get" gets its hidden field "credential" from the browser, then it is sent.
// The options stand in data-options, or the form's address gives them. https://www.w3.org/TR/webauthn-3/

const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

const known = (list = []) => list.map((key) => ({ ...key, id: toBytes(key.id) }));

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options).publicKey;
  const response = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(response.status);
  return (await response.json()).request_options.publicKey;
}

async function create(options) {
  return navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: known(options.excludeCredentials),
      authenticatorSelection: {
        ...options.authenticatorSelection,
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      },
    },
  });
}

async function get(options) {
  return navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      allowCredentials: known(options.allowCredentials),
    },
  });
}

function toJson(credential) {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response: Object.fromEntries(
      parts.filter((part) => response[part]).map((part) => [part, toText(response[part])]),
    ),
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function prove(form) {
  const error = form.querySelector("[data-passkey-error]");
  error.textContent = "";
  if (!window.PublicKeyCredential) {
    error.textContent = error.dataset.unable;
    return;
  }
  try {
    const ceremony = form.dataset.passkey === "create" ? create : get;
    form.elements.credential.value = toJson(await ceremony(await optionsOf(form)));
    form.submit();
  } catch {
    error.textContent = error.dataset.failed;
  }
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    prove(form);
  });
}
