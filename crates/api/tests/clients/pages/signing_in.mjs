// Signing in: with a password, a code, a request that was pushed, tokens bound to a key, and without JavaScript.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import * as oidc from "openid-client";

import {
  comesBack,
  createPool,
  home,
  language,
  languages,
  look,
  password,
  says,
  send,
  sentTo,
  signIn,
  url,
  user,
  verified,
  visit,
  visitor,
} from "../browsing.mjs";

const factors = { Policies: { SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD", "EMAIL_OTP"] } } };
const pool = await createPool({ ...factors, ...verified });
await user(pool, "ada");

{
  const page = await visitor();
  await visit(page, pool);
  await says(page, /to continue to The app/);
  await look(page, "sign-in");
  for (const lang of languages) {
    await visit(page, pool, { lang });
    assert.equal(await page.$eval("html", (html) => html.lang), lang);
    await look(page, `sign-in-${lang}`);
    await page.goto(page.url().replace("/login", "/signup"));
    await look(page, `sign-up-${lang}`);
  }
  const checks = await visit(page, pool, { nonce: "n-0S6", lang: language });
  await signIn(page, "ada", "wrong");
  await says(page, /do not go together/);
  await look(page, "sign-in-wrong");
  await signIn(page, "ada");
  const tokens = await comesBack(page, pool, checks);
  const { sub } = tokens.claims();
  const info = await oidc.fetchUserInfo(pool.config, tokens.access_token, sub);
  assert.deepEqual([info.email, info.username], ["ada@example.com", "ada"]);

  const silent = await visit(page, pool, { prompt: "none" });
  assert.equal((await comesBack(page, pool, silent)).claims().sub, sub);
  const again = await visit(page, pool, { prompt: "select_account" });
  await look(page, "sign-in-known");
  await send(page, {});
  await comesBack(page, pool, again);

  const bye = { post_logout_redirect_uri: `${home}/bye`, id_token_hint: tokens.id_token, state: "s" };
  await page.goto(oidc.buildEndSessionUrl(pool.config, bye));
  assert.equal(page.url(), `${home}/bye?state=s`);
  await visit(page, pool, { prompt: "none" });
  assert.match(page.url(), /error=login_required/);
  await page.goto(`${url}/${pool.id}/logout`);
  await look(page, "sign-out");
  await send(page, {});
  await says(page, /You are signed out/);
  await look(page, "signed-out");
}
console.log("  openid-client signs somebody in, silently again, and out");

{
  const page = await visitor();
  await visit(page, pool);
  await send(page, { "#signInFormUsername": "ada" }, "button[name=other]");
  await look(page, "choose");
  await page.click("input[value=PASSWORD]");
  await send(page, {});
  await look(page, "password");
  await send(page, { "input[type=password]": "wrong" });
  await look(page, "password-wrong");
  const checks = await visit(page, pool);
  await send(page, { "#signInFormUsername": "ada" }, "button[name=other]");
  await page.click("input[value=EMAIL_OTP]");
  await send(page, {});
  await look(page, "code");
  await send(page, { "#code": "00000000" });
  await says(page, /That code is not right/);
  await look(page, "code-wrong");
  await send(page, {}, ".ways form:last-of-type button");
  await says(page, /How would you like to sign in/);
  await page.click("input[value=EMAIL_OTP]");
  await send(page, {});
  await send(page, { "#code": await sentTo("ada@example.com") });
  await comesBack(page, pool, checks);
}
console.log("  somebody chooses a code by email");

{
  const strict = await createPool({ ...verified, UserPoolTags: { "cognate:par": "required" } });
  await user(strict, "mary");
  const page = await visitor();
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const address = await oidc.buildAuthorizationUrlWithPAR(strict.config, {
    redirect_uri: `${home}/cb`,
    scope: "openid",
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: "pushed",
  });
  assert.ok(!address.href.includes("S256"), address.href);
  await page.goto(address);
  await signIn(page, "mary");
  await comesBack(page, strict, { pkceCodeVerifier, expectedState: "pushed" });
  await visit(page, strict);
  assert.match(page.url(), /error=invalid_request/);
}
console.log("  somebody signs in by a request that was pushed");

{
  const bound = await createPool({ ...verified, UserPoolTags: { "cognate:dpop": "required", "cognate:par": "on" } });
  assert.ok(bound.config.serverMetadata().dpop_signing_alg_values_supported.includes("ES256"));
  await user(bound, "mary");
  const page = await visitor();
  const withoutKey = await visit(page, bound);
  await signIn(page, "mary");
  await assert.rejects(comesBack(page, bound, withoutKey), { error: "invalid_dpop_proof" });
  for (const algorithm of ["ES256", "Ed25519", "PS256"]) {
    const DPoP = oidc.getDPoPHandle(bound.config, await oidc.randomDPoPKeyPair(algorithm));
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
    const request = {
      redirect_uri: `${home}/cb`,
      scope: "openid email",
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
    };
    await page.goto(await oidc.buildAuthorizationUrlWithPAR(bound.config, request, { DPoP }));
    const tokens = await comesBack(page, bound, { pkceCodeVerifier }, { DPoP });
    assert.equal(tokens.token_type, "dpop");
    const { sub } = tokens.claims();
    assert.equal((await oidc.fetchUserInfo(bound.config, tokens.access_token, sub, { DPoP })).email, "mary@example.com");
    const stolen = oidc.fetchUserInfo(bound.config, tokens.access_token, sub);
    await assert.rejects(stolen, { code: "OAUTH_WWW_AUTHENTICATE_CHALLENGE" });
    const refreshed = await oidc.refreshTokenGrant(bound.config, tokens.refresh_token, {}, { DPoP });
    assert.equal((await oidc.fetchUserInfo(bound.config, refreshed.access_token, sub, { DPoP })).sub, sub);
    const thief = { DPoP: oidc.getDPoPHandle(bound.config, await oidc.randomDPoPKeyPair()) };
    const wanted = oidc.refreshTokenGrant(bound.config, tokens.refresh_token, {}, thief);
    await assert.rejects(wanted, { error: "invalid_grant" });
  }
}
console.log("  tokens are of no use without the key that they are bound to");

{
  const page = await visitor();
  page.removeAllListeners("console");
  const of = `client_id=${pool.client}`;
  for (const [name, query] of [["error-client", "client_id=nobody"], ["error-redirect", of], ["error-request", `${of}&${of}`]]) {
    await page.goto(`${url}/${pool.id}/login?response_type=code&redirect_uri=https://elsewhere.example/&${query}`);
    await look(page, name);
  }
  await visit(page, pool);
  await page.$eval("[name=_csrf]", (field) => (field.value = "of another page"));
  await signIn(page, "ada");
  await look(page, "page-expired");
}
{
  // An app that has registered itself.
  const open = await createPool(verified);
  // With members that the SDK does not have yet.
  const target = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "AWSCognitoIdentityProviderService.UpdateUserPool",
    authorization: "AWS4-HMAC-SHA256 Credential=anybody",
  };
  const body = JSON.stringify({ UserPoolId: open.id, ...verified, DcrConfiguration: { OpenDcrEnabled: true, AllowedScopes: [] } });
  const update = await fetch(url, { method: "POST", headers: target, body });
  assert.equal(update.status, 200, await update.text());
  await sleep(1000);
  const metadata = { client_name: "An agent", redirect_uris: [`${home}/cb`], token_endpoint_auth_method: "none" };
  const register = `${url}/${open.id}/oauth2/register`;
  const made = await fetch(register, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(metadata) });
  const { client_id } = await made.json();
  const page = await visitor();
  for (const [name, at] of [["sign-in-stranger", "login"], ["sign-up-stranger", "signup"]]) {
    const query = new URLSearchParams({ client_id, response_type: "code", redirect_uri: `${home}/cb`, scope: "openid" });
    query.append("code_challenge", await oidc.calculatePKCECodeChallenge(oidc.randomPKCECodeVerifier()));
    query.append("code_challenge_method", "S256");
    await page.goto(`${url}/${open.id}/${at}?${query}`);
    await says(page, /An agent has registered itself/);
    await look(page, name);
  }
}
console.log("  an app that nobody looked at is shown for what it is");
{
  // By the keyboard alone, where somebody is taken to what comes first.
  const page = await visitor();
  const checks = await visit(page, pool);
  // A browser moves the focus once the page is painted.
  await page.waitForFunction(() => document.activeElement.name === "username", { timeout: 5000 });
  await page.keyboard.type("ada");
  await page.keyboard.press("Tab");
  await page.keyboard.type("wrong");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  await page.waitForFunction(() => document.activeElement.getAttribute("role") === "alert", { timeout: 5000 });
  for (let steps = 0; (await page.evaluate(() => document.activeElement.type)) !== "password"; steps++) {
    assert.ok(steps < 9, "no way to the password");
    await page.keyboard.press("Tab");
  }
  await page.keyboard.type(password);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  await comesBack(page, pool, checks);
}
{
  // Where the browser's own colours rule, what is a button has an edge, and what has the focus a mark.
  const page = await visitor();
  const devtools = await page.createCDPSession();
  await devtools.send("Emulation.setEmulatedMedia", { features: [{ name: "forced-colors", value: "active" }] });
  await visit(page, pool);
  const styles = await page.$$eval("form .primary, form .quiet, :focus", (all) =>
    all.map((it) => getComputedStyle(it)).map(({ borderTopWidth, outlineStyle }) => borderTopWidth !== "0px" || outlineStyle !== "none"),
  );
  assert.ok(styles.length > 1 && styles.every(Boolean), `${styles}`);
}
{
  const page = await visitor();
  await page.setJavaScriptEnabled(false);
  const checks = await visit(page, pool);
  await page.type("#signInFormUsername", "ada");
  await page.type("#signInFormPassword", password);
  await Promise.all([page.waitForNavigation(), page.click("form .primary")]);
  await comesBack(page, pool, checks);
}
console.log("  links that lead nowhere say so, and nobody needs JavaScript");
