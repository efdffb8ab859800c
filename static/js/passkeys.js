// Passkeys: a form with data-passkey="create|get" gets its hidden field "credential" from the browser, then it is sent.
// The options stand in data-options, or the form's address gives them. https://www.w3.org/TR/webauthn-3/

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options).publicKey;
  const response = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(response.status);
  return (await response.json()).request_options.publicKey;
}

const CEREMONIES = {
  create: (options) => navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON({
      ...options,
      authenticatorSelection: {
        ...options.authenticatorSelection,
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      },
    }),
  }),
  get: (options) => navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
  }),
};

async function prove(form) {
  const error = form.querySelector("[data-passkey-error]");
  const isAble = window.PublicKeyCredential?.parseRequestOptionsFromJSON;
  error.textContent = isAble ? "" : error.dataset.unable;
  if (!isAble) return;
  try {
    const credential = await CEREMONIES[form.dataset.passkey](await optionsOf(form));
    form.elements.credential.value = JSON.stringify(credential);
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
