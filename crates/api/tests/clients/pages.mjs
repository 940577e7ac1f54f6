// The pages in Chromium, as an app that uses openid-client sends its users there: each page is looked at by axe-core, and
// photographed where a folder is named; run.sh calls this.
//
//   pages.mjs URL CHROMIUM [FOLDER]    URL of a server in development mode, path of the browser, where photographs go

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import * as oidc from "openid-client";

import {
  comesBack,
  createPool,
  end,
  home,
  idp,
  languages,
  look,
  password,
  seen,
  send,
  sentTo,
  signIn,
  text,
  url,
  user,
  visit,
  visitor,
} from "./browsing.mjs";
import { totp } from "./totp.mjs";

const factors = { Policies: { SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD", "EMAIL_OTP"] } } };
const verified = { AutoVerifiedAttributes: ["email"] };
const named = { Schema: [{ Name: "given_name", AttributeDataType: "String", Required: true, Mutable: true }] };
const pool = await createPool({ ...factors, ...verified });
await user(pool, "ada");

{
  const page = await visitor();
  await visit(page, pool);
  assert.match(await text(page), /Sign in to continue|to continue to The app/);
  await look(page, "sign-in");
  for (const lang of languages) {
    await visit(page, pool, { lang });
    assert.equal(await page.$eval("html", (html) => html.lang), lang);
    await look(page, `sign-in-${lang}`);
    await page.goto(page.url().replace("/login", "/signup"));
    await look(page, `sign-up-${lang}`);
  }
  const checks = await visit(page, pool, { nonce: "n-0S6", lang: "en" });
  await signIn(page, "ada", "wrong");
  assert.match(await text(page), /do not go together/);
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
  assert.match(await text(page), /You are signed out/);
  await look(page, "signed-out");
}
console.log("  openid-client signs somebody in, silently again, and out");

{
  const page = await visitor();
  await visit(page, pool);
  await send(page, { "#signInFormUsername": "ada" }, "button[name=other]");
  await look(page, "choose");
  await page.click("input[value=EMAIL_OTP]");
  const checks = await visit(page, pool);
  await send(page, { "#signInFormUsername": "ada" }, "button[name=other]");
  await page.click("input[value=EMAIL_OTP]");
  await send(page, {});
  await look(page, "code");
  await send(page, { "#code": "00000000" });
  assert.match(await text(page), /That code is not right/);
  await look(page, "code-wrong");
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
  const checks = await visit(page, pool, {}, "signup");
  await look(page, "sign-up");
  const fields = { "#username": "carol", "#attribute-email": "carol@example.com" };
  await send(page, { ...fields, "#newPassword": "weak" });
  await look(page, "sign-up-wrong");
  await send(page, { "#newPassword": password });
  await look(page, "confirm");
  await Promise.all([page.waitForNavigation(), page.click(".ways form button")]);
  assert.match(await text(page), /new code is on its way/);
  await send(page, { "#code": await sentTo("carol@example.com") });
  assert.match(await text(page), /Your account is ready/);
  await look(page, "sign-in-ready");
  await send(page, { "#signInFormPassword": password });
  await comesBack(page, pool, checks);
}
{
  const page = await visitor();
  const checks = await visit(page, pool, {}, "forgotPassword");
  await look(page, "forgot");
  await send(page, { "#username": "carol" });
  await look(page, "reset");
  await send(page, { "#code": await sentTo("carol@example.com"), "#newPassword": `${password}-2` });
  assert.match(await text(page), /Your password was changed/);
  await send(page, { "#signInFormPassword": `${password}-2` });
  await comesBack(page, pool, checks);
}
console.log("  somebody makes an account, and forgets their password");

{
  const phones = await createPool({ UsernameAttributes: ["phone_number"], AutoVerifiedAttributes: ["phone_number"] });
  const page = await visitor();
  await visit(page, phones, { lang: "de" }, "signup");
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
  assert.equal(await page.$eval(".phone select", (list) => list.value), "DE");
  const checks = await visit(page, phones, { lang: "it" });
  await page.select(".phone select", "DE");
  await send(page, { "#signInFormUsername": "(0151) 23456789", "#signInFormPassword": password });
  await comesBack(page, phones, checks);
}
console.log("  somebody types their phone number as at home");

{
  const strict = await createPool({ ...verified, ...named });
  const UserPoolId = strict.id;
  await user(strict, "joan", { permanent: false, attributes: [{ Name: "given_name", Value: "Joan" }] });
  await idp.setUserPoolMfaConfig({ UserPoolId, MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: { Enabled: true } });
  await sleep(1000); // A server remembers a pool's settings a moment longer.
  const page = await visitor();
  const first = await visit(page, strict);
  await signIn(page, "joan");
  await look(page, "new-password");
  await send(page, { "#newPassword": `${password}-2` });
  await look(page, "set-up-app");
  const key = await page.$eval("figcaption code", (code) => code.textContent);
  await send(page, { "#code": totp(key, 0) });
  await comesBack(page, strict, first);
  await visit(page, strict, { prompt: "login" });
  await signIn(page, "joan", `${password}-2`);
  await look(page, "code-of-app");
}
console.log("  somebody chooses a password and sets an authenticator app up");

{
  // Passkeys know the pages by a name, which an address is not.
  const factors = { SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD", "WEB_AUTHN"] } };
  const named = await createPool({ Policies: factors, ...verified });
  const UserPoolId = named.id;
  await idp.setUserPoolMfaConfig({ UserPoolId, WebAuthnConfiguration: { RelyingPartyId: "localhost" } });
  await user(named, "grace");
  await sleep(1000);
  const page = await visitor();
  page.removeAllListeners("request");
  const devtools = await page.createCDPSession();
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const local = (checks) => page.goto(page.url().replace("127.0.0.1", "localhost")).then(() => checks);
  let checks = await local(await visit(page, named));
  await signIn(page, "grace");
  await comesBack(page, named, checks);
  const query = new URLSearchParams({ client_id: named.client, redirect_uri: `${home}/cb` });
  const add = `${url.replace("127.0.0.1", "localhost")}/${named.id}/passkeys/add?${query}`;
  await page.goto(add);
  await look(page, "add-passkey");
  await send(page, {});
  assert.equal(page.url(), `${home}/cb`);

  // Among the names that the browser suggests; the authenticator of this one takes the first.
  checks = await visit(page, named, { prompt: "login" });
  await local();
  for (let attempt = 0; attempt < 50 && !page.url().startsWith(home); attempt++) await sleep(100);
  assert.equal((await comesBack(page, named, checks)).claims()["cognito:username"], "grace");
  // By a button, without saying who it is; and after saying so.
  await page.evaluateOnNewDocument(() => (PublicKeyCredential.isConditionalMediationAvailable = async () => false));
  checks = await visit(page, named, { prompt: "login" });
  await local();
  await look(page, "sign-in-passkey");
  await send(page, {}, "form[data-passkey=offer] button");
  assert.equal((await comesBack(page, named, checks)).claims()["cognito:username"], "grace");
  checks = await visit(page, named, { prompt: "login" });
  await local();
  await send(page, { "#signInFormUsername": "grace" }, "button[name=other]");
  await page.click("input[value=WEB_AUTHN]");
  await send(page, {});
  await look(page, "passkey");
  await send(page, {});
  await comesBack(page, named, checks);

  // Somebody new is offered one on the way to the app, and may do without.
  for (const [name, goesOn] of [["joan", (page) => send(page, {})], ["mary", (page) => send(page, {}, ".ways a")]]) {
    await page.deleteCookie(...(await page.cookies(`http://localhost:${new URL(url).port}`)));
    checks = await visit(page, named, { prompt: "login" }, "signup");
    await local();
    await send(page, { "#username": name, "#attribute-email": `${name}@example.com`, "#newPassword": password });
    await send(page, { "#code": await sentTo(`${name}@example.com`) });
    await send(page, { "#signInFormPassword": password });
    assert.match(page.url(), /passkeys\/add/);
    await goesOn(page);
    assert.equal((await comesBack(page, named, checks)).claims()["cognito:username"], name);
  }

  const stranger = await visitor();
  stranger.removeAllListeners("request");
  await stranger.goto(add);
  assert.match(stranger.url(), /error=login_required/);
}
console.log("  somebody adds a passkey, and signs in with it");

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

{
  const dressed = await createPool(verified);
  const style = { UserPoolId: dressed.id, ClientId: dressed.client };
  const svg = (fill) => Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 40" width="160" height="40"><rect width="160" height="40" rx="8" fill="${fill}"/></svg>`,
  );
  const image = (Category, ColorMode, fill) => ({ Category, ColorMode, Extension: "SVG", Bytes: svg(fill) });
  const bar = { lightMode: { background: { color: "fff4ccff" } }, logo: { enabled: true, location: "START" } };
  const Settings = {
    categories: {
      form: { location: { horizontal: "END", vertical: "CENTER" }, languageSelector: { enabled: true } },
      global: { pageHeader: { enabled: true }, pageFooter: { enabled: true }, spacingDensity: "COMPACT" },
    },
    componentClasses: { buttons: { borderRadius: 24 }, input: { borderRadius: 2 } },
    components: {
      pageHeader: bar,
      pageFooter: { ...bar, logo: { enabled: false, location: "CENTER" } },
      pageBackground: { lightMode: { color: "fffaf0ff" } },
      form: {
        borderRadius: 16,
        logo: { enabled: true, location: "CENTER", position: "TOP", formInclusion: "IN" },
        lightMode: { backgroundColor: "ffffffff", borderColor: "f0d98aff" },
        darkMode: { backgroundColor: "1d2025ff", borderColor: "343a42ff" },
      },
      // Too weak for the white text on it, and for a heading: the pages darken it until both can be read.
      primaryButton: { lightMode: { defaults: { backgroundColor: "f2b705ff", textColor: "ffffffff" } } },
      pageText: { lightMode: { headingColor: "f2b705ff" } },
    },
  };
  const Assets = [
    image("PAGE_HEADER_LOGO", "DYNAMIC", "#f2b705"),
    image("FORM_LOGO", "LIGHT", "#8a6a00"),
    image("FORM_LOGO", "DARK", "#ffd966"),
    image("FAVICON_SVG", "DYNAMIC", "#f2b705"),
  ];
  await idp.createManagedLoginBranding({ ...style, Settings, Assets });
  const Links = { "cognito:default": `${home}/terms`, "cognito:german": `${home}/agb` };
  for (const TermsName of ["terms-of-use", "privacy-policy"]) {
    await idp.createTerms({ ...style, TermsName, TermsSource: "LINK", Enforcement: "NONE", Links });
  }
  const page = await visitor();
  await visit(page, dressed);
  const shown = await page.$$eval(".logo img, .bar img", (images) => images.map((it) => it.naturalWidth));
  assert.deepEqual(shown, [160, 160]);
  const button = await page.$eval(".primary", (it) => getComputedStyle(it).borderRadius);
  assert.equal(button, "24px");
  await look(page, "look-sign-in");
  await visit(page, dressed, { lang: "de" }, "signup");
  assert.match(await text(page), /stimmst du diesen Dokumenten zu: Nutzungsbedingungen und Datenschutzerklärung\./);
  assert.equal(await page.$eval(".terms a", (link) => link.href), `${home}/agb`);
  await look(page, "look-sign-up");

  await idp.deleteManagedLoginBranding({
    UserPoolId: dressed.id,
    ManagedLoginBrandingId: (await idp.describeManagedLoginBrandingByClient(style)).ManagedLoginBranding
      .ManagedLoginBrandingId,
  });
  const CSS = ".submitButton-customizable { background-color: #7a1f5c; } .label-customizable { font-weight: 400; }";
  await idp.setUICustomization({ UserPoolId: dressed.id, ClientId: "ALL", CSS });
  await sleep(1000);
  await visit(page, dressed, { lang: "en" });
  const classic = await page.evaluate(() =>
    [".primary", "label"].map((it) => getComputedStyle(document.querySelector(it))).map((it) => [it.backgroundColor, it.fontWeight]),
  );
  assert.deepEqual([classic[0][0], classic[1][1]], ["rgb(122, 31, 92)", "400"]);
  await look(page, "look-classic");
}
console.log("  a tenant's pages have the tenant's looks, and name their terms");

{
  const allowing = await createPool({ ...verified, UserPoolTags: { "cognate:device_grant": "on" } });
  await user(allowing, "eve");
  const begun = await oidc.initiateDeviceAuthorization(allowing.config, { scope: "openid email" });
  const signedIn = oidc.pollDeviceAuthorizationGrant(allowing.config, begun);
  const page = await visitor();
  await page.goto(begun.verification_uri);
  await look(page, "device");
  await page.goto(`${begun.verification_uri}?lang=ar`);
  await look(page, "device-ar");
  await page.goto(`${begun.verification_uri}?lang=en`);
  await send(page, { "#user_code": "BBBB-BBBB" });
  assert.match(await text(page), /That code is not right/);
  await look(page, "device-wrong");
  await send(page, { "#user_code": begun.user_code });
  await signIn(page, "eve");
  assert.ok((await text(page)).includes(begun.user_code), await text(page));
  await look(page, "device-allow");
  await send(page, {});
  assert.match(await text(page), /Your device is connected/);
  await look(page, "device-allowed");
  const tokens = await signedIn;
  assert.deepEqual([tokens.claims()["cognito:username"], tokens.scope], ["eve", undefined]);

  const other = await oidc.initiateDeviceAuthorization(allowing.config, {});
  const refused = assert.rejects(oidc.pollDeviceAuthorizationGrant(allowing.config, other), { error: "access_denied" });
  await page.goto(other.verification_uri_complete);
  await send(page, {});
  await send(page, {}, ".ways form button");
  assert.match(await text(page), /was not connected/);
  await refused;
}
console.log("  a device is signed in by who enters its code");

{
  const page = await visitor();
  page.removeAllListeners("console");
  for (const [name, query] of [["error-client", "client_id=nobody"], ["error-redirect", `client_id=${pool.client}`]]) {
    await page.goto(`${url}/${pool.id}/login?response_type=code&redirect_uri=https://elsewhere.example/&${query}`);
    await look(page, name);
  }
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

await end();
console.log(`  ${seen.size} pages and states, without a complaint of axe`);
