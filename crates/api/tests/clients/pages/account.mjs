// The page on which people see and change their own account.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { createPool, idp, look, password, send, sentTo, signIn, text, url, user, visitor } from "../browsing.mjs";
import { totp } from "../totp.mjs";

const verified = { AutoVerifiedAttributes: ["email"] };
const named = { Schema: [{ Name: "given_name", AttributeDataType: "String", Required: true, Mutable: true }] };

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
  assert.match(await text(page), /You are signed in as edith\./);
  await look(page, "account");
  await page.goto(`${account}&lang=ar`);
  await look(page, "account-ar");
  await page.goto(`${account}&lang=de`);
  await look(page, "account-de");
  await page.goto(`${account}&lang=en`);
  const follow = (selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);

  await follow("a.act[aria-describedby=account-profile]");
  await look(page, "account-profile");
  await send(page, { "#attribute-given_name": "Eda", "#attribute-email": "eda@example.com" });
  await look(page, "account-address");
  await send(page, { "#code": await sentTo("eda@example.com") });
  assert.match(await text(page), /Your address is confirmed\..*Eda/s);

  await follow("a.act[aria-describedby=label-password]");
  await look(page, "account-password");
  await send(page, { "#currentPassword": "wrong", "#newPassword": `${password}-2` });
  assert.match(await text(page), /not your current password/);
  await look(page, "account-password-wrong");
  await send(page, { "#currentPassword": password, "#newPassword": `${password}-2` });
  assert.match(await text(page), /Your password was changed/);
  await look(page, "account-note");

  await follow("button[aria-describedby=account-factors-0]");
  await look(page, "account-app");
  const key = await page.$eval("figcaption code", (code) => code.textContent);
  await send(page, { "#code": totp(key, 0) });
  assert.match(await text(page), /asked for a second step/);
  await follow(".acts form:nth-child(2) button[aria-describedby=account-factors-0]");
  await look(page, "account-turn-off");
  await send(page, {});
  assert.match(await text(page), /no longer be asked/);

  await follow("button[aria-describedby=account-sessions]");
  await look(page, "account-everywhere");
  await send(page, {});
  assert.match(await text(page), /You are signed out/);
  await page.goto(account);
  assert.match(page.url(), /\/login\?/);
}
console.log("  somebody changes their account, and signs out everywhere");
