// What HTML cannot do by itself: every page works without it.
for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    button.textContent = shown ? button.dataset.hide : button.dataset.show;
    field.focus();
  });
}

for (const list of document.querySelectorAll("[data-rules-of]")) {
  const field = document.getElementById(list.dataset.rulesOf);
  const tick = () => {
    for (const rule of list.children) {
      const met = new RegExp(rule.dataset.pattern, "u").test(field.value);
      rule.classList.toggle("met", met);
      // The names that classic style sheets know.
      rule.classList.toggle("passwordCheck-valid-customizable", met);
      rule.classList.toggle("passwordCheck-notValid-customizable", !met);
    }
  };
  field.addEventListener("input", tick);
  tick();
}

// Passkeys: the browser asks for one, and the form carries what it answers. Where one is only offered, it is also among the names
// that the browser suggests.
for (const form of document.querySelectorAll("[data-passkey]")) {
  const isNew = form.dataset.passkey === "create";
  const isOffered = form.dataset.passkey === "offer";
  let waiting = new AbortController();
  const failed = form.querySelector("[data-failed]");
  form.elements.credential.value = "";
  const ask = async (mediation) => {
    waiting.abort();
    const { signal } = (waiting = new AbortController());
    const options = JSON.parse(form.dataset.options);
    const publicKey = isNew
      ? PublicKeyCredential.parseCreationOptionsFromJSON(options)
      : PublicKeyCredential.parseRequestOptionsFromJSON(options);
    try {
      const credential = await navigator.credentials[isNew ? "create" : "get"]({ publicKey, mediation, signal });
      if (signal.aborted) return;
      form.elements.credential.value = JSON.stringify(credential);
    } catch (error) {
      // Somebody has asked anew.
      if (signal.aborted) return;
      throw error;
    }
    form.requestSubmit();
  };
  let isAsking = false;
  const suggest = async () => {
    const isAvailable = await PublicKeyCredential.isConditionalMediationAvailable?.();
    if (isAvailable && !isAsking) await ask("conditional");
  };
  form.addEventListener("submit", (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (isAsking) return;
    isAsking = true;
    failed.textContent = "";
    ask().catch(() => (failed.textContent = form.dataset.failed)).finally(() => {
      isAsking = false;
      if (isOffered && !form.elements.credential.value) suggest().catch(() => {});
    });
  });
  if (isOffered && globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    form.hidden = false;
    suggest().catch(() => {});
  }
}

// Another code is sent once the one before had time to come.
for (const button of document.querySelectorAll("[data-wait]")) {
  const { wait, waiting } = button.dataset;
  const text = button.textContent;
  const ends = performance.now() + wait * 1000;
  const tick = () => {
    const left = Math.ceil((ends - performance.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? waiting.replace("{}", `0:${String(left).padStart(2, "0")}`) : text;
    if (left > 0) setTimeout(tick, 1000);
  };
  tick();
}

// A form is sent once, and says so where that takes a while.
for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    const primary = form.querySelector("input.primary");
    if (primary && form.dataset.busy) setTimeout(() => (primary.value = form.dataset.busy), 300);
    for (const button of form.querySelectorAll("button:not([type=button]), [type=submit]")) {
      button.setAttribute("aria-disabled", "true");
    }
  });
}
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
