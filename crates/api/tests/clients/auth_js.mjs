// Auth.js (NextAuth), with the provider that it has for Cognito, and whoever signs in as Cypress' documentation has it; run.sh calls
// this.
//
//   auth_js.mjs URL CHROMIUM    URL of a server in development mode, path of the browser

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";

import { ExpressAuth, getSession } from "@auth/express";
import Cognito from "@auth/express/providers/cognito";
import express from "express";
import { launch } from "puppeteer-core";

import { client } from "./development.mjs";

const [url, chromium] = [process.argv[2].replace(/\/$/, ""), process.argv[3]];
const idp = client(url);
const password = "Analytical-1843";

const web = express();
const server = createServer(web);
await once(server.listen(0, "127.0.0.1"), "listening");
const home = `http://127.0.0.1:${server.address().port}`;

const { UserPool } = await idp.createUserPool({ PoolName: "auth-js" });
const UserPoolId = UserPool.Id;
const { UserPoolClient } = await idp.createUserPoolClient({
  UserPoolId,
  ClientName: "The app",
  GenerateSecret: true,
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthFlows: ["code"],
  AllowedOAuthScopes: ["openid", "email", "profile"],
  CallbackURLs: [`${home}/auth/callback/cognito`],
  SupportedIdentityProviders: ["COGNITO"],
});
const UserAttributes = [
  { Name: "email", Value: "mary@example.com" },
  { Name: "email_verified", Value: "true" },
  { Name: "name", Value: "Mary Somerville" },
];
await idp.adminCreateUser({ UserPoolId, Username: "mary", MessageAction: "SUPPRESS", UserAttributes });
await idp.adminSetUserPassword({ UserPoolId, Username: "mary", Password: password, Permanent: true });

const config = {
  trustHost: true,
  secret: "of the app's own cookies, as long as may be",
  providers: [
    Cognito({
      clientId: UserPoolClient.ClientId,
      clientSecret: UserPoolClient.ClientSecret,
      issuer: `${url}/${UserPoolId}`,
    }),
  ],
  callbacks: {
    jwt: ({ token, account, profile }) => (account ? { ...token, account, profile } : token),
    session: ({ session, token }) => ({ ...session, account: token.account, profile: token.profile }),
  },
};
web.use("/auth", ExpressAuth(config));
web.get("/", async (request, response) => response.json(await getSession(request, config)));

const browser = await launch({ executablePath: chromium, args: ["--no-sandbox"] });
const page = await browser.newPage();
const press = (button) => Promise.all([page.waitForNavigation(), page.click(button)]);
await page.goto(`${home}/auth/signin`);
await press("form[action$='/cognito'] button");
assert.ok(page.url().startsWith(`${url}/${UserPoolId}/`), page.url());
await page.type('input[name="username"]', "mary");
await page.type('input[name="password"]', password);
await press('input[name="signInSubmitButton"]');
assert.equal(page.url(), `${home}/`);
const session = JSON.parse(await page.evaluate(() => document.body.innerText));
assert.deepEqual(session.user, { name: "Mary Somerville", email: "mary@example.com" });
assert.equal(session.profile["cognito:username"], "mary");
assert.ok(session.account.access_token && session.account.refresh_token);
console.log("  Auth.js signs somebody in with its provider for Cognito");

await browser.close();
server.close();
