// express-openid-connect as an app that registers itself with a token, and hears behind its user's back that they signed out
// (OpenID Connect Back-Channel Logout 1.0); run.sh calls this.
//
//   sign_out.mjs URL CHROMIUM    URL of a server in development mode, path of the browser

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import express from "express";
import { auth } from "express-openid-connect";
import session from "express-session";
import * as oidc from "openid-client";
import { launch } from "puppeteer-core";

import { call, client } from "./development.mjs";

const [url, chromium] = [process.argv[2].replace(/\/$/, ""), process.argv[3]];
const idp = client(url);
const password = "Analytical-1843";
const insecure = { execute: [oidc.allowInsecureRequests] };

const web = express();
const server = createServer(web);
await once(server.listen(0, "127.0.0.1"), "listening");
const home = `http://127.0.0.1:${server.address().port}`;

const { UserPool } = await idp.createUserPool({ PoolName: "sign-out" });
const pool = UserPool.Id;
const issuer = new URL(`${url}/${pool}`);
await call(url, "UpdateUserPool", { UserPoolId: pool, DcrConfiguration: { AuthenticatedDcrEnabled: true } });
await sleep(1000);
const { UserPoolClient: registrar } = await idp.createUserPoolClient({
  UserPoolId: pool,
  ClientName: "registrar",
  GenerateSecret: true,
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthFlows: ["client_credentials"],
  AllowedOAuthScopes: ["aws.cognito/dcr/register"],
});
const machine = await oidc.discovery(issuer, registrar.ClientId, registrar.ClientSecret, undefined, insecure);
assert.ok(machine.serverMetadata().backchannel_logout_supported);
assert.ok(machine.serverMetadata().backchannel_logout_session_supported);
const { access_token: initialAccessToken } = await oidc.clientCredentialsGrant(machine);
const metadata = {
  client_name: "The app",
  redirect_uris: [`${home}/callback`],
  scope: "openid email",
  backchannel_logout_uri: `${home}/backchannel-logout`,
};
const app = await oidc.dynamicClientRegistration(issuer, metadata, undefined, { ...insecure, initialAccessToken });
assert.equal(app.clientMetadata().backchannel_logout_uri, metadata.backchannel_logout_uri);

const store = new session.MemoryStore();
web.use(
  auth({
    issuerBaseURL: issuer.href,
    baseURL: home,
    clientID: app.clientMetadata().client_id,
    clientSecret: app.clientMetadata().client_secret,
    secret: "of the app's own cookies, as long as may be",
    authorizationParams: { response_type: "code", scope: "openid email" },
    authRequired: false,
    backchannelLogout: { store },
  }),
);
web.get("/", (request, response) => response.send(request.oidc.isAuthenticated() ? request.oidc.user.email : "nobody"));

const browser = await launch({ executablePath: chromium, args: ["--no-sandbox"] });

/** A browser of a user's own, who has signed in to the app. */
async function visitor(username) {
  const page = await (await browser.createBrowserContext()).newPage();
  await page.goto(`${home}/login`);
  await page.type("#signInFormUsername", username);
  await page.type("#signInFormPassword", password);
  await Promise.all([page.waitForNavigation(), page.click("form .primary")]);
  return page;
}

const users = {};
for (const Username of ["ada", "mary"]) {
  const UserAttributes = [{ Name: "email", Value: `${Username}@example.com` }, { Name: "email_verified", Value: "true" }];
  await idp.adminCreateUser({ UserPoolId: pool, Username, MessageAction: "SUPPRESS", UserAttributes });
  await idp.adminSetUserPassword({ UserPoolId: pool, Username, Password: password, Permanent: true });
  users[Username] = await visitor(Username);
}

/** Whom the app knows in a user's browser. */
async function known(page) {
  await page.goto(home);
  return page.evaluate(() => document.body.innerText);
}

/** Waits until the app has heard that somebody is out. */
async function hears(page) {
  for (let attempt = 0; (await known(page)) !== "nobody"; attempt++) {
    assert.ok(attempt < 50, "the app was not told");
    await sleep(200);
  }
}

for (const [name, page] of Object.entries(users)) assert.equal(await known(page), `${name}@example.com`);
await idp.adminUserGlobalSignOut({ UserPoolId: pool, Username: "ada" });
await hears(users.ada);
assert.equal(await known(users.mary), "mary@example.com");
console.log("  express-openid-connect hears of an administrator's sign-out, of that user alone");

const elsewhere = await visitor("mary");
await users.mary.goto(`${url}/${pool}/logout`);
await Promise.all([users.mary.waitForNavigation(), users.mary.click("form .primary")]);
await hears(users.mary);
assert.equal(await known(elsewhere), "mary@example.com");
console.log("  and of one at the pages, in that browser alone");

await browser.close();
server.close();
server.closeAllConnections();
await idp.deleteUserPool({ UserPoolId: pool });
