// Second factors: set up on the way in, chosen, given, and another one given instead.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import {
  comesBack,
  createPool,
  idp,
  look,
  named,
  password,
  resend,
  says,
  send,
  sentTo,
  signIn,
  user,
  verified,
  visit,
  visitor,
} from "../browsing.mjs";
import { totp } from "../totp.mjs";

{
  const strict = await createPool({ ...verified, ...named });
  const UserPoolId = strict.id;
  await user(strict, "joan", { permanent: false, attributes: [{ Name: "given_name", Value: "Joan" }] });
  await idp.setUserPoolMfaConfig({ UserPoolId, MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: { Enabled: true } });
  await sleep(1000); // A server remembers a pool's settings a moment longer.
  const page = await visitor();
  const first = await visit(page, strict);
  await signIn(page, "joan");
  assert.equal(await page.$eval("input[autocomplete=username]", (field) => field.value), "joan");
  await look(page, "new-password");
  await send(page, { "#newPassword": `${password}-2` });
  await look(page, "set-up-app");
  await send(page, { "#code": "000000" });
  await look(page, "set-up-app-wrong");
  const key = await page.$eval("figcaption code", (code) => code.textContent);
  await send(page, { "#code": totp(key, 0) });
  await comesBack(page, strict, first);
  await visit(page, strict, { prompt: "login" });
  await signIn(page, "joan", `${password}-2`);
  await look(page, "code-of-app");
  await send(page, { "#code": "000000" });
  await look(page, "code-of-app-wrong");
  await page.$eval("[name=session]", (field) => (field.value = "of nobody"));
  await send(page, { "#code": "000000" });
  await look(page, "session-expired");

  await user(strict, "june", { permanent: false });
  await visit(page, strict, { prompt: "login" });
  await signIn(page, "june");
  await look(page, "new-password-attributes");
  await send(page, { "#newPassword": "weak", "#attribute-given_name": "June" });
  await look(page, "new-password-wrong");
}
console.log("  somebody chooses a password and sets an authenticator app up");

const sms = { SmsConfiguration: { SnsCallerArn: "arn:aws:iam::000000000000:role/sms", ExternalId: "pages" } };
const sender = { EmailSendingAccount: "DEVELOPER", SourceArn: "arn:aws:ses:us-east-1:000000000000:identity/no-reply@tenant.example" };

/** A pool with every second factor. */
async function everyFactor(MfaConfiguration) {
  const pool = await createPool({ ...verified, EmailConfiguration: sender });
  await idp.setUserPoolMfaConfig({
    UserPoolId: pool.id,
    MfaConfiguration,
    SmsMfaConfiguration: sms,
    EmailMfaConfiguration: {},
    SoftwareTokenMfaConfiguration: { Enabled: true },
  });
  await sleep(1000);
  return pool;
}

const choose = (page, factor) =>
  Promise.all([page.waitForNavigation(), page.click(`.ways form:not(:has([data-wait])):has([value=${factor}]) button`)]);

{
  const strict = await everyFactor("ON");
  await idp.adminCreateUser({ UserPoolId: strict.id, Username: "kate", MessageAction: "SUPPRESS" });
  await idp.adminSetUserPassword({ UserPoolId: strict.id, Username: "kate", Password: password, Permanent: true });
  const page = await visitor();
  await visit(page, strict);
  await signIn(page, "kate");
  await look(page, "set-up-choose");
  await page.click("input[value=EMAIL_OTP]");
  await send(page, {});
  await look(page, "set-up-email");
  await page.$eval("form", (form) => (form.noValidate = true));
  await send(page, { "#address": "nobody" });
  await says(page, /an address such as/);
  await look(page, "set-up-email-wrong");
  await send(page, {}, ".ways a");
  const again = await visit(page, strict);
  await signIn(page, "kate");
  await page.click("input[value=SMS_MFA]");
  await send(page, {});
  await look(page, "set-up-sms");
  await page.select(".phone select", "FI");
  await send(page, { "#address": "1" });
  await says(page, /a number with its country code/);
  await look(page, "set-up-sms-wrong");
  await page.select(".phone select", "FI");
  await send(page, { "#address": "040 123 45 67" });
  await look(page, "code-of-sms");
  await resend(page);
  await says(page, /A new code is on its way/);
  await look(page, "code-of-sms-again");
  await send(page, { "#code": await sentTo("+358401234567") });
  await comesBack(page, strict, again);
}
console.log("  somebody sets a telephone up");

{
  const pool = await everyFactor("OPTIONAL");
  const phone = [{ Name: "phone_number", Value: "+358407654321" }, { Name: "phone_number_verified", Value: "true" }];
  await user(pool, "lena", { attributes: phone });
  const Enabled = { Enabled: true };
  const preferences = (more) =>
    idp.adminSetUserMFAPreference({ UserPoolId: pool.id, Username: "lena", SMSMfaSettings: Enabled, EmailMfaSettings: Enabled, ...more });
  await preferences({});
  const page = await visitor();
  const checks = await visit(page, pool);
  await signIn(page, "lena");
  await look(page, "select-factor");
  await page.click("input[value=SMS_MFA]");
  await send(page, {});
  await look(page, "code-another-way");
  await choose(page, "EMAIL_OTP");
  await send(page, { "#code": "000000" });
  await look(page, "code-another-way-wrong");
  await choose(page, "SMS_MFA");
  await send(page, { "#code": await sentTo("+358407654321") });
  await comesBack(page, pool, checks);

  await preferences({ EmailMfaSettings: { Enabled: true, PreferredMfa: true } });
  const bare = await visitor();
  await bare.setJavaScriptEnabled(false);
  const without = await visit(bare, pool);
  await bare.type("#signInFormUsername", "lena");
  await bare.type("#signInFormPassword", password);
  await Promise.all([bare.waitForNavigation(), bare.click("form .primary")]);
  await choose(bare, "SMS_MFA");
  await bare.type("#code", await sentTo("+358407654321"));
  await Promise.all([bare.waitForNavigation(), bare.click("form .primary")]);
  await comesBack(bare, pool, without);
}
console.log("  somebody uses another factor than the one they are asked for");
