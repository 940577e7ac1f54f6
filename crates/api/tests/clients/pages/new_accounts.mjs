// Making an account, confirming it by a code or a link, and choosing another password: with JavaScript and without.

import assert from "node:assert/strict";

import {
  comesBack,
  createPool,
  home,
  idp,
  language,
  look,
  password,
  resend,
  says,
  send,
  sentTo,
  signIn,
  text,
  url,
  verified,
  visit,
  visitor,
} from "../browsing.mjs";

const pool = await createPool(verified);

/** As send, for who has no JavaScript: nothing of the page runs, not even to empty a field. */
async function fill(page, fields) {
  for (const [selector, value] of Object.entries(fields)) await page.type(selector, value);
  await Promise.all([page.waitForNavigation(), page.click("form .primary")]);
}

{
  const page = await visitor();
  const checks = await visit(page, pool, {}, "signup");
  await look(page, "sign-up");
  const fields = { "#username": "carol", "#attribute-email": "carol@example.com" };
  await send(page, { ...fields, "#newPassword": "weak" });
  await look(page, "sign-up-wrong");
  await send(page, { "#newPassword": password });
  await look(page, "confirm");
  await resend(page);
  await says(page, /new code is on its way/);
  await look(page, "confirm-again");
  await send(page, { "#code": "000000" });
  await look(page, "confirm-wrong");
  await send(page, { "#code": await sentTo("carol@example.com") });
  assert.equal((await comesBack(page, pool, checks)).claims()["cognito:username"], "carol");
}
{
  // Who comes back later signs in, and is asked for the code then.
  const page = await visitor();
  await visit(page, pool, {}, "signup");
  const fields = { "#username": "dave", "#attribute-email": "dave@example.com" };
  await page.$eval("#newPassword", (field) => (field.required = false));
  await send(page, fields);
  await look(page, "sign-up-nothing");
  await send(page, { "#newPassword": password });
  const checks = await visit(page, pool, { lang: language });
  await signIn(page, "dave");
  await send(page, { "#code": await sentTo("dave@example.com") });
  await says(page, /Your account is ready/);
  await look(page, "sign-in-ready");
  await send(page, { "#signInFormPassword": password });
  await comesBack(page, pool, checks);
}
{
  const page = await visitor();
  const checks = await visit(page, pool, {}, "forgotPassword");
  await look(page, "forgot");
  await send(page, { "#username": "nobody" });
  await look(page, "forgot-wrong");
  await send(page, { "#username": "carol" });
  await look(page, "reset");
  await send(page, { "#code": await sentTo("carol@example.com"), "#newPassword": "weak" });
  await look(page, "reset-weak");
  await send(page, { "#code": "000000", "#newPassword": `${password}-2` });
  await look(page, "reset-wrong");
  await send(page, { "#code": await sentTo("carol@example.com"), "#newPassword": `${password}-2` });
  await says(page, /Your password was changed/);
  await send(page, { "#signInFormPassword": `${password}-2` });
  await comesBack(page, pool, checks);
}
console.log("  somebody makes an account, and forgets their password");

{
  const page = await visitor();
  await page.setJavaScriptEnabled(false);
  const checks = await visit(page, pool, {}, "signup");
  await fill(page, { "#username": "erin", "#attribute-email": "erin@example.com", "#newPassword": "weak" });
  await says(page, /does not follow the rules/);
  await fill(page, { "#newPassword": password });
  await Promise.all([page.waitForNavigation(), page.click(".ways form button")]);
  await fill(page, { "#code": await sentTo("erin@example.com") });
  await comesBack(page, pool, checks);
  const again = await visit(page, pool, { prompt: "login" }, "forgotPassword");
  await fill(page, { "#username": "erin" });
  await fill(page, { "#code": await sentTo("erin@example.com"), "#newPassword": `${password}-2` });
  await fill(page, { "#signInFormPassword": `${password}-2` });
  await comesBack(page, pool, again);
}
console.log("  and so does somebody without JavaScript");

{
  const phones = await createPool({ UsernameAttributes: ["phone_number"], AutoVerifiedAttributes: ["phone_number"] });
  const page = await visitor();
  const first = await visit(page, phones, { lang: "de" }, "signup");
  assert.equal(await page.$eval(".phone select", (list) => list.selectedOptions[0].label), "🇺🇸 +1 Vereinigte Staaten");
  await look(page, "sign-up-phone");
  await page.select(".phone select", "DE");
  await page.type("#newPassword", password);
  await send(page, { "#username": "0151 23 45-67 89" });
  assert.match(await text(page), /gesendet/);
  const { Users } = await idp.listUsers({ UserPoolId: phones.id });
  const [{ Value }] = Users[0].Attributes.filter(({ Name }) => Name === "phone_number");
  assert.equal(Value, "+4915123456789");
  await send(page, { "#code": await sentTo(Value) });
  await comesBack(page, phones, first);
  const checks = await visit(page, phones, { lang: "it", prompt: "login" });
  await page.select(".phone select", "DE");
  await send(page, { "#signInFormUsername": "(0151) 23456789", "#signInFormPassword": password });
  await comesBack(page, phones, checks);
}
console.log("  somebody types their phone number as at home");

{
  const VerificationMessageTemplate = { DefaultEmailOption: "CONFIRM_WITH_LINK" };
  const linked = await createPool({ ...verified, VerificationMessageTemplate });
  const page = await visitor();
  await visit(page, linked, {}, "signup");
  await send(page, { "#username": "fay", "#attribute-email": "fay@example.com", "#newPassword": password });
  const { messages } = await (await fetch(`${url}/_cognate/inbox.json`)).json();
  const { link } = messages.find((message) => message.to === "fay@example.com");
  await page.goto(link);
  await look(page, "link-confirm");
  await send(page, {});
  await says(page, /Your account is ready/);
  await look(page, "link-confirmed");
  // A browser tells of every status that is none of success.
  page.removeAllListeners("console");
  await page.goto(link);
  await send(page, {});
  await says(page, /This link no longer works/);
  await look(page, "link-old");
  const checks = await visit(page, linked);
  await signIn(page, "fay");
  await comesBack(page, linked, checks);
  for (const value of ["Valid", "Invalid"]) {
    await page.goto(`${url}/${linked.id}/feedback?token=of-nothing&value=${value}`);
    await look(page, `feedback-${value.toLowerCase()}`);
  }
  await send(page, {});
  await look(page, "feedback-old");
}
console.log("  links in messages lead to pages that ask first");

{
  const unasked = await createPool({});
  const page = await visitor();
  await visit(page, unasked, {}, "signup");
  await send(page, { "#username": "gus", "#newPassword": password });
  await look(page, "sign-up-waits");
}
console.log("  somebody waits to be let in");
