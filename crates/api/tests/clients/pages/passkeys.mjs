// Passkeys: added, used in three ways, and offered to who is new.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import {
  comesBack,
  createPool,
  home,
  idp,
  look,
  password,
  send,
  sentTo,
  signIn,
  url,
  user,
  verified,
  visit,
  visitor,
  visitorWithAuthenticator,
} from "../browsing.mjs";

{
  // Passkeys know the pages by a name, which an address is not.
  const factors = { SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD", "WEB_AUTHN"] } };
  const own = await createPool({ Policies: factors, ...verified });
  const UserPoolId = own.id;
  await idp.setUserPoolMfaConfig({ UserPoolId, WebAuthnConfiguration: { RelyingPartyId: "localhost" } });
  await user(own, "grace");
  await sleep(1000);
  const page = await visitorWithAuthenticator();
  const local = (checks) => page.goto(page.url().replace("127.0.0.1", "localhost")).then(() => checks);
  let checks = await local(await visit(page, own));
  await signIn(page, "grace");
  await comesBack(page, own, checks);
  const query = new URLSearchParams({ client_id: own.client, redirect_uri: `${home}/cb` });
  const add = `${url.replace("127.0.0.1", "localhost")}/${own.id}/passkeys/add?${query}`;
  await page.goto(add);
  await look(page, "add-passkey");
  await send(page, {});
  assert.equal(page.url(), `${home}/cb`);

  // Among the names that the browser suggests; the authenticator of this one takes the first.
  checks = await visit(page, own, { prompt: "login" });
  await local();
  for (let attempt = 0; attempt < 50 && !page.url().startsWith(home); attempt++) await sleep(100);
  assert.equal((await comesBack(page, own, checks)).claims()["cognito:username"], "grace");
  // By a button, without saying who it is; and after saying so.
  await page.evaluateOnNewDocument(() => (PublicKeyCredential.isConditionalMediationAvailable = async () => false));
  checks = await visit(page, own, { prompt: "login" });
  await local();
  await look(page, "sign-in-passkey");
  await send(page, {}, "form[data-passkey=offer] button");
  assert.equal((await comesBack(page, own, checks)).claims()["cognito:username"], "grace");
  checks = await visit(page, own, { prompt: "login" });
  await local();
  await send(page, { "#signInFormUsername": "grace" }, "button[name=other]");
  await page.click("input[value=WEB_AUTHN]");
  await send(page, {});
  await look(page, "passkey");
  await send(page, {});
  await comesBack(page, own, checks);

  // Somebody new is offered one on the way to the app, and may do without.
  for (const [name, goesOn] of [["joan", (page) => send(page, {})], ["mary", (page) => send(page, {}, ".ways a")]]) {
    await page.deleteCookie(...(await page.cookies(`http://localhost:${new URL(url).port}`)));
    checks = await visit(page, own, { prompt: "login" }, "signup");
    await local();
    await send(page, { "#username": name, "#attribute-email": `${name}@example.com`, "#newPassword": password });
    await send(page, { "#code": await sentTo(`${name}@example.com`) });
    assert.match(page.url(), /passkeys\/add/);
    await goesOn(page);
    assert.equal((await comesBack(page, own, checks)).claims()["cognito:username"], name);
  }

  const stranger = await visitor();
  stranger.removeAllListeners("request");
  await stranger.goto(add);
  assert.match(stranger.url(), /error=login_required/);
}
console.log("  somebody adds a passkey, and signs in with it");
