// The page on which people see and change their own account.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import {
  createPool,
  idp,
  language,
  look,
  named,
  password,
  says,
  send,
  sentTo,
  signIn,
  url,
  user,
  verified,
  visitor,
  visitorWithAuthenticator,
} from "../browsing.mjs";
import { totp } from "../totp.mjs";

{
  const own = await createPool({ ...verified, ...named }, ["aws.cognito.signin.user.admin"]);
  const UserPoolId = own.id;
  const SoftwareTokenMfaConfiguration = { Enabled: true };
  const WebAuthnConfiguration = { RelyingPartyId: "localhost" };
  const mfa = { MfaConfiguration: "OPTIONAL", SoftwareTokenMfaConfiguration, WebAuthnConfiguration };
  await idp.setUserPoolMfaConfig({ UserPoolId, ...mfa });
  const TokenSession = { MaxPerUser: 20 };
  await idp.setUserPoolSessionConfiguration({ UserPoolId, UserSessionTracking: "ENABLED", TokenSession });
  await user(own, "edith", { attributes: [{ Name: "given_name", Value: "Edith" }] });
  await sleep(1000);
  const page = await visitor();
  const account = `${url}/${own.id}/account?client_id=${own.client}`;
  await page.goto(account);
  await signIn(page, "edith");
  await says(page, /You are signed in as edith\./);
  await look(page, "account");
  await page.goto(`${account}&lang=de`);
  await look(page, "account-de");
  await page.goto(`${account}&lang=${language}`);
  const follow = (selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);

  await follow("a.act[aria-describedby=account-profile]");
  await look(page, "account-profile");
  await send(page, { "#attribute-birthdate": "1917" });
  await look(page, "account-profile-wrong");
  await send(page, { "#attribute-birthdate": "", "#attribute-given_name": "Eda", "#attribute-email": "eda@example.com" });
  await look(page, "account-address");
  await send(page, { "#code": "000000" });
  await look(page, "account-address-wrong");
  await send(page, { "#code": await sentTo("eda@example.com") });
  await says(page, /Your address is confirmed\./);

  await follow("a.act[aria-describedby=label-password]");
  await look(page, "account-password");
  await send(page, { "#currentPassword": "wrong", "#newPassword": `${password}-2` });
  await says(page, /not your current password/);
  await look(page, "account-password-wrong");
  await send(page, { "#currentPassword": password, "#newPassword": `${password}-2` });
  await says(page, /Your password was changed/);
  await look(page, "account-note");

  await follow("button[aria-describedby=account-factors-0]");
  await look(page, "account-app");
  await send(page, { "#code": "000000" });
  await look(page, "account-app-wrong");
  const key = await page.$eval("figcaption code", (code) => code.textContent);
  await send(page, { "#code": totp(key, 0) });
  await says(page, /asked for a second step/);
  await follow(".acts form:nth-child(2) button[aria-describedby=account-factors-0]");
  await look(page, "account-turn-off");
  await send(page, {});
  await says(page, /no longer be asked/);

  await follow("button[aria-describedby=account-sessions]");
  await look(page, "account-everywhere");
  await send(page, {});
  await says(page, /You are signed out/);
  await page.goto(account);
  assert.match(page.url(), /\/login\?/);
  const plain = await createPool(verified);
  page.removeAllListeners("console");
  await page.goto(`${url}/${plain.id}/account?client_id=${plain.client}`);
  await look(page, "account-none");
}
{
  // What somebody has on their account is taken away after a question.
  const own = await createPool({ ...verified }, ["aws.cognito.signin.user.admin"]);
  const UserPoolId = own.id;
  await idp.setUserPoolMfaConfig({ UserPoolId, WebAuthnConfiguration: { RelyingPartyId: "localhost" } });
  await idp.updateUserPool({
    UserPoolId,
    ...verified,
    Policies: { SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD", "WEB_AUTHN"] } },
    DeviceConfiguration: { ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: false },
  });
  await idp.setUserPoolSessionConfiguration({ UserPoolId, UserSessionTracking: "ENABLED", TokenSession: { MaxPerUser: 20 } });
  await user(own, "vera");
  await sleep(1000);
  const page = await visitorWithAuthenticator();
  const account = `${url}/${own.id}/account?client_id=${own.client}`.replace("127.0.0.1", "localhost");
  await page.goto(account);
  await signIn(page, "vera");
  await page.goto(account.replace("/account?", "/passkeys/add?"));
  await send(page, {});
  await page.goto(account);
  await look(page, "account-passkeys");
  const elsewhere = await visitor();
  elsewhere.removeAllListeners("request");
  await elsewhere.goto(account);
  await signIn(elsewhere, "vera");
  for (const [about, name] of [["account-passkeys", "account-remove-passkey"], ["account-sessions", "account-end-session"]]) {
    await page.goto(account);
    await Promise.all([page.waitForNavigation(), page.click(`button[aria-describedby^=${about}-]`)]);
    await look(page, name);
  }
}
console.log("  somebody changes their account, and signs out everywhere");
