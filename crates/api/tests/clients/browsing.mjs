// What the scripts have in common that look at pages in Chromium: pools with an app, their users, browsers, and what axe-core says of
// a page, which is photographed where a folder is named. pages.mjs takes the same arguments.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import axe from "axe-core";
import * as oidc from "openid-client";
import { launch } from "puppeteer-core";

import { withAuthenticator } from "./authenticator.mjs";
import { client } from "./development.mjs";

const [chromium, folder] = process.argv.slice(3);
/** What the pages are in: every script may be run in another language, whose texts it does not read. */
export const language = process.env.COGNATE_PAGES_LANGUAGE ?? "en";
export const url = process.argv[2].replace(/\/$/, "");
export const idp = client(url);
export const password = "Analytical-1843";
const insecure = { execute: [oidc.allowInsecureRequests] };

/** An app, of which there is nothing but the addresses that users come back to. */
const app = createServer((_, response) => response.setHeader("content-type", "text/html").end("<title>The app</title>"));
app.listen(0, "127.0.0.1");
await once(app, "listening");
export const home = `http://127.0.0.1:${app.address().port}`;

/** Settings of pools. */
export const verified = { AutoVerifiedAttributes: ["email"] };
export const named = { Schema: [{ Name: "given_name", AttributeDataType: "String", Required: true, Mutable: true }] };

export async function createPool(settings, scopes = []) {
  const { UserPool } = await idp.createUserPool({ PoolName: "pages", ...settings });
  const UserPoolId = UserPool.Id;
  const { UserPoolClient } = await idp.createUserPoolClient({
    UserPoolId,
    ClientName: "The app",
    ExplicitAuthFlows: ["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthFlows: ["code"],
    AllowedOAuthScopes: ["openid", "email", "profile", ...scopes],
    CallbackURLs: [`${home}/cb`],
    LogoutURLs: [`${home}/bye`],
    SupportedIdentityProviders: ["COGNITO"],
  });
  const issuer = new URL(`${url}/${UserPoolId}`);
  const config = await oidc.discovery(issuer, UserPoolClient.ClientId, undefined, oidc.None(), insecure);
  return { id: UserPoolId, client: UserPoolClient.ClientId, config };
}

export async function user(pool, Username, { permanent = true, attributes = [] } = {}) {
  const UserAttributes = [
    { Name: "email", Value: `${Username}@example.com` },
    { Name: "email_verified", Value: "true" },
    ...attributes,
  ];
  await idp.adminCreateUser({ UserPoolId: pool.id, Username, MessageAction: "SUPPRESS", UserAttributes });
  await idp.adminSetUserPassword({ UserPoolId: pool.id, Username, Password: password, Permanent: permanent });
}

/** The code that was sent last to an address. */
export async function sentTo(address) {
  for (let attempt = 0; attempt < 50; attempt++) {
    const { messages } = await (await fetch(`${url}/_cognate/inbox.json`)).json();
    const found = messages.find((message) => message.to === address);
    if (found) return found.code;
    await sleep(100);
  }
  throw new Error(`no message to ${address}`);
}

const browser = await launch({ executablePath: chromium, args: ["--no-sandbox"] });
if (folder) await mkdir(folder, { recursive: true });

/** A browser of somebody's own, whose page complains of whatever a policy or a script refuses. */
export async function visitor() {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setExtraHTTPHeaders({ "accept-language": language });
  page.on("pageerror", (error) => assert.fail(error));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().includes("404")) assert.fail(message.text());
  });
  page.on("request", (request) => {
    const { origin } = new URL(request.url());
    if (!request.url().startsWith("data:")) assert.ok([new URL(url).origin, home].includes(origin), request.url());
  });
  return page;
}

/** The same with an authenticator, which knows the pages by a name: an address is none. */
export async function visitorWithAuthenticator() {
  const page = await visitor();
  page.removeAllListeners("request");
  await withAuthenticator(page);
  return page;
}

export const seen = new Set();
/** Languages that the first pages are looked at in as well: long words, and no blanks. */
export const languages = ["de", "ja"];

/** Looks at a page as axe does, at several widths and in both colour schemes, and photographs it. */
export async function look(page, name) {
  if (language !== "en") {
    if ((await spoken(page)) !== language) return;
    name = `${name}-${language}`;
  }
  assert.ok(!seen.has(name), name);
  seen.add(name);
  for (const scheme of ["light", "dark"]) {
    for (const [device, width] of [["desktop", 1280], ["phone", 320]]) {
      // Colours that are still on their way from one scheme to the other are nobody's to read.
      const still = { name: "prefers-reduced-motion", value: "reduce" };
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }, still]);
      await page.setViewport({ width, height: 800 });
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
      const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
      assert.deepEqual(told, [], `${name}, ${scheme}, ${device}`);
      for (const size of ["", "200%"]) {
        // Text alone at twice its size (WCAG 2.2, 1.4.4); a page at twice its size is one of half the width.
        const overflow = await page.evaluate((size) => {
          document.documentElement.style.fontSize = size;
          return document.documentElement.scrollWidth - innerWidth;
        }, device === "desktop" ? size : "");
        assert.ok(overflow <= 0, `${name} scrolls sideways by ${overflow} pixels with text of ${size || "100%"}`);
      }
      await page.evaluate(() => (document.documentElement.style.fontSize = ""));
      if (!folder) continue;
      // In one window: a photograph of a whole page is off to the side where that is written from right to left.
      const height = await page.evaluate(() => Math.max(innerHeight, document.documentElement.scrollHeight));
      await page.setViewport({ width, height });
      await page.screenshot({ path: `${folder}/${name}-${scheme}-${device}.png` });
    }
  }
  const weight = await page.evaluate(() => {
    const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    return entries.reduce((sum, entry) => sum + entry.decodedBodySize, 0);
  });
  assert.ok(weight < 30_000, `${name} weighs ${weight} bytes`);
}

export const text = (page) => page.evaluate(() => document.body?.innerText ?? "");

/** Expects a page to say something, as far as it is one that the script reads. */
export async function says(page, what) {
  if ((await spoken(page)) === "en") assert.match(await text(page), what);
}

/** The language of a page, which is the one that its address asks for, or else that of the script. */
async function spoken(page) {
  const shown = await page.$eval("html", (html) => html.lang);
  assert.equal(shown, new URL(page.url()).searchParams.get("lang") ?? language, page.url());
  return shown;
}

/** Fills fields in, presses the first button and waits for what comes. */
export async function send(page, fields, button = "form .primary") {
  for (const [selector, value] of Object.entries(fields)) {
    await page.$eval(selector, (field) => (field.value = ""));
    await page.type(selector, value);
  }
  await Promise.all([page.waitForNavigation(), page.click(button)]);
}

/** Has another code sent, as if the time had passed in which the button waits for the one before. */
export async function resend(page) {
  assert.match(await page.$eval("[data-wait]", (button) => button.textContent), /0:[0-3]\d/);
  await Promise.all([page.waitForNavigation(), page.$eval("[data-wait]", (button) => button.form.submit())]);
}

export const signIn = (page, username, secret = password) =>
  send(page, { "#signInFormUsername": username, "#signInFormPassword": secret });

/** Sends somebody to the pages, as an app does. */
export async function visit(page, pool, more = {}, at) {
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const parameters = {
    redirect_uri: `${home}/cb`,
    scope: "openid email profile",
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    ...more,
  };
  const address = oidc.buildAuthorizationUrl(pool.config, parameters);
  if (at) address.pathname = address.pathname.replace("oauth2/authorize", at);
  await page.goto(address);
  return { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: more.nonce };
}

/** What the app gets once somebody has come back. */
export async function comesBack(page, pool, checks, options) {
  assert.ok(page.url().startsWith(`${home}/cb?`), `${page.url()} ${await text(page)}`);
  return oidc.authorizationCodeGrant(pool.config, new URL(page.url()), checks, undefined, options);
}

/** Ends the browser and the app; of photographs there is a page with all. */
export async function end() {
  const kinds = ["light-desktop", "dark-desktop", "light-phone", "dark-phone"];
  const shown = (name) => kinds.map((kind) => `<a href="${name}-${kind}.png"><img src="${name}-${kind}.png" height="360" alt="${kind}"></a>`);
  const rows = [...seen].map((name) => `<h2>${name}</h2><p>${shown(name).join(" ")}</p>`);
  if (folder) await writeFile(`${folder}/${language === "en" ? "index" : language}.html`, `<!doctype html><meta charset="utf-8"><title>Pages</title>${rows.join("\n")}`);
  await browser.close();
  app.close();
  app.closeAllConnections();
}
